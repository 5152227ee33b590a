"""Forms on record: versions, reasons, taking back, and what the database refuses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.trial_core.record import ONCOLOGIST, Record
from trial_core.db.form_content import from_plain, to_plain
from trial_core.db.repositories import forms, subjects
from trial_core.db.repositories.forms import FormVersion
from trial_core.errors import FormChangedMeanwhile, NothingToTakeBack, ReasonMissing
from trial_core.services.forms import enter, take_back
from trial_core.services.subjects import create_subject


@dataclass(frozen=True)
class Weight:
    on: date
    kg: float


FIRST, CORRECTED = Weight(date(2026, 3, 1), 61.5), Weight(date(2026, 3, 1), 65.1)


class Forms:
    """One subject's forms of one kind."""

    def __init__(self, record: Record) -> None:
        self.record = record
        create_subject(record.db, ONCOLOGIST, code="S1-001")
        with record.db.read() as connection:
            found = subjects.find(connection, site_code="S1", code="S1-001")
        assert found
        self.subject_id = found[0]

    def enter(self, content: Weight, reason: str | None = None, seen: int | None = None) -> FormVersion:
        with self.record.db.transaction() as connection:
            return enter(
                connection,
                self.record.db,
                ONCOLOGIST,
                subject_id=self.subject_id,
                kind="weight",
                occasion="visit 1",
                content=content,
                reason=reason,
                seen_version=seen,
            )

    def take_back(self, reason: str) -> FormVersion:
        with self.record.db.transaction() as connection:
            return take_back(
                connection,
                self.record.db,
                ONCOLOGIST,
                subject_id=self.subject_id,
                kind="weight",
                occasion="visit 1",
                reason=reason,
            )

    def standing(self) -> list[FormVersion]:
        with self.record.db.read() as connection:
            return list(forms.standing(connection, subject_id=self.subject_id))

    def changes(self) -> list[object]:
        with self.record.db.read() as connection:
            rows = connection.execute(
                text("SELECT changes FROM audit_entry WHERE entity = 'form' ORDER BY sequence")
            )
            return [json.loads(row.changes) for row in rows]


@pytest.fixture
def weight(record: Record) -> Forms:
    return Forms(record)


def test_content__comes_back_as_it_went(weight: Forms) -> None:
    weight.enter(FIRST)
    assert [from_plain(form.content, Weight) for form in weight.standing()] == [FIRST]


@pytest.mark.parametrize(
    "plain",
    [
        {"on": "2026-03-01", "kg": "61.5"},
        {"on": "2026-03-01", "kg": True},
        {"on": "1 March", "kg": 61.5},
        {"on": "2026-03-01"},
        {"on": "2026-03-01", "kg": 61.5, "more": 1},
        [],
        None,
    ],
)
def test_content__of_another_kind_is_refused(plain: object) -> None:
    with pytest.raises(ValueError, match="this is no Weight"):
        from_plain(plain, Weight)


def test_enter__the_same_twice_writes_one_version(weight: Forms) -> None:
    assert weight.enter(FIRST) == weight.enter(FIRST)
    assert weight.changes() == [{"kg": [None, 61.5], "on": [None, "2026-03-01"]}]


def test_enter__a_correction_needs_a_reason_and_keeps_the_old_value(weight: Forms) -> None:
    weight.enter(FIRST)
    with pytest.raises(ReasonMissing):
        weight.enter(CORRECTED, reason="  ", seen=1)
    weight.enter(CORRECTED, reason="digits exchanged", seen=1)
    assert [(form.version, form.content) for form in weight.standing()] == [(2, to_plain(CORRECTED))]
    assert weight.changes()[1] == {"kg": [61.5, 65.1]}


@pytest.mark.parametrize("seen", [None, 2])
def test_enter__over_what_the_person_did_not_see_is_refused(weight: Forms, seen: int | None) -> None:
    weight.enter(FIRST)
    with pytest.raises(FormChangedMeanwhile):
        weight.enter(CORRECTED, reason="digits exchanged", seen=seen)
    assert [form.version for form in weight.standing()] == [1]


def test_take_back__leaves_the_history_and_lets_it_be_entered_again(weight: Forms) -> None:
    weight.enter(FIRST)
    weight.take_back("another subject's")
    assert weight.standing() == []
    with pytest.raises(NothingToTakeBack):
        weight.take_back("twice")
    assert weight.enter(FIRST, reason="it was this subject's").version == 3


@pytest.mark.parametrize("statement", ["UPDATE form_entry SET content = '{}'", "DELETE FROM form_entry"])
def test_database__refuses_to_change_a_version(weight: Forms, statement: str) -> None:
    weight.enter(FIRST)
    with (
        pytest.raises(DBAPIError, match="form_entry is append-only"),
        weight.record.db.transaction() as connection,
    ):
        connection.execute(text(statement))
    assert weight.standing()[0].content == to_plain(FIRST)
