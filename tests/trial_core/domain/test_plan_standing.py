"""From when to when a plan was accepted: one case for each way in which it begins and ends."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from trial_core.domain.delivery_deviations import Acceptance
from trial_core.domain.plan_standing import StandingEvent, StandingEventKind, plan_standings

HANDED, ACCEPT, REJECT, VOID = StandingEventKind
P1 = {"P": "a"}
OTHER = {"Q": "b"}
BOTH = {"P": "a", "Q": "b"}
ALTERED = {"P": "changed"}


def an_event(day: int, version: int, kind: StandingEventKind, plans: dict[str, str]) -> StandingEvent:
    return StandingEvent(at=datetime(2026, 3, day, 12, tzinfo=UTC), version=version, kind=kind, plans=plans)


def days(*spans: tuple[int, int | None]) -> tuple[Acceptance, ...]:
    return tuple(
        Acceptance(from_on=date(2026, 3, one), until_on=date(2026, 3, two) if two else None)
        for one, two in spans
    )


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([(1, 1, HANDED, P1)], days(), id="waits"),
        pytest.param([(1, 1, HANDED, P1), (2, 1, REJECT, P1)], days(), id="rejected"),
        pytest.param([(1, 1, HANDED, P1), (2, 1, ACCEPT, P1)], days((2, None)), id="accepted"),
        pytest.param([(2, 1, ACCEPT, P1), (5, 1, REJECT, P1)], days((2, 5)), id="decided otherwise"),
        pytest.param([(2, 1, ACCEPT, P1), (5, 1, VOID, P1)], days((2, 5)), id="re-check"),
        pytest.param(
            [(2, 1, ACCEPT, P1), (5, 1, VOID, P1), (7, 1, ACCEPT, P1)], days((2, 5), (7, None)), id="again"
        ),
        pytest.param([(2, 1, ACCEPT, P1), (5, 2, HANDED, BOTH)], days((2, None)), id="later one waits"),
        pytest.param([(2, 1, ACCEPT, P1), (5, 2, HANDED, ALTERED)], days((2, 5)), id="other bytes"),
        pytest.param(
            [(2, 1, ACCEPT, P1), (5, 2, HANDED, BOTH), (6, 2, ACCEPT, BOTH)], days((2, None)), id="goes on"
        ),
        pytest.param([(2, 1, ACCEPT, P1), (6, 2, ACCEPT, OTHER)], days((2, 6)), id="replaced"),
        pytest.param([(2, 1, ACCEPT, P1), (6, 2, REJECT, BOTH)], days((2, 6)), id="rejected later"),
        pytest.param([(2, 1, ACCEPT, P1), (6, 2, REJECT, OTHER)], days((2, None)), id="other one rejected"),
        pytest.param(
            [(2, 1, ACCEPT, P1), (6, 2, ACCEPT, BOTH), (8, 1, VOID, P1)], days((2, None)), id="old one void"
        ),
        pytest.param(
            [(2, 1, ACCEPT, P1), (6, 2, ACCEPT, BOTH), (8, 2, VOID, BOTH)], days((2, 8)), id="new one void"
        ),
    ],
)
def test_plan_standings__one_case_a_rule(
    events: list[tuple[int, int, StandingEventKind, dict[str, str]]], expected: tuple[Acceptance, ...]
) -> None:
    made = [an_event(*each) for each in events]
    assert plan_standings(made)["P"].accepted == expected
    assert plan_standings(reversed(made))["P"].accepted == expected


def test_acceptance__covers_both_its_days() -> None:
    (span,) = days((2, 5))
    covered = [day for day in range(1, 8) if span.covers(date(2026, 3, day))]
    assert covered == [2, 3, 4, 5]
