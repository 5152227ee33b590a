"""Cox regression of two groups with Efron's ties, plain and stratified."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from scipy.optimize import brentq
from scipy.special import chdtrc

from trial_core.statistics.efron import OTHER, REFERENCE, TiedRisk, tied_risk
from trial_core.statistics.kaplan_meier import NORMAL_QUANTILE
from trial_core.statistics.risk_table import RiskTable


class CoxObstacle(StrEnum):
    """Why there is no finite hazard ratio."""

    NOTHING_TO_COMPARE = "at no event are both groups at risk"
    NO_EVENT_IN_OTHER = "the other group has no event while both are at risk"
    NO_EVENT_IN_REFERENCE = "the reference group has no event while both are at risk"


@dataclass(frozen=True)
class CoxFit:
    """Log hazard of the other group against the reference, with Wald's limits and p."""

    coefficient: float
    standard_error: float

    @property
    def hazard_ratio(self) -> float:
        """The ratio of the hazards."""
        return math.exp(self.coefficient)

    @property
    def limits(self) -> tuple[float, float]:
        """95 % limits of the hazard ratio."""
        reach = NORMAL_QUANTILE * self.standard_error
        return math.exp(self.coefficient - reach), math.exp(self.coefficient + reach)

    @property
    def p(self) -> float:
        """Two-sided p of Wald's test."""
        return float(chdtrc(1, (self.coefficient / self.standard_error) ** 2))


def cox(table: RiskTable) -> CoxFit | CoxObstacle:
    """Compare group 1 of a risk table with group 0; each stratum has its own baseline hazard (Cox 1972).

    Notes
    -----
    The score falls steadily with the coefficient, so its zero is bracketed and found to the last digits.
    lifelines ends where half the Newton decrement is 1e-12, up to a millionth of a standard error short of
    it, and both it and R print some large coefficient where the likelihood has no maximum.
    """
    obstacle = obstacle_to_cox(table)
    return obstacle or _fit(table)


def obstacle_to_cox(table: RiskTable) -> CoxObstacle | None:
    """Tell why the partial likelihood has no maximum; None where it has one.

    It rises for ever exactly if, at the event times at which both groups are at risk, all events are in the
    same group (Bryson and Johnson 1981).
    """
    has_events = table.events[(table.at_risk > 0).all(axis=1)].sum(axis=0) > 0
    if not has_events.any():
        return CoxObstacle.NOTHING_TO_COMPARE
    if not has_events[OTHER]:
        return CoxObstacle.NO_EVENT_IN_OTHER
    if not has_events[REFERENCE]:
        return CoxObstacle.NO_EVENT_IN_REFERENCE
    return None


def _fit(table: RiskTable) -> CoxFit:
    risk, observed = tied_risk(table), float(table.events[:, OTHER].sum())

    def score(coefficient: float) -> float:
        return observed - float(risk.shares(coefficient).sum())

    reach = 1.0
    while score(-reach) < 0 or score(reach) > 0:
        reach *= 2
    coefficient = float(brentq(score, -reach, reach, xtol=1e-15, rtol=1e-15))
    return CoxFit(coefficient, 1 / math.sqrt(information(risk, coefficient)))


def information(risk: TiedRisk, coefficient: float) -> float:
    """Observed information on the coefficient."""
    shares = risk.shares(coefficient)
    return float((shares * (1 - shares)).sum())
