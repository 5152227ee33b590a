"""Random follow-up for properties, and the plainest way to compute what the code computes."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from trial_core.statistics.follow_up import FollowUp, IndexArray, follow_up

Subject = tuple[float, bool, int, int]
"""Days, event, group, stratum."""


def subjects(*, groups: int = 2, most: int = 25) -> st.SearchStrategy[list[Subject]]:
    """Draw subjects with many ties; the first ones see to it that every group has somebody."""
    subject = st.tuples(
        st.integers(0, 12).map(float), st.booleans(), st.integers(0, groups - 1), st.integers(0, 2)
    )
    return st.lists(subject, min_size=groups, max_size=most).map(
        lambda drawn: [
            (days, event, place if place < groups else group, stratum)
            for place, (days, event, group, stratum) in enumerate(drawn)
        ]
    )


def columns(drawn: list[Subject]) -> tuple[FollowUp, IndexArray, IndexArray]:
    """Give follow-up, groups and strata of the subjects."""
    days, events, groups, strata = zip(*drawn, strict=True)
    return (
        follow_up(np.array(days), np.array(events, dtype=np.bool_)),
        np.array(groups, dtype=np.int64),
        np.array(strata, dtype=np.int64),
    )
