"""A week of fractions typed in at once: all of it is taken, or none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.trial_core.clinic import conduct
from tests.trial_core.record import OTHER_ONCOLOGIST, PHYSICIST, STAFF, Record
from tests.trial_core.reviewing import CFRT_UID, Board
from trial_core.domain.access import Actor
from trial_core.errors import NotAuthorised, TrialError, UnknownSubject
from trial_core.review_errors import FractionOfWeekImpossible
from trial_core.services import delivery
from trial_core.services.delivery_week import DayGiven, enter_week

CODE = "S1-001"
MONDAY = date(2026, 3, 2)  # the trial's clock starts the day before
pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture
def board(record: Record) -> Board:
    record.enrol(CODE)
    record.clock.advance(days=8)
    return Board(record)


def week(*after_monday: int, partial: int | None = None) -> list[DayGiven]:
    return [DayGiven(on=MONDAY + timedelta(days=n), partial=n == partial) for n in after_monday]


def enter(board: Board, days: list[DayGiven], *, first: int = 1, actor: Actor = STAFF) -> int:
    found = enter_week(board.db, conduct(), actor, code=CODE, plan=CFRT_UID, first=first, days=days)
    return len(found)


def given(board: Board) -> list[tuple[int | None, date | None, bool]]:
    found = delivery.delivery_view(board.db, conduct(), STAFF, code=CODE).fractions
    return [(each.fraction, each.on, each.partial) for each in found]


def test_week__is_numbered_in_the_order_of_its_days(board: Board) -> None:
    assert enter(board, week(0, 1, 3, partial=3), first=5) == 3
    assert given(board) == [
        (5, MONDAY, False),
        (6, MONDAY + timedelta(days=1), False),
        (7, MONDAY + timedelta(days=3), True),
    ]


@pytest.mark.parametrize(
    ("days", "field", "words"),
    [
        (week(), "day-1", "there is no day"),
        (week(0, 1, 1), "day-3", "is not after"),
        (week(1, 0), "day-2", "is not after"),
        (week(0, 1, 30), "day-3", "lies in the future"),
        (week(*range(8)), "day-8", "more than 7 days"),
        (week(-40, 0), "day-1", "no consent"),
    ],
)
def test_week__with_a_day_that_cannot_be_is_refused_whole_at_that_day(
    board: Board, days: list[DayGiven], field: str, words: str
) -> None:
    with pytest.raises(FractionOfWeekImpossible, match=words) as refused:
        enter(board, days)
    assert refused.value.field == field
    assert given(board) == []


def test_week__over_a_fraction_on_record_is_refused_whole(board: Board) -> None:
    enter(board, week(0))
    with pytest.raises(FractionOfWeekImpossible, match="fraction 1 is on record already"):
        enter(board, week(0, 1))
    assert len(given(board)) == 1
    assert enter(board, week(1, 2), first=2) == 2


@pytest.mark.parametrize(("actor", "error"), [(PHYSICIST, NotAuthorised), (OTHER_ONCOLOGIST, UnknownSubject)])
def test_week__is_entered_by_the_site(board: Board, actor: Actor, error: type[TrialError]) -> None:
    with pytest.raises(error):
        enter(board, week(0), actor=actor)
    assert given(board) == []
