"""Restricted means: areas counted naively, closed forms, and horizons that follow-up does not reach."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trial_core.statistics.samples import Subject, columns, subjects
from tests.trial_core.statistics.test_kaplan_meier import naive_survival
from trial_core.statistics.follow_up import follow_up
from trial_core.statistics.kaplan_meier import SurvivalCurve, kaplan_meier
from trial_core.statistics.restricted_mean import RestrictedMean, difference, restricted_mean


def _curve(days: list[float], events: list[int]) -> SurvivalCurve:
    return kaplan_meier(follow_up(np.array(days, dtype=np.float64), np.array(events, dtype=np.bool_)))


@given(subjects(groups=1), st.integers(1, 12))
@settings(max_examples=50)
def test_mean__is_the_naive_area_under_the_curve(drawn: list[Subject], tau: int) -> None:
    followed, _, _ = columns(drawn)
    found = restricted_mean(kaplan_meier(followed), tau)
    if tau > followed.largest_days and naive_survival(followed, tau) > 0:
        assert found is None
    else:
        assert found is not None
        # All times are whole days: the curve is level between them.
        assert found.days == pytest.approx(sum(naive_survival(followed, day) for day in range(tau)), abs=1e-9)


@given(subjects(groups=1))
@settings(max_examples=30)
def test_mean__without_censoring_is_the_mean_of_the_shortened_times(drawn: list[Subject]) -> None:
    days = [each[0] for each in drawn]
    found = restricted_mean(_curve(days, [1] * len(days)), 7)
    shortened = np.minimum(days, 7)
    assert found is not None
    assert found.days == pytest.approx(shortened.mean())
    assert found.standard_error == pytest.approx(shortened.std() / math.sqrt(len(days)), abs=1e-9)


def test_mean__is_unknown_where_follow_up_ends_before_the_horizon() -> None:
    assert restricted_mean(_curve([5, 9], [1, 0]), 9.5) is None


def test_mean__goes_on_at_0_once_nobody_is_left() -> None:
    found = restricted_mean(_curve([5, 9], [1, 1]), 100)
    assert found is not None
    assert found.days == 7


def test_difference__adds_the_variances() -> None:
    found = difference(RestrictedMean(10, 3), RestrictedMean(4, 4))
    assert (found.days, found.standard_error) == (6, 5)
    assert found.lower == pytest.approx(6 - 9.799819922700268)
    assert found.p == pytest.approx(0.23013934044341544)


def test_difference__without_variance_has_no_limits() -> None:
    found = difference(RestrictedMean(7, 0), RestrictedMean(7, 0))
    assert (found.lower, found.upper, found.p) == (None, None, None)
