"""A person's filter of the work list is theirs alone, follows them, and is no part of the record."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.trial_core.record import OFFICE, ONCOLOGIST, PHYSICIST, Record
from trial_core.db.tables import audit_entry
from trial_core.errors import NotAuthorised
from trial_core.services import own_settings
from trial_core.services.own_settings import FilteredList

OUTCOME = {"outcome": {"filterType": "text", "type": "contains", "filter": "\ud800 unacceptable ≥"}}


def _audited(record: Record) -> int:
    with record.db.read() as connection:
        return connection.execute(select(func.count()).select_from(audit_entry)).scalar_one()


def test_work_list_filter__is_kept_for_the_person_who_set_it(record: Record) -> None:
    before = _audited(record)
    assert own_settings.list_filter(record.db, ONCOLOGIST, of=FilteredList.WORK_LIST) == {}
    own_settings.keep_list_filter(
        record.db, ONCOLOGIST, {"subject": {"filter": "S1"}}, of=FilteredList.WORK_LIST
    )
    own_settings.keep_list_filter(record.db, ONCOLOGIST, OUTCOME, of=FilteredList.WORK_LIST)
    assert own_settings.list_filter(record.db, ONCOLOGIST, of=FilteredList.WORK_LIST) == OUTCOME
    assert own_settings.list_filter(record.db, PHYSICIST, of=FilteredList.WORK_LIST) == {}
    own_settings.keep_list_filter(record.db, ONCOLOGIST, {}, of=FilteredList.WORK_LIST)
    assert own_settings.list_filter(record.db, ONCOLOGIST, of=FilteredList.WORK_LIST) == {}
    assert _audited(record) == before


def test_filters__of_two_lists_are_kept_apart(record: Record) -> None:
    own_settings.keep_list_filter(record.db, ONCOLOGIST, OUTCOME, of=FilteredList.SUBJECTS)
    assert own_settings.list_filter(record.db, ONCOLOGIST, of=FilteredList.WORK_LIST) == {}
    assert own_settings.list_filter(record.db, ONCOLOGIST, of=FilteredList.SUBJECTS) == OUTCOME


def test_work_list_filter__is_for_roles_that_have_a_work_list(record: Record) -> None:
    with pytest.raises(NotAuthorised):
        own_settings.keep_list_filter(record.db, OFFICE, OUTCOME, of=FilteredList.WORK_LIST)
