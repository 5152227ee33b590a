"""A person's filter of the work list is theirs alone, follows them, and is no part of the record."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.trial_core.record import OFFICE, ONCOLOGIST, PHYSICIST, Record
from trial_core.db.tables import audit_entry
from trial_core.errors import NotAuthorised
from trial_core.services import own_settings

OUTCOME = {"outcome": {"filterType": "text", "type": "contains", "filter": "\ud800 unacceptable ≥"}}


def _audited(record: Record) -> int:
    with record.db.read() as connection:
        return connection.execute(select(func.count()).select_from(audit_entry)).scalar_one()


def test_work_list_filter__is_kept_for_the_person_who_set_it(record: Record) -> None:
    before = _audited(record)
    assert own_settings.work_list_filter(record.db, ONCOLOGIST) == {}
    own_settings.keep_work_list_filter(record.db, ONCOLOGIST, {"subject": {"filter": "S1"}})
    own_settings.keep_work_list_filter(record.db, ONCOLOGIST, OUTCOME)
    assert own_settings.work_list_filter(record.db, ONCOLOGIST) == OUTCOME
    assert own_settings.work_list_filter(record.db, PHYSICIST) == {}
    own_settings.keep_work_list_filter(record.db, ONCOLOGIST, {})
    assert own_settings.work_list_filter(record.db, ONCOLOGIST) == {}
    assert _audited(record) == before


def test_work_list_filter__is_for_roles_that_have_a_work_list(record: Record) -> None:
    with pytest.raises(NotAuthorised):
        own_settings.keep_work_list_filter(record.db, OFFICE, OUTCOME)
