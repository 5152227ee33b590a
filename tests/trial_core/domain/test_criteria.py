"""The verdict of one criterion: exact at its thresholds, honest about what is not known."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trial_core.domain.rows import a_criterion
from trial_core.domain.criteria import (
    Measurement,
    Relation,
    Requirement,
    Threshold,
    Verdict,
    is_borderline,
    judge,
    verdict_of,
)

PER_PROTOCOL, VARIATION = Verdict.PER_PROTOCOL, Verdict.ACCEPTABLE_VARIATION
UNACCEPTABLE, NOT_EVALUABLE = Verdict.UNACCEPTABLE_DEVIATION, Verdict.NOT_EVALUABLE
MEAN_LUNG = Threshold(relation=Relation.AT_MOST, ideal=15.0, limit=19.0)
COVERAGE = Threshold(relation=Relation.AT_LEAST, ideal=98.0, limit=95.0)
CORD = Threshold(relation=Relation.AT_MOST, limit=45.0)


@pytest.mark.parametrize(
    ("threshold", "value", "verdict"),
    [
        (MEAN_LUNG, 15.0, PER_PROTOCOL),
        (MEAN_LUNG, math.nextafter(15.0, math.inf), VARIATION),
        (MEAN_LUNG, 19.0, VARIATION),
        (MEAN_LUNG, math.nextafter(19.0, math.inf), UNACCEPTABLE),
        (MEAN_LUNG, 0.0, PER_PROTOCOL),
        (COVERAGE, 98.0, PER_PROTOCOL),
        (COVERAGE, math.nextafter(98.0, 0.0), VARIATION),
        (COVERAGE, 95.0, VARIATION),
        (COVERAGE, math.nextafter(95.0, 0.0), UNACCEPTABLE),
        (CORD, 45.0, PER_PROTOCOL),
        (CORD, math.nextafter(45.0, math.inf), UNACCEPTABLE),
        (CORD, math.nextafter(45.0, 0.0), PER_PROTOCOL),
    ],
)
def test_verdict_of__is_exact_at_the_boundary_and_equality_meets_it(
    threshold: Threshold, value: float, verdict: Verdict
) -> None:
    assert verdict_of(threshold, value) is verdict


@given(st.floats(0, 100), st.floats(0, 100))
def test_verdict_of__never_improves_with_more_dose_to_an_organ(one: float, other: float) -> None:
    order = [PER_PROTOCOL, VARIATION, UNACCEPTABLE]
    low, high = sorted((one, other))
    assert order.index(verdict_of(MEAN_LUNG, low)) <= order.index(verdict_of(MEAN_LUNG, high))
    assert order.index(verdict_of(COVERAGE, low)) >= order.index(verdict_of(COVERAGE, high))


@given(st.floats(0, 100))
def test_verdict_of__knows_no_variation_without_an_ideal(value: float) -> None:
    assert verdict_of(CORD, value) is not VARIATION


@pytest.mark.parametrize(
    ("value", "uncertainty", "expected"),
    [
        (14.95, 0.1, True),
        (15.05, 0.1, True),
        (18.95, 0.1, True),
        (17.0, 0.1, False),
        (15.0, 0.0, False),
        (15.0, None, False),
        (14.875, 0.125, False),  # as far as the uncertainty, not nearer
    ],
)
def test_is_borderline__means_nearer_to_a_threshold_than_the_uncertainty(
    value: float, uncertainty: float | None, expected: bool
) -> None:
    assert is_borderline(MEAN_LUNG, value, uncertainty) is expected


def test_judge__keeps_the_verdict_beside_borderline() -> None:
    result = judge(a_criterion(19.0, ideal=15.0), Measurement(value=19.05, uncertainty=0.1))
    assert result.verdict is UNACCEPTABLE
    assert result.borderline
    assert result.margin == pytest.approx(-0.05)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("relation", list(Relation))
def test_judge__never_passes_a_value_that_is_no_number(value: float, relation: Relation) -> None:
    result = judge(a_criterion(20.0, relation=relation), Measurement(value=value))
    assert result.verdict is NOT_EVALUABLE
    assert "not a finite number" in result.reason


def test_judge__never_passes_with_an_uncertainty_that_is_no_number() -> None:
    assert judge(a_criterion(20.0), Measurement(value=1.0, uncertainty=math.nan)).verdict is NOT_EVALUABLE


def test_judge__partly_uncovered_with_one_verdict_both_ways_is_evaluable_with_both_values() -> None:
    measured = Measurement(value=None, if_uncovered_zero=10.0, if_uncovered_max=14.0, uncertainty=0.1)
    result = judge(a_criterion(20.0), measured)
    assert result.verdict is PER_PROTOCOL
    assert result.margin == pytest.approx(6.0)  # of the less favourable value
    assert result.measurement.if_uncovered_zero == 10.0


def test_judge__partly_uncovered_with_two_verdicts_is_not_evaluable() -> None:
    measured = Measurement(value=15.0, if_uncovered_zero=14.0, if_uncovered_max=21.0)
    result = judge(a_criterion(20.0), measured)
    assert result.verdict is NOT_EVALUABLE
    assert "14 (per protocol) or 21 (unacceptable deviation)" in result.reason
    assert result.margin is None


def test_judge__one_bound_alone_is_no_value() -> None:
    assert judge(a_criterion(20.0), Measurement(value=None, if_uncovered_zero=1.0)).verdict is NOT_EVALUABLE


def test_judge__an_absent_structure_depends_on_what_is_required() -> None:
    absent = Measurement(value=None, not_contoured=True)
    assert judge(a_criterion(20.0), absent).verdict is NOT_EVALUABLE
    optional = a_criterion(20.0, requirement=Requirement.IF_PRESENT)
    assert judge(optional, absent).verdict is Verdict.NOT_CONTOURED


def test_judge__tells_why_there_is_no_value() -> None:
    result = judge(a_criterion(20.0), Measurement(value=None, reason="the dose grid ends above it"))
    assert (result.verdict, result.reason) == (NOT_EVALUABLE, "the dose grid ends above it")
