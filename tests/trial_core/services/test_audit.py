"""The audit trail: one entry a use case, and no entry can be changed unseen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.trial_core.record import AUDIT, KEY, ONCOLOGIST, PHYSICIST, Record
from trial_core.audit_errors import AuditKeyMissing
from trial_core.db.tables import audit_entry, subject
from trial_core.domain.audit_chain import Break, Flaw
from trial_core.domain.leaving import LeavingKind
from trial_core.errors import UnknownSubject
from trial_core.services import audit_trail, journal, submissions
from trial_core.services.withdrawal import take_leaving_back


def _actions(record: Record) -> list[tuple[str, str]]:
    with record.db.read() as connection:
        rows = connection.execute(select(audit_entry).order_by(audit_entry.c.sequence)).all()
    return [(row.login, row.action) for row in rows]


def _tamper(record: Record, change: Callable[[Connection], None]) -> None:
    """Change the trail as someone would who owns the database: the triggers are out of the way."""
    with record.db.transaction() as connection:
        if connection.dialect.name == "sqlite":
            for name in ("UPDATE", "DELETE", "order"):
                connection.execute(text(f"DROP TRIGGER audit_entry_{name}"))
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
        ("onc", "enter consent"),
        ("onc", "enter eligibility"),
        ("inv", "sign"),
        ("onc", "enter enrolment"),
        ("onc", "begin submission"),
        ("onc", "submit plan"),
        ("system", "claim job"),
        ("system", "finish plan check"),
        ("phy", "confirm identity"),
    ]


def test_an_entry__keeps_when_and_the_details(record: Record) -> None:
    record.enrol()
    with record.db.read() as connection:
        row = connection.execute(select(audit_entry).where(audit_entry.c.action == "enter enrolment")).one()
    assert (row.at, row.user_id, row.entity) == (record.clock(), "u-onc", "form")
    assert row.changes["phase"] == [None, "IIa"]


def test_a_refused_use_case__leaves_no_entry(record: Record) -> None:
    before = _actions(record)
    with pytest.raises(UnknownSubject):
        record.leave("none")
    assert _actions(record) == before


def test_an_entry__says_role_site_request_and_why(record: Record) -> None:
    code = record.enrol()
    record.leave(code)
    kind = LeavingKind.WITHDRAWAL_FROM_TREATMENT
    with journal.on_request("req-1"):
        take_leaving_back(record.db, ONCOLOGIST, code=code, kind=kind, reason="moved away")
    with record.db.read() as connection:
        row = connection.execute(select(audit_entry).order_by(audit_entry.c.sequence.desc())).first()
    assert row is not None
    assert (row.role, row.site_code, row.reason) == ("radiation oncologist", "S1", "moved away")
    assert row.request_id == "req-1"
    assert row.key_id == AUDIT.key.id


def test_an_entry__outside_a_request_bears_the_id_of_the_run(record: Record) -> None:
    record.enrol()
    with record.db.read() as connection:
        found = {row.request_id for row in connection.execute(select(audit_entry)).all()}
    assert len(found) == 1
    assert found.pop().startswith("run-")


@pytest.mark.parametrize("sequence", [1, 0, 1000])
def test_an_entry__is_put_neither_over_another_nor_out_of_order(record: Record, sequence: int) -> None:
    record.check(record.enrol())
    columns = "at, user_id, login, action, entity, entity_id, details, previous_hash, hash"
    again = f"SELECT {sequence}, {columns} FROM audit_entry WHERE sequence = 2"  # noqa: S608
    replace = "OR REPLACE" if record.db.engine.dialect.name == "sqlite" else ""
    statement = f"INSERT {replace} INTO audit_entry (sequence, {columns}) {again}"
    with pytest.raises(DBAPIError, match="append-only"), record.db.transaction() as connection:
        connection.execute(text(statement))


def test_nothing__is_written_without_the_key(record: Record) -> None:
    record.db.audit = None
    with pytest.raises(AuditKeyMissing):
        record.enrol()
    with record.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(subject)).scalar() == 0


def test_verify__finds_nothing_in_an_untouched_trail(record: Record) -> None:
    record.check(record.enrol())
    found = audit_trail.verify(record.db)
    assert found.whole
    assert found.head.count == len(_actions(record)) == found.anchors.last.count  # type: ignore[union-attr]


@pytest.mark.parametrize("column", ["login", "action", "entity_id", "details", "at", "previous_hash", "hash"])
def test_verify__names_the_entry_with_a_changed_value(record: Record, column: str) -> None:
    record.check(record.enrol())
    later = record.clock.time.replace(year=2030)
    value = {"at": later, "details": {"arm": "B"}}.get(column, "changed")
    chosen = update(audit_entry).where(audit_entry.c.sequence == 4).values({column: value})
    _tamper(record, lambda connection: _do(connection, chosen))
    broken = audit_trail.verify(record.db).broken
    assert broken is not None
    assert broken.sequence == 4


def test_verify__names_the_first_entry_that_was_removed(record: Record) -> None:
    record.check(record.enrol())
    _tamper(
        record, lambda connection: _do(connection, delete(audit_entry).where(audit_entry.c.sequence == 4))
    )
    assert audit_trail.verify(record.db).broken == Break(4, Flaw.MISSING)


def test_verify__finds_an_added_entry(record: Record) -> None:
    record.check(record.enrol())
    count = audit_trail.verify(record.db).head.count
    with record.db.read() as connection:
        row = connection.execute(select(audit_entry).where(audit_entry.c.sequence == 4)).mappings().one()
    _tamper(record, lambda connection: _do(connection, insert(audit_entry).values({**row, "sequence": 99})))
    assert audit_trail.verify(record.db).broken == Break(count + 1, Flaw.MISSING)


def test_verify__finds_a_trigger_that_was_dropped(record: Record) -> None:
    with record.db.transaction() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER audit_entry_DELETE"))
        else:
            connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only"))
    try:
        found = audit_trail.verify(record.db)
    finally:
        if record.db.engine.dialect.name == "postgresql":
            with record.db.transaction() as connection:
                connection.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_append_only"))
    assert found.broken is None
    assert len(found.triggers_missing) == 1
    assert not found.whole


def _do(connection: Connection, statement: object) -> None:
    connection.execute(statement)  # type: ignore[call-overload]
