"""Restricted mean survival time: the mean time up to a horizon, tau."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from trial_core.statistics.kaplan_meier import NORMAL_QUANTILE, SurvivalCurve


@dataclass(frozen=True)
class RestrictedMean:
    """Mean days up to tau, with its standard error."""

    days: float
    standard_error: float


@dataclass(frozen=True)
class Difference:
    """A difference with its standard error, 95 % limits and two-sided p; None without any variance."""

    days: float
    standard_error: float
    lower: float | None
    upper: float | None
    p: float | None


def restricted_mean(curve: SurvivalCurve, tau_days: float) -> RestrictedMean | None:
    """Give the area under the curve up to tau; None where follow-up ends before tau with the curve above 0.

    The standard error is Greenwood's (Klein and Moeschberger 2003, 4.5.2), as in R's `survfit(..., rmean)`;
    lifelines computes another one.
    """
    if tau_days > curve.times_days[-1] and curve.survival[-1] > 0:
        return None
    kept = curve.times_days <= tau_days
    times = np.concatenate([[0.0], curve.times_days[kept], [tau_days]])
    areas = np.diff(times) * np.concatenate([[1.0], curve.survival[kept]])
    after = np.cumsum(areas[:0:-1])[::-1]
    variance = float(np.sum(after**2 * _hazard_variance(curve)[kept]))
    return RestrictedMean(float(areas.sum()), math.sqrt(variance))


def difference(other: RestrictedMean, reference: RestrictedMean) -> Difference:
    """Subtract the reference from the other group; the groups are independent."""
    days = other.days - reference.days
    standard_error = math.hypot(other.standard_error, reference.standard_error)
    if standard_error == 0:
        return Difference(days, 0.0, None, None, None)
    reach = NORMAL_QUANTILE * standard_error
    p = 2 * float(ndtr(-abs(days) / standard_error))
    return Difference(days, standard_error, days - reach, days + reach, p)


def _hazard_variance(curve: SurvivalCurve) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    # Where all at risk have the event the curve is 0 from there on, and the area behind it has no variance.
    survivors = curve.at_risk - curve.events
    product = curve.at_risk * survivors
    return np.divide(curve.events, product, out=np.zeros_like(product), where=product > 0)
