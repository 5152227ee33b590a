"""A survival analysis as JSON; the keys are promises to whoever reads the file."""

from __future__ import annotations

from typing import Any

from trial_core.statistics.cox import CoxFit
from trial_core.statistics.follow_up import FollowUp
from trial_core.statistics.kaplan_meier import Estimate, number_at_risk
from trial_core.statistics.restricted_mean import Difference, RestrictedMean
from trial_core.statistics.survival import (
    CoxResult,
    GroupSurvival,
    Landmark,
    LogRankResult,
    RestrictedMeans,
    SurvivalAnalysis,
)

_CURVE_STEPS = 8
_ROUND = (1.0, 2.0, 5.0, 10.0)


def survival_to_json(analysis: SurvivalAnalysis) -> dict[str, Any]:
    """Give the analysis with unrounded numbers; None is what is not reached or cannot be estimated."""
    return {
        "n": int(analysis.data.groups.size),
        "events": int(analysis.data.follow_up.events.sum()),
        "confidence": {"level": 0.95, "survival_limits": "log-log"},
        "groups": {key: _group(group) for key, group in analysis.groups.items()},
        "logrank": _log_rank(analysis.log_rank),
        "stratified_logrank": _log_rank(analysis.stratified_log_rank),
        "cox": _cox(analysis.cox),
        "stratified_cox": _cox(analysis.stratified_cox),
        "rmst": _restricted_means(analysis.restricted_means),
        "landmarks": [_landmark(each) for each in analysis.landmarks],
        "numbers_at_risk": _numbers_at_risk(analysis),
    }


def days_to_count(largest_days: float) -> tuple[float, ...]:
    """Choose at most nine round days from 0 to the largest time, for numbers at risk under a curve."""
    size = 1.0
    while size * _ROUND[-1] * _CURVE_STEPS < largest_days:
        size *= 10
    step = next(size * each for each in _ROUND if size * each * _CURVE_STEPS >= largest_days)
    return tuple(step * number for number in range(int(largest_days / step) + 1))


def _group(group: GroupSurvival) -> dict[str, Any]:
    return {
        "n": group.n,
        "events": group.events,
        "median": group.median.value,
        "median_lower": group.median.lower,
        "median_upper": group.median.upper,
        "follow_up_median": group.follow_up_median.value,
        "follow_up_median_lower": group.follow_up_median.lower,
        "follow_up_median_upper": group.follow_up_median.upper,
    }


def _log_rank(result: LogRankResult | None) -> dict[str, Any] | None:
    if result is None:
        return None
    test = result.test
    return {"n": result.n, "chi2": test.chi2, "df": test.degrees_of_freedom, "p": test.p}


def _cox(result: CoxResult | None) -> dict[str, Any] | None:
    if result is None:
        return None
    return {"n": result.n, "reference": result.reference, **_fit(result), **_checks(result)}


def _fit(result: CoxResult) -> dict[str, float | None]:
    fit = result.fit
    if not isinstance(fit, CoxFit):
        return dict.fromkeys(("hazard_ratio", "lower", "upper", "coef", "se", "p"))
    lower, upper = fit.limits
    return {
        "hazard_ratio": fit.hazard_ratio,
        "lower": lower,
        "upper": upper,
        "coef": fit.coefficient,
        "se": fit.standard_error,
        "p": fit.p,
    }


def _checks(result: CoxResult) -> dict[str, Any]:
    drift = result.proportional_hazards
    return {
        "robust_se": result.robust_standard_error,
        "proportional_hazards": None if drift is None else {"chi2": drift.chi2, "p": drift.p},
    }


def _restricted_means(means: RestrictedMeans) -> dict[str, Any]:
    return {
        "tau": means.tau_days,
        "groups": {key: _restricted_mean(mean) for key, mean in means.groups.items()},
        "difference": _difference(means.difference) if len(means.groups) == 2 else None,
    }


def _restricted_mean(mean: RestrictedMean | None) -> dict[str, float | None]:
    if mean is None:
        return {"value": None, "se": None}
    return {"value": mean.days, "se": mean.standard_error}


def _difference(known: Difference | None) -> dict[str, float | None]:
    if known is None:
        return dict.fromkeys(("value", "se", "lower", "upper", "p"))
    return {
        "value": known.days,
        "se": known.standard_error,
        "lower": known.lower,
        "upper": known.upper,
        "p": known.p,
    }


def _landmark(landmark: Landmark) -> dict[str, Any]:
    groups = {
        key: {**_estimate(estimate), "at_risk": landmark.at_risk[key]}
        for key, estimate in landmark.groups.items()
    }
    return {"at": landmark.day, "groups": groups}


def _estimate(estimate: Estimate) -> dict[str, float | None]:
    return {"survival": estimate.value, "lower": estimate.lower, "upper": estimate.upper}


def _numbers_at_risk(analysis: SurvivalAnalysis) -> dict[str, Any]:
    data = analysis.data
    days = days_to_count(data.follow_up.largest_days)
    return {
        "days": list(days),
        "groups": {
            key: _counts(data.follow_up.of(data.groups == place), days) for place, key in enumerate(data.keys)
        },
    }


def _counts(follow_up: FollowUp, days: tuple[float, ...]) -> list[int]:
    return [number_at_risk(follow_up, day) for day in days]
