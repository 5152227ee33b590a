"""The log-rank test: counted naively, against lifelines, and indifferent to names and order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from lifelines.statistics import multivariate_logrank_test

from tests.trial_core.statistics.samples import Subject, columns, subjects
from trial_core.statistics.follow_up import FollowUp, IndexArray
from trial_core.statistics.log_rank import LogRank, log_rank
from trial_core.statistics.risk_table import one_stratum, risk_table


def _test(followed: FollowUp, groups: IndexArray, strata: IndexArray, count: int = 2) -> LogRank:
    return log_rank(risk_table(followed, groups, strata, group_count=count))


def naive_two_groups(drawn: list[Subject]) -> tuple[float, float]:
    """Observed minus expected events of group 1, and the hypergeometric variance, subject by subject."""
    excess = variance = 0.0
    for stratum, day in sorted({(each[3], each[0]) for each in drawn if each[1]}):
        risk = [each for each in drawn if each[3] == stratum and each[0] >= day]
        died = [each for each in risk if each[0] == day and each[1]]
        share = sum(each[2] for each in risk) / len(risk)
        excess += sum(each[2] for each in died) - len(died) * share
        if len(risk) > 1:
            variance += len(died) * share * (1 - share) * (len(risk) - len(died)) / (len(risk) - 1)
    return excess, variance


@given(subjects())
@settings(max_examples=100)
def test_stratified__is_the_naive_count(drawn: list[Subject]) -> None:
    excess, variance = naive_two_groups(drawn)
    found = _test(*columns(drawn))
    assert found.observed[1] - found.expected[1] == pytest.approx(excess, abs=1e-12)
    if variance > 1e-9:
        assert found.chi2 == pytest.approx(excess**2 / variance, rel=1e-9, abs=1e-12)
    else:
        assert found.chi2 is None
        assert found.p is None


@given(subjects(groups=3))
@settings(max_examples=40)
def test_plain__agrees_with_lifelines(drawn: list[Subject]) -> None:
    followed, groups, _ = columns(drawn)
    found = _test(followed, groups, one_stratum(followed), 3)
    if found.degrees_of_freedom == 2:
        theirs = multivariate_logrank_test(followed.times_days, groups, followed.events)
        assert found.chi2 == pytest.approx(theirs.test_statistic, rel=1e-7, abs=1e-9)


@given(subjects(groups=3))
@settings(max_examples=40)
def test_any__does_not_see_names_or_order(drawn: list[Subject]) -> None:
    renamed = [(days, event, (group + 1) % 3, 2 - stratum) for days, event, group, stratum in reversed(drawn)]
    here, there = _test(*columns(drawn), 3), _test(*columns(renamed), 3)
    assert here.degrees_of_freedom == there.degrees_of_freedom
    assert here.chi2 == (None if there.chi2 is None else pytest.approx(there.chi2, rel=1e-8, abs=1e-10))


def test_strata_of_one_group__add_nothing() -> None:
    compared: list[Subject] = [(1, True, 0, 0), (2, True, 1, 0), (3, False, 0, 0), (4, True, 1, 0)]
    alone: list[Subject] = [(1, True, 0, 1), (5, True, 0, 1)]
    assert _test(*columns([*compared, *alone])).chi2 == pytest.approx(_test(*columns(compared)).chi2)


def test_one_subject_in_each_group__by_hand() -> None:
    # One event among two: O - E = 1/2, V = 1/4.
    found = _test(*columns([(1, True, 0, 0), (2, True, 1, 0)]))
    assert found.chi2 == pytest.approx(1.0)
    assert found.p == pytest.approx(0.31731050786291415, rel=1e-12)


def test_variance__of_many_groups_is_symmetric_and_sums_to_nothing() -> None:
    rng = np.random.default_rng(1)
    drawn = [
        (float(day), True, int(group), 0)
        for day, group in zip(range(30), rng.integers(0, 5, 30), strict=True)
    ]
    found = _test(*columns(drawn), 5)
    assert np.allclose(found.variance, found.variance.T)
    assert np.allclose(found.variance.sum(axis=1), 0, atol=1e-12)
    assert found.degrees_of_freedom == 4
