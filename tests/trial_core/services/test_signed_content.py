"""A signature binds to the content itself: edited in the database past the triggers, it is signed no more."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from tests.trial_core import enrolling
from tests.trial_core.record import INVESTIGATOR, ONCOLOGIST, Record
from trial_core.enrolment_errors import NotReady
from trial_core.services import enrolment
from trial_core.services.screening_record import screening_record


def _past_the_triggers(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    named = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'form_entry'")
    for name in connection.execute(named).scalars().all():
        connection.execute(text(f"DROP TRIGGER {name}"))


def test_an_eligibility_form_edited_in_the_database__is_signed_no_more(record: Record) -> None:
    protocol = enrolling.protocol_of()
    enrolling.screen(record.db, ONCOLOGIST, INVESTIGATOR, "S1-001", protocol)
    before = screening_record(record.db, ONCOLOGIST, code="S1-001", protocol=protocol)
    assert [each.valid for each in before.signatures] == [True]
    with record.db.transaction() as connection:
        _past_the_triggers(connection)
        old = "SELECT CAST(content AS TEXT) FROM form_entry WHERE kind = 'eligibility'"
        content = connection.execute(text(old)).scalar_one()
        edit = text("UPDATE form_entry SET content = :content WHERE kind = 'eligibility'")
        assert "18.0" in content
        connection.execute(edit, {"content": content.replace("18.0", "19.0", 1)})
    after = screening_record(record.db, ONCOLOGIST, code="S1-001", protocol=protocol)
    assert [each.valid for each in after.signatures] == [False]
    with pytest.raises(NotReady, match="void"):
        enrolment.enrol_subject(record.db, ONCOLOGIST, code="S1-001", protocol=protocol)
