"""Cox models of two groups: a naive likelihood, lifelines, mirror images, and no maximum at all."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from lifelines import CoxPHFitter
from scipy.optimize import minimize_scalar

from tests.trial_core.statistics.samples import Subject, columns, subjects
from trial_core.statistics.cox import CoxFit, CoxObstacle, cox
from trial_core.statistics.cox_checks import (
    clock_of_survival,
    proportional_hazards,
    robust_standard_error,
)
from trial_core.statistics.risk_table import risk_table


def _fit(drawn: list[Subject]) -> CoxFit | CoxObstacle:
    return cox(risk_table(*columns(drawn), group_count=2))


def naive_log_likelihood(drawn: list[Subject], coefficient: float) -> float:
    """Efron's partial likelihood, subject by subject."""
    total = 0.0
    for stratum, day in sorted({(each[3], each[0]) for each in drawn if each[1]}):
        risk = [math.exp(coefficient * each[2]) for each in drawn if each[3] == stratum and each[0] >= day]
        died = [each for each in drawn if each[3] == stratum and each[0] == day and each[1]]
        dying = sum(math.exp(coefficient * each[2]) for each in died)
        total += coefficient * sum(each[2] for each in died)
        total -= sum(math.log(sum(risk) - place / len(died) * dying) for place in range(len(died)))
    return total


@given(subjects())
@settings(max_examples=60)
def test_coefficient__is_at_the_top_of_the_naive_likelihood(drawn: list[Subject]) -> None:
    fit = _fit(drawn)
    assume(isinstance(fit, CoxFit))
    assert isinstance(fit, CoxFit)
    top = minimize_scalar(
        lambda value: -naive_log_likelihood(drawn, value), bounds=(-12, 12), method="bounded"
    )
    best = naive_log_likelihood(drawn, fit.coefficient)
    assert best >= -float(top.fun) - 1e-9
    step = 1e-3
    curvature = (
        naive_log_likelihood(drawn, fit.coefficient + step)
        + naive_log_likelihood(drawn, fit.coefficient - step)
        - 2 * best
    ) / step**2
    assert fit.standard_error == pytest.approx(1 / math.sqrt(-curvature), rel=1e-3)


@given(subjects())
@settings(max_examples=100)
def test_obstacle__is_found_exactly_where_the_likelihood_never_turns(drawn: list[Subject]) -> None:
    far = [naive_log_likelihood(drawn, value) for value in (-20.0, -10.0, 0.0, 10.0, 20.0)]
    turns = max(far[1:4]) > max(far[0], far[4]) + 1
    assert isinstance(_fit(drawn), CoxFit) == turns


def test_obstacles__say_which_group_lacks_events() -> None:
    early: list[Subject] = [(1, True, 0, 0), (2, True, 0, 0), (3, False, 1, 0), (4, False, 1, 0)]
    assert _fit(early) is CoxObstacle.NO_EVENT_IN_OTHER
    mirrored = [(days, event, 1 - group, stratum) for days, event, group, stratum in early]
    assert _fit(mirrored) is CoxObstacle.NO_EVENT_IN_REFERENCE
    apart = [(days, event, group, group) for days, event, group, _ in early]
    assert _fit(apart) is CoxObstacle.NOTHING_TO_COMPARE


def test_other_group_alone_at_risk__does_not_make_a_ratio() -> None:
    # The other group's only event comes when the reference is gone.
    drawn: list[Subject] = [(1, True, 0, 0), (2, True, 0, 0), (3, True, 1, 0)]
    assert _fit(drawn) is CoxObstacle.NO_EVENT_IN_OTHER


@given(subjects())
@settings(max_examples=60)
def test_swapping_the_groups__turns_the_ratio_over(drawn: list[Subject]) -> None:
    swapped = [(days, event, 1 - group, stratum) for days, event, group, stratum in reversed(drawn)]
    here, there = _fit(drawn), _fit(swapped)
    if isinstance(here, CoxFit) and isinstance(there, CoxFit):
        assert here.coefficient == pytest.approx(-there.coefficient, abs=1e-9)
        assert here.standard_error == pytest.approx(there.standard_error, rel=1e-9)
        assert here.limits == pytest.approx((1 / there.limits[1], 1 / there.limits[0]), rel=1e-8)
    else:
        assert not isinstance(here, CoxFit)
        assert not isinstance(there, CoxFit)


def test_fit__is_that_of_lifelines_to_its_six_digits() -> None:
    rng = np.random.default_rng(5)
    drawn = [
        (
            float(np.ceil(rng.exponential(10 + 10 * group))),
            bool(rng.random() < 0.8),
            group,
            int(rng.integers(3)),
        )
        for group in [0, 1] * 40
    ]
    fit = _fit(drawn)
    assert isinstance(fit, CoxFit)
    frame = pd.DataFrame(drawn, columns=["days", "event", "group", "stratum"])
    theirs = CoxPHFitter().fit(frame, "days", "event", strata=["stratum"], fit_options={"precision": 1e-12})
    assert fit.coefficient == pytest.approx(theirs.params_["group"], rel=1e-5)
    assert fit.standard_error == pytest.approx(theirs.standard_errors_["group"], rel=1e-5)


def _checks(drawn: list[Subject]) -> tuple[float | None, float] | None:
    fit = _fit(drawn)
    if not isinstance(fit, CoxFit):
        return None
    followed, groups, strata = columns(drawn)
    table = risk_table(followed, groups, strata, group_count=2)
    drift = proportional_hazards(table, clock_of_survival(followed, table.times_days), fit.coefficient)
    robust = robust_standard_error(followed, groups, strata, fit.coefficient)
    return None if drift is None else drift.chi2, robust


@given(subjects())
@settings(max_examples=60)
def test_checks__do_not_see_names_or_order(drawn: list[Subject]) -> None:
    swapped = [(days, event, 1 - group, 2 - stratum) for days, event, group, stratum in reversed(drawn)]
    here, there = _checks(drawn), _checks(swapped)
    if here is None or there is None:
        assert here is there
    else:
        assert here[0] == (None if there[0] is None else pytest.approx(there[0], rel=1e-6, abs=1e-8))
        assert here[1] == pytest.approx(there[1], rel=1e-8)


def test_proportional_hazards__sees_curves_that_cross() -> None:
    crossing: list[Subject] = [(float(day), True, 0, 0) for day in (1, 2, 3, 4, 60, 70, 80, 90)]
    crossing += [(float(day), True, 1, 0) for day in range(20, 44, 2)]
    found = _checks(crossing)
    assert found is not None
    assert found[0] is not None
    assert found[0] > 3.84


def test_proportional_hazards__is_not_tested_on_one_event_time() -> None:
    drawn: list[Subject] = [(1, True, 0, 0), (1, True, 1, 0), (2, False, 0, 0), (2, False, 1, 0)]
    found = _checks(drawn)
    assert found is not None
    assert found[0] is None
