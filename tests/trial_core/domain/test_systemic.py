"""Systemic cycles: delay, dose, reason, and what cannot be."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from trial_core.domain.systemic import AgentDose, Cycle, CycleStatus, cycle_queries

D = date(2026, 3, 2)
FULL = AgentDose(agent="paclitaxel", unit="mg", planned=280, given=280)
ONE = Cycle(number=1, planned_on=D, given_on=D, agents=(FULL,))
TWO = Cycle(number=2, planned_on=D + timedelta(days=21), given_on=D + timedelta(days=21), agents=(FULL,))
TODAY = D + timedelta(days=60)


def test_cycle__knows_its_delay() -> None:
    late = replace(TWO, given_on=TWO.planned_on + timedelta(days=7))
    assert (ONE.delay_days, late.delay_days, replace(ONE, given_on=None).delay_days) == (0, 7, None)


@pytest.mark.parametrize(
    ("cycle", "expected"),
    [
        (ONE, CycleStatus.GIVEN),
        (replace(ONE, given_on=None), CycleStatus.DUE),
        (replace(ONE, given_on=None, planned_on=TODAY), CycleStatus.DUE),
        (replace(ONE, given_on=None, omitted=True), CycleStatus.OMITTED),
        (replace(ONE, given_on=None, planned_on=TODAY + timedelta(days=1)), CycleStatus.PLANNED),
    ],
)
def test_cycle__has_a_status(cycle: Cycle, expected: CycleStatus) -> None:
    assert cycle.status(TODAY) is expected


@pytest.mark.parametrize(
    ("cycles", "message"),
    [
        ([replace(TWO, given_on=TWO.planned_on + timedelta(days=7))], "without a reason"),
        ([replace(ONE, agents=(replace(FULL, given=210),))], "without a reason"),
        ([replace(ONE, given_on=None, omitted=True)], "without a reason"),
        ([replace(ONE, omitted=True, reason="fever")], "both given and omitted"),
        ([ONE, ONE], "entered twice"),
        ([ONE, replace(TWO, given_on=D, reason="early")], "not given after cycle 1"),
        ([replace(ONE, given_on=TODAY + timedelta(days=1), reason="?")], "in the future"),
        ([replace(ONE, agents=(replace(FULL, given=None),))], "not every dose"),
    ],
)
def test_cycle_queries__say_what_is_unclear(cycles: list[Cycle], message: str) -> None:
    (query,) = cycle_queries(cycles, today=TODAY)
    assert message in query.message


def test_cycle_queries__are_none_where_all_is_as_planned_or_has_its_reason() -> None:
    reduced = replace(TWO, agents=(replace(FULL, given=210),), reason="neutropenia")
    assert cycle_queries([ONE, reduced], today=TODAY) == ()
    assert "after the death" in cycle_queries([TWO], today=TODAY, died_on=D)[0].message
