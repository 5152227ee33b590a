"""Best overall response: table 3 of RECIST 1.1."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from trial_core.domain.best_response import best_response
from trial_core.domain.lesions import RecistRules
from trial_core.domain.response import OverallResponse as O

RULES = RecistRules()
START = date(2026, 1, 5)
W = [START + timedelta(weeks=6 * number) for number in range(8)]
LONG = replace(RULES, minimum_stable_days=60)


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [  # table 3, the minimum duration of SD met (rules as they are: 42 days at the first visit)
        (O.CR, O.CR, O.CR),
        (O.CR, O.PR, O.SD),  # "SD, PD or PR": a true CR is not confirmed by a PR
        (O.CR, O.SD, O.SD),
        (O.CR, O.PD, O.SD),
        (O.CR, O.NE, O.SD),
        (O.PR, O.CR, O.PR),
        (O.PR, O.PR, O.PR),
        (O.PR, O.SD, O.SD),
        (O.PR, O.PD, O.SD),
        (O.PR, O.NE, O.SD),
        (O.NE, O.NE, O.NE),
    ],
)
def test_best_response__confirmed_is_that_of_table_3(first: O, then: O, expected: O) -> None:
    assert best_response([(W[1], first), (W[2], then)], START, RULES, confirmed=True) is expected


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [(O.CR, O.PD, O.PD), (O.PR, O.PD, O.PD), (O.CR, O.NE, O.NE), (O.PR, O.NE, O.NE)],
)
def test_best_response__of_a_short_stable_disease_is_what_followed(first: O, then: O, expected: O) -> None:
    assert best_response([(W[1], first), (W[2], then)], START, LONG, confirmed=True) is expected


def test_best_response__without_confirmation_is_the_best_before_progression() -> None:
    visits = [(W[3], O.CR), (W[1], O.PR), (W[2], O.PD)]
    assert best_response(visits, START, RULES, confirmed=False) is O.PR
    assert best_response([], START, RULES, confirmed=False) is O.NE


def test_best_response__is_confirmed_over_a_visit_that_could_not_be_evaluated() -> None:
    visits = [(W[1], O.PR), (W[2], O.NE), (W[3], O.PR)]
    assert best_response(visits, START, RULES, confirmed=True) is O.PR


@pytest.mark.parametrize(("days", "expected"), [(27, O.SD), (28, O.PR)])
def test_best_response__is_confirmed_from_the_28th_day_on(days: int, expected: O) -> None:
    visits = [(W[1], O.PR), (W[1] + timedelta(days=days), O.PR)]
    assert best_response(visits, START, RULES, confirmed=True) is expected
