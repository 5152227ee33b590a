"""The risk of two groups at each event, where tied events leave it one by one (Efron 1977)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trial_core.statistics.follow_up import FloatArray, IndexArray
from trial_core.statistics.risk_table import RiskTable

REFERENCE, OTHER = 0, 1


@dataclass(frozen=True)
class TiedRisk:
    """The risk set of each of e events.

    Attributes
    ----------
    rows
        shape (e,): the event's row of the risk table.
    left
        shape (e,): the part of that row's events still at risk: 1, then (d - 1)/d, ..., 1/d.
    reference, other
        shape (e,): subjects at risk, the tied ones counted with that part.
    """

    rows: IndexArray
    left: FloatArray
    reference: FloatArray
    other: FloatArray

    def shares(self, coefficient: float) -> FloatArray:
        """Give the other group's part of the risk, shape (e,)."""
        weighted = math.exp(coefficient) * self.other
        shares: FloatArray = weighted / (self.reference + weighted)
        return shares

    def totals(self, coefficient: float) -> FloatArray:
        """Give the whole risk, one subject of the reference counting 1; shape (e,)."""
        return self.reference + math.exp(coefficient) * self.other


def tied_risk(table: RiskTable) -> TiedRisk:
    """List the risk sets of a table of two groups."""
    died = table.events.sum(axis=1).astype(np.int64)
    rows = np.repeat(np.arange(died.size), died)
    gone = np.arange(rows.size) - np.repeat(np.cumsum(died) - died, died)
    left = 1 - gone / died[rows]
    at_risk = table.at_risk[rows] - (1 - left)[:, None] * table.events[rows]
    return TiedRisk(rows, left, at_risk[:, REFERENCE], at_risk[:, OTHER])
