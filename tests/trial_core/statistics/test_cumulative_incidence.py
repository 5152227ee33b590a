"""Cumulative incidence: closed forms, its two margins, and tied events that stay tied."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trial_core.statistics.cumulative_incidence import (
    IncidenceCurve,
    cumulative_incidence,
    incidence_at,
)
from trial_core.statistics.follow_up import FollowUpError, follow_up
from trial_core.statistics.kaplan_meier import Estimate, kaplan_meier

Histories = list[tuple[int, int]]
histories = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), min_size=1, max_size=25)


def _curve(drawn: Histories, cause: int) -> IncidenceCurve:
    days, causes = (np.array(column) for column in zip(*drawn, strict=True))
    return cumulative_incidence(days.astype(np.float64), causes.astype(np.int64), cause)


@given(histories)
@settings(max_examples=50)
def test_causes__and_survival_share_everybody(drawn: Histories) -> None:
    days, causes = (np.array(column) for column in zip(*drawn, strict=True))
    either = kaplan_meier(follow_up(days.astype(np.float64), causes > 0))
    survival = either.survival[either.events > 0]
    total = _curve(drawn, 1).incidence + _curve(drawn, 2).incidence
    assert total == pytest.approx(1 - survival, abs=1e-12)


@given(histories)
@settings(max_examples=50)
def test_without_competition__it_is_kaplan_meier_with_greenwood(drawn: Histories) -> None:
    alone = [(day, min(cause, 1)) for day, cause in drawn]
    found = _curve(alone, 1)
    days, causes = (np.array(column) for column in zip(*alone, strict=True))
    curve = kaplan_meier(follow_up(days.astype(np.float64), causes > 0))
    moved = curve.events > 0
    stayed = np.maximum(curve.at_risk - curve.events, 1)
    greenwood = curve.survival * np.sqrt(np.cumsum(curve.events / (curve.at_risk * stayed)))
    assert found.incidence == pytest.approx(1 - curve.survival[moved], abs=1e-12)
    assert found.standard_error == pytest.approx(greenwood[moved], abs=1e-9)


@given(histories)
@settings(max_examples=50)
def test_without_censoring__it_is_a_proportion(drawn: Histories) -> None:
    uncensored = [(day, max(cause, 1)) for day, cause in drawn]
    found = _curve(uncensored, 2)
    for day, incidence, error in zip(found.times_days, found.incidence, found.standard_error, strict=True):
        part = sum(1 for each, cause in uncensored if cause == 2 and each <= day) / len(uncensored)
        assert incidence == pytest.approx(part, abs=1e-12)
        assert error == pytest.approx(math.sqrt(part * (1 - part) / len(uncensored)), abs=1e-9)


def test_competing_event__is_not_censoring() -> None:
    # One of two dies first: the other's event can then have happened to one of two at most.
    assert _curve([(1, 2), (2, 1)], 1).incidence.tolist() == [0.0, 0.5]


def test_order_of_tied_events__changes_nothing() -> None:
    drawn = [(1, 1), (1, 2), (1, 0), (2, 2), (2, 1), (3, 0)]
    assert _curve(drawn, 1).incidence.tolist() == _curve(drawn[::-1], 1).incidence.tolist()


def test_incidence_at__is_unknown_behind_the_end_of_follow_up() -> None:
    curve = _curve([(2, 1), (4, 2), (9, 0)], 1)
    assert incidence_at(curve, 1) == Estimate(0.0, None, None)
    assert incidence_at(curve, 9).value == pytest.approx(1 / 3)
    assert incidence_at(curve, 9.5) == Estimate(None, None, None)


def test_limits__surround_the_incidence_within_0_and_1() -> None:
    found = incidence_at(_curve([(1, 1), (2, 2), (3, 0), (4, 1), (5, 0)], 1), 4)
    assert found.value is not None
    assert found.lower is not None
    assert found.upper is not None
    assert 0 < found.lower < found.value < found.upper < 1


@pytest.mark.parametrize(
    ("days", "causes", "cause"), [([1.0], [-1], 1), ([1.0], [1], 0), ([-1.0], [1], 1), ([], [], 1)]
)
def test_cumulative_incidence__rejects_what_no_follow_up_is(
    days: list[float], causes: list[int], cause: int
) -> None:
    with pytest.raises(FollowUpError):
        cumulative_incidence(np.array(days), np.array(causes, dtype=np.int64), cause)
