"""One endpoint of the trial in one phase: everything that is reported of it, as plain JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trial_core.statistics.cumulative_incidence import (
    CENSORED,
    IncidenceCurve,
    cumulative_incidence,
    incidence_at,
)
from trial_core.statistics.follow_up import FloatArray, follow_up
from trial_core.statistics.kaplan_meier import SurvivalCurve
from trial_core.statistics.survival import SurvivalAnalysis, analyse_survival, survival_data
from trial_core.statistics.survival_json import survival_to_json
from trial_core.statistics.survival_remarks import remarks


@dataclass(frozen=True, kw_only=True)
class Observed:
    """One subject's time to an endpoint.

    Attributes
    ----------
    days
        From the start, the start itself being day 1.
    cause
        0: censored; 1, 2, ...: the kind of event.
    stratum
        None: missing; the subject leaves the stratified results only.
    """

    group: str
    days: int
    cause: int
    stratum: str | None = None


def endpoint_to_json(
    observed: Sequence[Observed], *, reference: str | None, landmark_days: Sequence[int]
) -> dict[str, Any] | None:
    """Curves, tests, hazard ratio, restricted means and landmarks with their remarks; None of nobody.

    Parameters
    ----------
    reference
        The group that the other one is compared with; None where there is one group only.
    """
    if not observed:
        return None
    strata = [each.stratum for each in observed] if any(each.stratum for each in observed) else None
    followed = follow_up(_days(observed), np.array([each.cause != CENSORED for each in observed]))
    data = survival_data(followed, [each.group for each in observed], strata)
    analysis = analyse_survival(data, reference=reference, landmark_days=landmark_days)
    return {
        **survival_to_json(analysis),
        "curves": _curves(analysis),
        "findings": [
            {"code": each.code.value, "message": each.message, "grave": each.grave}
            for each in remarks(analysis)
        ],
    }


def incidence_to_json(
    observed: Sequence[Observed], *, causes: Sequence[str], landmark_days: Sequence[int]
) -> dict[str, Any]:
    """Cumulative incidence of each cause in each group, where the other causes compete with it.

    Parameters
    ----------
    causes
        Words for the causes 1, 2, ...
    """
    groups = sorted({each.group for each in observed})
    return {
        group: {
            words: _incidence([each for each in observed if each.group == group], number, landmark_days)
            for number, words in enumerate(causes, start=1)
        }
        for group in groups
    }


def _incidence(observed: Sequence[Observed], cause: int, landmark_days: Sequence[int]) -> dict[str, Any]:
    causes = np.array([each.cause for each in observed], dtype=np.int64)
    curve = cumulative_incidence(_days(observed), causes, cause)
    return {
        "n": len(observed),
        "events": int((causes == cause).sum()),
        "curve": _incidence_curve(curve),
        "landmarks": [_incidence_landmark(curve, day) for day in landmark_days],
    }


def _incidence_curve(curve: IncidenceCurve) -> dict[str, list[float | None]]:
    return {
        "days": _numbers(curve.times_days),
        "incidence": _numbers(curve.incidence),
        "lower": _numbers(curve.lower),
        "upper": _numbers(curve.upper),
    }


def _incidence_landmark(curve: IncidenceCurve, day: int) -> dict[str, float | None]:
    estimate = incidence_at(curve, day)
    return {"at": day, "incidence": estimate.value, "lower": estimate.lower, "upper": estimate.upper}


def _curves(analysis: SurvivalAnalysis) -> dict[str, Any]:
    return {key: _curve(group.curve) for key, group in analysis.groups.items()}


def _curve(curve: SurvivalCurve) -> dict[str, list[float | None]]:
    return {
        "days": _numbers(curve.times_days),
        "at_risk": _numbers(curve.at_risk),
        "events": _numbers(curve.events),
        "survival": _numbers(curve.survival),
        "lower": _numbers(curve.lower),
        "upper": _numbers(curve.upper),
    }


def _days(observed: Sequence[Observed]) -> FloatArray:
    return np.array([each.days for each in observed], dtype=np.float64)


def _numbers(values: FloatArray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]
