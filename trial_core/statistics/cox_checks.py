"""What a Cox fit of two groups rests on: proportional hazards, and a standard error without that."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from trial_core.statistics.cox import information
from trial_core.statistics.efron import OTHER, TiedRisk, tied_risk
from trial_core.statistics.follow_up import FloatArray, FollowUp, IndexArray
from trial_core.statistics.kaplan_meier import kaplan_meier
from trial_core.statistics.risk_table import RiskTable, risk_table

NO_VARIANCE = 1e-12
"""Below this part of the information a drift with time cannot be told from floating error."""


@dataclass(frozen=True)
class ProportionalHazards:
    """Score test that the log hazard ratio does not drift with time, on one degree of freedom."""

    chi2: float
    p: float


def clock_of_survival(follow_up: FollowUp, times_days: FloatArray) -> FloatArray:
    """Give 1 - S(t-) of all subjects together at each time: R's transform "km"."""
    curve = kaplan_meier(follow_up)
    before = np.searchsorted(curve.times_days, times_days, side="left")
    clock: FloatArray = 1 - np.concatenate([[1.0], curve.survival])[before]
    return clock


def proportional_hazards(
    table: RiskTable, clock: FloatArray, coefficient: float
) -> ProportionalHazards | None:
    """Test proportional hazards at the fitted coefficient; None where the information has no spread in time.

    The exact score test of group times clock added to the model, as `cox.zph` of R's survival 3 has it.
    lifelines has the approximation of Grambsch and Therneau (1994) that R gave up.

    Parameters
    ----------
    table
        Of two groups, m rows.
    clock
        shape (m,): the time scale on which the log hazard ratio might drift.
    coefficient
        Of the fit.
    """
    risk = tied_risk(table)
    shares = risk.shares(coefficient)
    spread = shares * (1 - shares)
    # Where the clock stands at zero does not change the test; near the events' mean it loses fewest digits.
    centred = clock - clock[risk.rows].mean()
    ticks = centred[risk.rows]
    drift = float((centred * table.events[:, OTHER]).sum() - (ticks * shares).sum())
    whole, crossed, own = (float((ticks**power * spread).sum()) for power in (0, 1, 2))
    variance = own - crossed**2 / whole
    if variance <= NO_VARIANCE * whole:
        return None
    chi2 = drift**2 / variance
    return ProportionalHazards(chi2, float(chdtrc(1, chi2)))


def robust_standard_error(
    follow_up: FollowUp, groups: IndexArray, strata: IndexArray, coefficient: float
) -> float:
    """Give the sandwich standard error of the log hazard ratio (Lin and Wei 1989), each subject by itself.

    As R's `coxph(..., robust = TRUE)`, which that of lifelines is not.
    """
    whole = information(tied_risk(risk_table(follow_up, groups, strata, group_count=2)), coefficient)
    squares = 0.0
    for stratum in np.unique(strata):
        inside = strata == stratum
        residuals = _score_residuals(follow_up.of(inside), groups[inside], coefficient)
        squares += float(np.square(residuals).sum())
    return math.sqrt(squares) / whole


def _score_residuals(follow_up: FollowUp, groups: IndexArray, coefficient: float) -> FloatArray:
    """What each subject of one stratum adds to the score (Therneau and Grambsch 2000, 4.2 and 4.7)."""
    table = risk_table(follow_up, groups, np.zeros_like(groups), group_count=2)
    staying, leaving = _steps(table, coefficient)
    times, events = follow_up.times_days, follow_up.events
    passed = np.where(
        events,
        np.searchsorted(table.times_days, times, side="left"),
        np.searchsorted(table.times_days, times, side="right"),
    )
    residuals: FloatArray = np.vstack([np.zeros(2), np.cumsum(staying, axis=0)])[passed, groups]
    residuals[events] += leaving[passed[events], groups[events]]
    return residuals


def _steps(table: RiskTable, coefficient: float) -> tuple[FloatArray, FloatArray]:
    """What each event time adds to a residual of those who stay and those who leave there, by group."""
    risk = tied_risk(table)
    distance = np.array([0.0, 1.0]) - risk.shares(coefficient)[:, None]
    hazard = np.array([1.0, math.exp(coefficient)]) / risk.totals(coefficient)[:, None]
    staying = _summed(-distance * hazard, risk, table)
    died = table.events.sum(axis=1)[risk.rows, None]
    leaving = _summed(distance / died - distance * hazard * risk.left[:, None], risk, table)
    return staying, leaving


def _summed(values: FloatArray, risk: TiedRisk, table: RiskTable) -> FloatArray:
    """Add up the events of each row of the table."""
    sums = np.zeros((table.times_days.size, 2))
    np.add.at(sums, risk.rows, values)
    return sums
