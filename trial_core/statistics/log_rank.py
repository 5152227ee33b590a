"""The log-rank test, plain and stratified."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from trial_core.statistics.follow_up import FloatArray
from trial_core.statistics.risk_table import RiskTable

NO_VARIANCE = 1e-9
"""Directions with less than this part of the largest variance are floating error."""


@dataclass(frozen=True)
class LogRank:
    """Observed and expected events of each group, and the test that they differ by chance only.

    Attributes
    ----------
    observed, expected
        shape (groups,).
    variance
        shape (groups, groups), of observed minus expected.
    chi2, degrees_of_freedom, p
        None where no event time has two groups at risk: there is nothing to compare.
    """

    observed: FloatArray
    expected: FloatArray
    variance: FloatArray
    chi2: float | None
    degrees_of_freedom: int
    p: float | None


def log_rank(table: RiskTable) -> LogRank:
    """Test that the groups of a risk table have one hazard, stratum by stratum (Mantel 1966; R's `survdiff`).

    lifelines has no stratified test; one formula serves both.
    """
    at_risk, died = table.at_risk.sum(axis=1), table.events.sum(axis=1)
    shares = table.at_risk / at_risk[:, None]
    expected = (shares * died[:, None]).sum(axis=0)
    # The last one at risk has no variance: 0/0 in the hypergeometric factor.
    factor = died * (at_risk - died) / np.maximum(at_risk - 1, 1)
    spread = shares[:, :, None] * (np.eye(shares.shape[1]) - shares[:, None, :])
    variance = (factor[:, None, None] * spread).sum(axis=0)
    observed = table.events.sum(axis=0)
    chi2, degrees_of_freedom = _chi2(observed - expected, variance)
    p = None if chi2 is None else float(chdtrc(degrees_of_freedom, chi2))
    return LogRank(observed, expected, variance, chi2, degrees_of_freedom, p)


def _chi2(excess: FloatArray, variance: FloatArray) -> tuple[float | None, int]:
    # The excesses sum to 0, and a group that was never compared has none: such directions carry nothing.
    rank = int(np.linalg.matrix_rank(variance, rtol=NO_VARIANCE, hermitian=True))
    if rank == 0:
        return None, 0
    inverse = np.linalg.pinv(variance, rtol=NO_VARIANCE, hermitian=True)
    return float(excess @ inverse @ excess), rank
