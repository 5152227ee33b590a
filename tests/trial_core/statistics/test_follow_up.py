"""Follow-up is checked once, and times that differ by rounding are one time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial_core.statistics.follow_up import FollowUpError, follow_up, joined_times


@pytest.mark.parametrize("times", [[-1.0], [np.nan], [np.inf], []])
def test_follow_up__rejects_times_that_nobody_has(times: list[float]) -> None:
    with pytest.raises(FollowUpError):
        follow_up(np.array(times), np.ones(len(times), dtype=np.bool_))


def test_follow_up__rejects_times_without_events() -> None:
    with pytest.raises(FollowUpError):
        follow_up(np.array([1.0, 2.0]), np.array([True]))


def test_joined_times__takes_sums_of_decimals_as_one_time() -> None:
    assert joined_times(np.array([0.1 + 0.2, 0.3, 5.0])).tolist() == [0.3, 0.3, 5.0]


def test_joined_times__has_an_absolute_tolerance_too() -> None:
    assert joined_times(np.array([0.0, 1e-8, 0.1])).tolist() == [0.0, 0.0, 0.1]


def test_joined_times__keeps_days_and_hours_apart() -> None:
    times = np.array([3.0, 1.0, 1.0 + 1 / 24, 0.0])
    assert joined_times(times).tolist() == times.tolist()


@given(st.lists(st.integers(0, 5000), min_size=1))
def test_joined_times__never_touches_whole_days(days: list[int]) -> None:
    times = np.array(days, dtype=np.float64)
    assert joined_times(times).tolist() == times.tolist()


def test_reversed__makes_the_end_of_observation_the_event() -> None:
    given_up = follow_up(np.array([1.0, 2.0]), np.array([True, False]))
    assert given_up.reversed().events.tolist() == [False, True]
