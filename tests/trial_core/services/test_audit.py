"""The audit trail: one entry a use case, and no entry can be changed unseen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from tests.trial_core.record import KEY, ONCOLOGIST, PHYSICIST, Record
from trial_core.db.tables import audit_entry
from trial_core.errors import AuditChainBroken, UnknownSubject
from trial_core.services import journal, subjects, submissions


def _actions(record: Record) -> list[tuple[str, str]]:
    with record.db.read() as connection:
        rows = connection.execute(select(audit_entry).order_by(audit_entry.c.sequence)).all()
    return [(row.login, row.action) for row in rows]


def _tamper(record: Record, change: Callable[[Connection], None]) -> None:
    """Change the trail as someone would who owns the database: the triggers are out of the way."""
    with record.db.transaction() as connection:
        if connection.dialect.name == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                connection.execute(text(f"DROP TRIGGER audit_entry_{verb}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        change(connection)


def test_every_use_case__leaves_one_entry_with_who_did_what(record: Record) -> None:
    before = len(_actions(record))
    submission_id, _ = record.check(record.enrol())
    submissions.confirm_identity(
        record.db, PHYSICIST, submission_id=submission_id, identity_key=KEY, patient_id="P001"
    )
    assert _actions(record)[before:] == [
        ("onc", "register subject"),
        ("onc", "enrol subject"),
        ("onc", "begin submission"),
        ("onc", "submit plan"),
        ("system", "claim job"),
        ("system", "finish plan check"),
        ("phy", "confirm identity"),
    ]


def test_an_entry__keeps_when_and_the_details(record: Record) -> None:
    record.enrol()
    with record.db.read() as connection:
        row = connection.execute(select(audit_entry).where(audit_entry.c.action == "enrol subject")).one()
    assert (row.at, row.user_id, row.entity) == (record.clock(), "u-onc", "subject")
    assert row.details == {"phase": "IIb", "arm": "A"}


def test_a_refused_use_case__leaves_no_entry(record: Record) -> None:
    before = _actions(record)
    with pytest.raises(UnknownSubject):
        subjects.withdraw_subject(record.db, ONCOLOGIST, code="none", reason="x")
    assert _actions(record) == before


def test_the_chain__holds_and_names_its_head(record: Record) -> None:
    record.check(record.enrol())
    head = journal.verify_audit_trail(record.db)
    assert head.sequence == len(_actions(record))
    assert len(head.hash) == 64


@pytest.mark.parametrize("column", ["login", "action", "entity_id", "details", "at", "previous_hash", "hash"])
def test_the_chain__notices_a_changed_value(record: Record, column: str) -> None:
    record.check(record.enrol())
    later = record.clock.time.replace(year=2030)
    value = {"at": later, "details": {"arm": "B"}}.get(column, "changed")
    chosen = update(audit_entry).where(audit_entry.c.sequence == 4).values({column: value})
    _tamper(record, lambda connection: _do(connection, chosen))
    with pytest.raises(AuditChainBroken) as caught:
        journal.verify_audit_trail(record.db)
    assert caught.value.sequence == 4


def test_the_chain__notices_a_removed_entry(record: Record) -> None:
    record.check(record.enrol())
    _tamper(
        record, lambda connection: _do(connection, delete(audit_entry).where(audit_entry.c.sequence == 4))
    )
    with pytest.raises(AuditChainBroken):
        journal.verify_audit_trail(record.db)


def test_the_chain__notices_an_added_entry(record: Record) -> None:
    record.check(record.enrol())
    with record.db.read() as connection:
        row = connection.execute(select(audit_entry).where(audit_entry.c.sequence == 4)).mappings().one()
    _tamper(record, lambda connection: _do(connection, insert(audit_entry).values({**row, "sequence": 99})))
    with pytest.raises(AuditChainBroken):
        journal.verify_audit_trail(record.db)


def _do(connection: Connection, statement: object) -> None:
    connection.execute(statement)  # type: ignore[call-overload]
