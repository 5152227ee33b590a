"""Reading the audit trail: what each role finds, by whom, when and about which subject."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.trial_core.record import ADJUDICATOR, MONITOR, OFFICE, ONCOLOGIST, OTHER_ONCOLOGIST, Record
from trial_core.domain.access import Actor
from trial_core.errors import NotAuthorised
from trial_core.services import audit_search
from trial_core.services.audit_search import OPEN_ENTITIES, Asked, FoundPage

_SUBJECTS = ("register subject", "enter consent", "enter eligibility", "sign", "enter enrolment")


def _found(record: Record, **asked: object) -> list[str]:
    page = audit_search.read_trail(record.db, MONITOR, Asked(**asked))  # type: ignore[arg-type]
    return [each.entry.action for each in reversed(page.entries)]


def _numbers(page: FoundPage) -> list[int]:
    return [each.entry.sequence for each in page.entries]


def test_search_by_subject__finds_forms_signatures_and_plans_of_that_one(record: Record) -> None:
    record.enrol("S2-001", OTHER_ONCOLOGIST)
    record.check(record.enrol("S1-001"))
    found = _found(record, subject="S1-001")
    assert found == [*_SUBJECTS, "begin submission", "submit plan", "finish plan check"]
    page = audit_search.read_trail(record.db, MONITOR, Asked(subject="S1:S1-001"))
    assert {each.subject for each in page.entries} == {("S1", "S1-001")}
    assert _found(record, subject="S2:S1-001") == _found(record, subject="%") == []


def test_search__by_person_action_and_days(record: Record) -> None:
    record.enrol("S1-001")
    first = record.clock().date()
    record.clock.advance(days=3)
    record.enrol("S1-002")
    assert _found(record, login="inv", from_on=first) == ["sign", "sign"]
    assert len(_found(record, action="enter consent")) == 2
    second = first + timedelta(days=3)
    assert _found(record, from_on=second, login="onc", action="register subject") == ["register subject"]
    assert len(_found(record, to_on=second, action="register subject")) == 2
    assert _found(record, to_on=second - timedelta(days=1), action="register subject") == ["register subject"]
    assert _found(record, login="onc", from_on=date(2200, 1, 1), to_on=date.max) == []


def test_pages__meet_without_a_gap_and_turn_both_ways(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_search, "ENTRIES_A_PAGE", 4)
    monkeypatch.setattr(audit_search, "_ENTRIES_AT_ONCE", 3)
    record.enrol()
    record.enrol("S1-002")
    newest = audit_search.read_trail(record.db, MONITOR, Asked())
    older = audit_search.read_trail(record.db, MONITOR, Asked(), before=_numbers(newest)[-1])
    assert _numbers(newest) + _numbers(older) == list(range(newest.total, newest.total - 8, -1))
    assert (newest.has_newer, newest.has_older, older.has_newer) == (False, True, True)
    back = audit_search.read_trail(record.db, MONITOR, Asked(), after=_numbers(older)[0])
    assert _numbers(back) == _numbers(newest)
    whole = [each.entry.sequence for each in audit_search.every_entry(record.db, MONITOR, Asked())]
    assert whole == list(range(newest.head.count, 0, -1))


def test_administrator__reads_the_installations_entries_and_nothing_of_a_subject(record: Record) -> None:
    record.check(record.enrol())
    page = audit_search.read_operations_trail(record.db, OFFICE, Asked())
    assert {each.entry.entity for each in page.entries} <= OPEN_ENTITIES
    assert "claim job" in page.actions
    assert not set(_SUBJECTS) & set(page.actions)
    assert not any(each.subject for each in page.entries)
    for asked in (Asked(subject="S1-001"), Asked(action="enter consent")):
        closed = audit_search.read_operations_trail(record.db, OFFICE, asked)
        assert (closed.entries, closed.total) == ((), 0)
        assert list(audit_search.every_operations_entry(record.db, OFFICE, asked)) == []


@pytest.mark.parametrize("actor", [ONCOLOGIST, ADJUDICATOR], ids=lambda one: one.role.value)
def test_trail__is_refused_to_whoever_is_neither_monitor_nor_administrator(
    record: Record, actor: Actor
) -> None:
    for read in (audit_search.read_trail, audit_search.read_operations_trail, audit_search.every_entry):
        with pytest.raises(NotAuthorised):
            read(record.db, actor, Asked())
    for read, whom in ((audit_search.read_trail, OFFICE), (audit_search.read_operations_trail, MONITOR)):
        with pytest.raises(NotAuthorised):
            read(record.db, whom, Asked())
    assert audit_search.verify_trail(record.db, MONITOR).whole
