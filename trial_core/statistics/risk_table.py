"""Who was at risk and who had the event, by group, at every event time of every stratum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trial_core.statistics.follow_up import FloatArray, FollowUp, IndexArray


@dataclass(frozen=True)
class RiskTable:
    """One row for each time of each stratum at which somebody had the event.

    Attributes
    ----------
    strata, times_days
        shape (m,): where and when.
    at_risk, events
        shape (m, groups): subjects observed just before, and those who had the event.
    """

    strata: IndexArray
    times_days: FloatArray
    at_risk: FloatArray
    events: FloatArray


def risk_table(follow_up: FollowUp, groups: IndexArray, strata: IndexArray, *, group_count: int) -> RiskTable:
    """Count by group (0 to group_count - 1) and stratum (0 or more), both of shape (n,)."""
    days, ranks = np.unique(follow_up.times_days, return_inverse=True)
    width = max(days.size, 1)
    # One number for stratum and time together: its order is that of time within stratum.
    places = strata * width + ranks
    rows = np.unique(places[follow_up.events])
    ends = (rows // width + 1) * width
    at_risk = np.zeros((rows.size, group_count))
    events = np.zeros((rows.size, group_count))
    for group in range(group_count):
        member = groups == group
        at_risk[:, group] = _count(places[member], rows, ends)
        events[:, group] = _count(places[member & follow_up.events], rows, rows + 1)
    return RiskTable(rows // width, days[rows % width], at_risk, events)


def one_stratum(follow_up: FollowUp) -> IndexArray:
    """Put everybody into the same stratum."""
    return np.zeros(follow_up.times_days.size, dtype=np.int64)


def _count(places: IndexArray, starts: IndexArray, ends: IndexArray) -> IndexArray:
    """Count the places from each start to before its end."""
    ordered = np.sort(places)
    return np.searchsorted(ordered, ends) - np.searchsorted(ordered, starts)
