"""Cumulative incidence of one kind of event where others compete with it (Aalen-Johansen)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trial_core.statistics.follow_up import FloatArray, FollowUpError, IndexArray, joined_times
from trial_core.statistics.kaplan_meier import NORMAL_QUANTILE, Estimate

CENSORED = 0


@dataclass(frozen=True)
class IncidenceCurve:
    """Probability to have had the event of one cause by each of k distinct event times.

    Attributes
    ----------
    times_days, incidence, standard_error, lower, upper
        shape (k,); limits on the log-log scale, NaN where incidence is 0 or 1.
    followed_days
        The longest follow-up of all; behind it nothing is known.
    """

    times_days: FloatArray
    incidence: FloatArray
    standard_error: FloatArray
    lower: FloatArray
    upper: FloatArray
    followed_days: float


def cumulative_incidence(times_days: FloatArray, causes: IndexArray, cause: int) -> IncidenceCurve:
    """Estimate the cumulative incidence of a cause; another cause ends the risk and is no censoring.

    Parameters
    ----------
    times_days
        shape (n,), finite and 0 or more.
    causes
        shape (n,): 0 censored, 1, 2, ... the kind of event.
    cause
        Whose incidence.

    Raises
    ------
    FollowUpError
        a time or a cause that no follow-up can have.

    Notes
    -----
    The variance is Greenwood's for the transition matrix (Andersen, Borgan, Gill and Keiding 1993, 4.4.1.3,
    with multinomial ties); R's `survfit` gives the same number by the infinitesimal jackknife. lifelines
    would move tied times apart at random.
    """
    _check(times_days, causes, cause)
    times = joined_times(times_days)
    steps = np.unique(times[causes != CENSORED])
    at_risk = np.array([np.count_nonzero(times >= day) for day in steps], dtype=np.float64)
    own = _count(times, causes == cause, steps) / np.maximum(at_risk, 1)
    every = _count(times, causes != CENSORED, steps) / np.maximum(at_risk, 1)
    before = np.concatenate([[1.0], np.cumprod(1 - every)[:-1]])
    incidence = np.cumsum(before * own)
    standard_error = np.sqrt(_variance(incidence, before, own, every, at_risk))
    lower, upper = _limits(incidence, standard_error)
    return IncidenceCurve(steps, incidence, standard_error, lower, upper, float(times.max()))


def incidence_at(curve: IncidenceCurve, day: float) -> Estimate:
    """Give the incidence at a day; None behind the end of follow-up."""
    if day > curve.followed_days:
        return Estimate(None, None, None)
    last = int(np.searchsorted(curve.times_days, day, side="right")) - 1
    if last < 0:
        return Estimate(0.0, None, None)
    limits = (curve.lower[last], curve.upper[last])
    lower, upper = (None if np.isnan(limit) else float(limit) for limit in limits)
    return Estimate(float(curve.incidence[last]), lower, upper)


def _check(times_days: FloatArray, causes: IndexArray, cause: int) -> None:
    if times_days.ndim != 1 or times_days.shape != causes.shape or times_days.size == 0:
        raise FollowUpError("one time and one cause for each of one or more subjects are needed")
    if not np.isfinite(times_days).all() or (times_days < 0).any():
        raise FollowUpError("a time is negative or not finite")
    if (causes < CENSORED).any() or cause <= CENSORED:
        raise FollowUpError("causes are 1, 2, ...; 0 is censored")


def _count(
    times_days: FloatArray, subjects: np.ndarray[tuple[int], np.dtype[np.bool_]], steps: FloatArray
) -> FloatArray:
    chosen = np.sort(times_days[subjects])
    counts = np.searchsorted(chosen, steps, side="right") - np.searchsorted(chosen, steps, side="left")
    return counts.astype(np.float64)


def _variance(
    incidence: FloatArray, before: FloatArray, own: FloatArray, every: FloatArray, at_risk: FloatArray
) -> FloatArray:
    """Variance at each time: what an event at an earlier time moves, squared, weighted by its own variance.

    One more event of the cause at s adds S(s-) now and takes from the future what S(s-) would have yielded;
    one of another cause only takes.
    """
    survival = before * (1 - every)
    variance = np.zeros_like(incidence)
    for now in range(incidence.size):
        past = slice(0, now + 1)
        yet = np.divide(
            incidence[now] - incidence[past], survival[past], out=np.zeros(now + 1), where=survival[past] > 0
        )
        by_own, by_other = before[past] * (1 - yet), -before[past] * yet
        other = every[past] - own[past]
        mean = own[past] * by_own + other * by_other
        square = own[past] * by_own**2 + other * by_other**2
        variance[now] = np.sum((square - mean**2) / at_risk[past])
    return variance


def _limits(incidence: FloatArray, standard_error: FloatArray) -> tuple[FloatArray, FloatArray]:
    inside = np.where((incidence > 0) & (incidence < 1), incidence, np.nan)
    reach = NORMAL_QUANTILE * standard_error / (inside * np.log(inside))
    # The reach is negative, as the logarithm of a probability is: a larger power makes the lower limit.
    return inside ** np.exp(-reach), inside ** np.exp(reach)
