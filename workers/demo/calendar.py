"""The demo study's days, fixed: nothing of it depends on the day on which it is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

CONSENT_FORM_ON = date(2023, 8, 1)
SET_UP_ON = date(2024, 2, 26)
FIRST_SUBJECT_ON = date(2024, 3, 4)  # two weeks before the synthetic course's first treatment record
RUN_IN_CLOSED_ON = date(2024, 7, 8)
IIB_OPENED_ON = date(2024, 10, 21)
FIRST_IIB_SUBJECT_ON = date(2024, 10, 23)
AMENDED_CONSENT_ON = date(2024, 12, 2)
"""The first day of the amended consent form: who is still followed is asked again."""
RECORDS_ON = date(2024, 4, 10)
"""The day after the synthetic courses' last treatment record: the rest of their fractions is typed in."""
DEMO_DAY = date(2025, 9, 30)
"""The last day of the demo study, and that of its data cut."""

_MORNING = time(8, tzinfo=UTC)
_SATURDAY = 5


class DemoClock:
    """The clock of whoever enters the demo study's data: set to a day, a second on at each look."""

    def __init__(self) -> None:
        self._now = datetime.combine(SET_UP_ON, _MORNING)

    def go_to(self, on: date) -> None:
        """Go on to the morning of a day; never back."""
        self._now = max(self._now, datetime.combine(on, _MORNING))

    def __call__(self) -> datetime:
        """Give the time."""
        self._now += timedelta(seconds=1)
        return self._now


def working_day(on: date) -> date:
    """Give the day, or the Monday after it."""
    while on.weekday() >= _SATURDAY:
        on += timedelta(days=1)
    return on


def working_days(first: date, count: int) -> Iterator[date]:
    """Give so many working days from the first on."""
    on = first
    for _ in range(count):
        on = working_day(on)
        yield on
        on += timedelta(days=1)
