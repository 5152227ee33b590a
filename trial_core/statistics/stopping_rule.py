"""Operating characteristics of the run-in's stopping rule, and exact limits of a proportion."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import bdtrc, betaincinv


class ProportionError(ValueError):
    """Counts or rates that no group of subjects can have."""


@dataclass(frozen=True)
class ProportionLimits:
    """Exact two-sided limits of a proportion."""

    lower: float
    upper: float


def probability_of_stop(run_in_size: int, true_rate: float, *, stop_at: int = 2) -> float:
    """Give the probability that a run-in of this size has `stop_at` or more counted subjects.

    Exact binomial: P(X >= stop_at), X ~ Bin(run_in_size, true_rate).

    Raises
    ------
    ProportionError
        the size or the number to stop at is below 1, or the rate is no probability.
    """
    if run_in_size < 1 or stop_at < 1 or not 0 <= true_rate <= 1:
        raise ProportionError(
            f"no run-in has {run_in_size} subjects, a rate of {true_rate} and a stop at {stop_at}"
        )
    if stop_at > run_in_size:
        return 0.0
    return float(bdtrc(stop_at - 1, run_in_size, true_rate))


def clopper_pearson(events: int, subjects: int, *, level: float = 0.95) -> ProportionLimits:
    """Give the exact limits of events / subjects (Clopper and Pearson, Biometrika 1934; 26: 404).

    Raises
    ------
    ProportionError
        there are no subjects, more events than subjects, or the level is not between 0 and 1.
    """
    if subjects < 1 or not 0 <= events <= subjects or not 0 < level < 1:
        raise ProportionError(f"{events} of {subjects} subjects at level {level} is no proportion")
    tail = (1 - level) / 2
    lower = 0.0 if events == 0 else float(betaincinv(events, subjects - events + 1, tail))
    upper = 1.0 if events == subjects else float(betaincinv(events + 1, subjects - events, 1 - tail))
    return ProportionLimits(lower, upper)
