"""The form of a week of radiotherapy: days that are left empty are skipped, and a refusal is at its day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from flask.testing import FlaskClient

from tests.web.callbacks import field_key
from tests.web.entering import page_text, send, went_to
from tests.web.page_values import values_of
from trial_core.domain.delivered_fractions import DeliveredFraction, DeliverySource
from web.subject_entry.delivery_week import likely_days

Person = Callable[[str], FlaskClient]

SUBJECT = "/subjects/S01-001"
WEEK = f"{SUBJECT}/fraction-week"
EMPTY = {f"day_{place}": "" for place in range(1, 6)}
CHART = {"plan": "another", "name": "emergency plan", "fraction": "4"}


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def test_week__offers_no_day_before_there_is_a_fraction(sign_in: Person) -> None:
    values = values_of(sign_in("investigator"), WEEK, typed=False)
    assert {values[field_key("fraction-week", f"day-{place}")] for place in range(1, 6)} == {""}


def test_week__offers_the_days_of_treatment_since_the_last_fraction() -> None:
    monday, friday = date(2026, 3, 2), date(2026, 3, 6)
    given = DeliveredFraction(
        plan="1.2",
        fraction=5,
        on=friday - timedelta(days=7),
        partial=False,
        share=None,
        source=DeliverySource.TYPED_IN,
    )
    assert likely_days([given], "1.2", until=friday) == [monday + timedelta(days=n) for n in range(5)]
    assert likely_days([given], "1.3", until=friday) == []


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
