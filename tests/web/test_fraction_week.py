"""The form of a week of radiotherapy: days that are left empty are skipped, and a refusal is at its day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask.testing import FlaskClient

from tests.web.callbacks import field_key
from tests.web.entering import page_text, send, went_to
from tests.web.page_values import values_of

Person = Callable[[str], FlaskClient]

SUBJECT = "/subjects/S01-001"
WEEK = f"{SUBJECT}/fraction-week"
EMPTY = {f"day_{place}": "" for place in range(1, 6)}
CHART = {"plan": "another", "name": "emergency plan", "fraction": "4"}


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def test_week__offers_days_of_treatment_that_have_come(sign_in: Person) -> None:
    values = values_of(sign_in("investigator"), WEEK, typed=False)
    days = [values[field_key("fraction-week", f"day-{place}")] for place in range(1, 6)]
    assert days == sorted(days)
    assert all(datetime.fromisoformat(day).weekday() < 5 and day <= _today() for day in days)


def test_week__is_saved_without_its_empty_days_and_shown_with_the_subject(sign_in: Person) -> None:
    client = sign_in("investigator")
    answer = send(client, WEEK, "fraction-week", **{**EMPTY, **CHART, "day_1": _today()})
    assert went_to(answer) == SUBJECT
    assert "emergency plan" in page_text(client, SUBJECT)


def test_week__refused_says_so_at_the_day_of_the_chart(sign_in: Person) -> None:
    client = sign_in("investigator")
    days = {"day_1": _today(), "day_3": _today()}
    refused = send(client, WEEK, "fraction-week", **{**EMPTY, **CHART, **days})
    assert "Day 3: " in refused
    assert "is not after" in refused
    assert '"field":"day-3"' in refused.replace('", "', '","').replace('": "', '":"').replace('\\"', '"')
    assert "emergency plan" not in page_text(client, SUBJECT)
