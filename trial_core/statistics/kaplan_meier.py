"""Kaplan-Meier curves with log-log limits, medians, landmark rates and numbers at risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from trial_core.statistics.follow_up import SAME_TIME, FloatArray, FollowUp

LEVEL = 0.95
NORMAL_QUANTILE = float(ndtri((1 + LEVEL) / 2))
HALF_WITHIN = SAME_TIME
"""A curve this near to 0.5 meets it: R's tolerance in `print.survfit` (survival 3.5-3, `survmean`)."""


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % limits; None is what the data do not show ("not reached")."""

    value: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class SurvivalCurve:
    """A Kaplan-Meier curve at the k distinct times of its subjects.

    Attributes
    ----------
    times_days, at_risk, events, survival, lower, upper
        shape (k,); the limits are NaN where the curve is 0 or 1 and they are not defined.
    """

    times_days: FloatArray
    at_risk: FloatArray
    events: FloatArray
    survival: FloatArray
    lower: FloatArray
    upper: FloatArray


def kaplan_meier(follow_up: FollowUp) -> SurvivalCurve:
    """Estimate survival with Greenwood's variance and log-log limits (Kalbfleisch and Prentice 2002, 1.4).

    lifelines carries the curve. Its limits where the curve is 0 or 1 are left out as R does: [0, 0] would end
    the median's interval at a time that nothing supports.
    """
    from lifelines import KaplanMeierFitter  # noqa: PLC0415 - most of the trial's record needs no statistics

    fitted = KaplanMeierFitter(alpha=1 - LEVEL).fit(follow_up.times_days, follow_up.events)
    table = fitted.event_table.loc[fitted.event_table["removed"] > 0]
    survival = fitted.survival_function_.loc[table.index].to_numpy()[:, 0]
    limits = fitted.confidence_interval_.loc[table.index].to_numpy()
    limits[(survival <= 0) | (survival >= 1)] = np.nan
    at_risk, events = (table[name].to_numpy(dtype=np.float64) for name in ("at_risk", "observed"))
    times_days = table.index.to_numpy(dtype=np.float64)
    return SurvivalCurve(times_days, at_risk, events, survival, limits[:, 0], limits[:, 1])


def median_days(curve: SurvivalCurve) -> Estimate:
    """Give the median and the limits of Brookmeyer and Crowley (1982) on the log-log scale."""
    times = curve.times_days
    return Estimate(
        _crosses_half(times, curve.survival),
        _crosses_half(times, curve.lower),
        _crosses_half(times, curve.upper),
    )


def survival_at(curve: SurvivalCurve, day: float) -> Estimate:
    """Give the survival at a day; None behind the end of follow-up unless the curve has come down to 0."""
    if day > curve.times_days[-1] and curve.survival[-1] > 0:
        return Estimate(None, None, None)
    last = int(np.searchsorted(curve.times_days, day, side="right")) - 1
    if last < 0:
        return Estimate(1.0, None, None)
    return Estimate(float(curve.survival[last]), _or_none(curve.lower[last]), _or_none(curve.upper[last]))


def number_at_risk(follow_up: FollowUp, day: float) -> int:
    """Count who is still observed just before a day."""
    return int(np.count_nonzero(follow_up.times_days >= day))


def _crosses_half(times_days: FloatArray, heights: FloatArray) -> float | None:
    """First time at which a falling curve is at 0.5 or below.

    Where it runs level at 0.5, the middle between the start of that stretch and the next fall, as R prints
    it; where it never falls again, the start. Floating error must not decide whether 0.5 is met.
    """
    known = ~np.isnan(heights)
    below = known & (heights < 0.5 + HALF_WITHIN)
    if not below.any():
        return None
    times, reached = times_days[below], heights[below]
    falls = np.flatnonzero(reached < reached[0])
    if abs(reached[0] - 0.5) < HALF_WITHIN and falls.size:
        return float((times[0] + times[falls[0]]) / 2)
    return float(times[0])


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
