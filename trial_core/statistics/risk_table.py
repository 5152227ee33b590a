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
    """Count by group (0 to group_count - 1) and stratum, both of shape (n,)."""
    parts = [
        _of_one_stratum(follow_up.of(strata == stratum), groups[strata == stratum], int(stratum), group_count)
        for stratum in np.unique(strata)
    ]
    return RiskTable(
        np.concatenate([part.strata for part in parts]),
        np.concatenate([part.times_days for part in parts]),
        np.concatenate([part.at_risk for part in parts]),
        np.concatenate([part.events for part in parts]),
    )


def one_stratum(follow_up: FollowUp) -> IndexArray:
    """Put everybody into the same stratum."""
    return np.zeros(follow_up.times_days.size, dtype=np.int64)


def _of_one_stratum(follow_up: FollowUp, groups: IndexArray, stratum: int, group_count: int) -> RiskTable:
    times = np.unique(follow_up.times_days[follow_up.events])
    at_risk = np.zeros((times.size, group_count))
    events = np.zeros((times.size, group_count))
    for group in range(group_count):
        member = groups == group
        observed = np.sort(follow_up.times_days[member])
        with_event = np.sort(follow_up.times_days[member & follow_up.events])
        at_risk[:, group] = observed.size - np.searchsorted(observed, times, side="left")
        events[:, group] = np.searchsorted(with_event, times, side="right") - np.searchsorted(
            with_event, times, side="left"
        )
    return RiskTable(np.full(times.size, stratum), times, at_risk, events)
