"""Kaplan-Meier: naive products, closed forms, R's rule for the median, and what is not reached."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings

from tests.trial_core.statistics.samples import Subject, columns, subjects
from trial_core.statistics.follow_up import FollowUp, follow_up
from trial_core.statistics.kaplan_meier import (
    NORMAL_QUANTILE,
    Estimate,
    kaplan_meier,
    median_days,
    number_at_risk,
    survival_at,
)


def _followed(days: list[float], events: list[int]) -> FollowUp:
    return follow_up(np.array(days, dtype=np.float64), np.array(events, dtype=np.bool_))


def naive_survival(followed: FollowUp, day: float) -> float:
    """Multiply 1 - d/n over the event times up to a day, in exact order of the definition."""
    product = 1.0
    for time in sorted({float(each) for each in followed.times_days[followed.events] if each <= day}):
        died = int(np.sum((followed.times_days == time) & followed.events))
        product *= 1 - died / int(np.sum(followed.times_days >= time))
    return product


@given(subjects(groups=1))
@settings(max_examples=60)
def test_curve__is_the_product_of_its_definition(drawn: list[Subject]) -> None:
    followed, _, _ = columns(drawn)
    curve = kaplan_meier(followed)
    for day, survival in zip(curve.times_days, curve.survival, strict=True):
        assert survival == pytest.approx(naive_survival(followed, float(day)), abs=1e-12)


def test_limits__are_kalbfleisch_and_prentices_by_hand() -> None:
    curve = kaplan_meier(_followed([1, 2, 3, 4], [1, 1, 0, 0]))
    # After the first of four events S = 3/4, and Greenwood's sum is 1/(4 x 3).
    reach = NORMAL_QUANTILE * math.sqrt(1 / 12) / abs(math.log(0.75))
    assert curve.lower[0] == pytest.approx(0.75 ** math.exp(reach), rel=1e-12)
    assert curve.upper[0] == pytest.approx(0.75 ** math.exp(-reach), rel=1e-12)


def test_limits__are_not_there_where_the_curve_is_0_or_1() -> None:
    curve = kaplan_meier(_followed([1, 2, 3], [0, 1, 1]))
    assert curve.survival.tolist() == [1.0, 0.5, 0.0]
    assert np.isnan(curve.lower).tolist() == [True, False, True]
    assert np.isnan(curve.upper).tolist() == [True, False, True]


@pytest.mark.parametrize("pairs", range(1, 41))
def test_median__of_an_even_number_without_censoring_is_the_midpoint(pairs: int) -> None:
    days = [float(day) for day in range(1, 2 * pairs + 1)]
    assert median_days(kaplan_meier(_followed(days, [1] * len(days)))).value == pairs + 0.5


def test_median__on_a_level_stretch_is_its_middle() -> None:
    assert median_days(kaplan_meier(_followed([1, 2, 3, 4], [1, 1, 0, 1]))).value == 3


def test_median__where_the_curve_stays_at_half_is_the_first_day_there() -> None:
    assert median_days(kaplan_meier(_followed([1, 2, 3, 4], [1, 1, 0, 0]))).value == 2


def test_median__is_not_reached_above_half() -> None:
    assert median_days(kaplan_meier(_followed([1, 2, 3], [1, 0, 0]))) == Estimate(None, 1.0, None)


def test_median__has_no_upper_limit_where_the_curve_falls_to_0_before_it() -> None:
    # lifelines sets the limits to 0 there, and would end the interval at the last event.
    assert median_days(kaplan_meier(_followed([1, 2, 3], [1, 1, 1]))).upper is None


def test_survival_at__holds_until_the_next_event() -> None:
    curve = kaplan_meier(_followed([10, 20, 30], [1, 0, 0]))
    assert survival_at(curve, 9.9).value == 1
    assert survival_at(curve, 10).value == pytest.approx(2 / 3)
    assert survival_at(curve, 30).value == pytest.approx(2 / 3)


def test_survival_at__is_unknown_behind_the_end_of_follow_up() -> None:
    curve = kaplan_meier(_followed([10, 20, 30], [1, 0, 0]))
    assert survival_at(curve, 30.1) == Estimate(None, None, None)


def test_survival_at__stays_0_once_nobody_is_left() -> None:
    assert survival_at(kaplan_meier(_followed([10, 20], [1, 1])), 99) == Estimate(0.0, None, None)


def test_number_at_risk__counts_who_leaves_on_that_day() -> None:
    followed = _followed([10, 20, 20, 30], [1, 0, 1, 0])
    assert [number_at_risk(followed, day) for day in (0, 10, 20, 20.5, 31)] == [4, 4, 3, 1, 0]
