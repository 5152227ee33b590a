"""Versions of the protocol on record: each once, with its file, what it judged and what it changed."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.trial_core.protocols.amended import CORD, SHIPPED, amended, protocol_of
from tests.trial_core.record import OFFICE, ONCOLOGIST, Record, report_on
from trial_core.db.repositories.audit_reading import ReadEntry
from trial_core.domain.access import SYSTEM
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.protocol_record import RecordedProtocol
from trial_core.errors import NotAuthorised
from trial_core.protocol_errors import ProtocolUnusable, ProtocolVersionTaken, UnknownProtocolVersion
from trial_core.services import audit_search, protocol_versions, results
from trial_core.services.audit_search import Asked
from trial_core.services.protocol_versions import (
    compare_protocol_versions,
    list_protocol_versions,
    protocol_of_version,
    record_own_protocol,
    record_protocol,
)

AMENDED = amended((CORD, CORD.replace("45", "40")))
FILE = "scr_escc_01.yaml"


def _entries(record: Record) -> list[ReadEntry]:
    found = audit_search.read_operations_trail(
        record.db, OFFICE, Asked(action="install protocol version"), before=None, after=None
    )
    return [each.entry for each in found.entries]


def _check_by(record: Record, code: str, recorded: RecordedProtocol) -> None:
    """Submit a set and judge it by a version."""
    record.enrol(code)
    ticket = record.submit(code, code.encode())
    report = report_on(code.encode())
    by = replace(report.protocol, id=recorded.protocol_id, version=recorded.version, sha256=recorded.sha256)
    results.finish_plan_check(
        record.db,
        record.store,
        identity_key=b"k" * 32,
        claim=record.claim(ticket.job_id),
        report=replace(report, protocol=by),
        identities=[PatientIdentity(code, f"Doe^{code}", "19500101")],
        sop_instance_uids=[f"1.2.{code[-1]}"],
    )


def test_start_of_the_program__puts_its_protocol_on_record_once(record: Record) -> None:
    first = record_own_protocol(record.db)
    record.clock.advance(days=1)
    assert record_own_protocol(record.db) == first
    assert first.sha256 == hashlib.sha256(SHIPPED).hexdigest()
    assert (first.number, first.installed_by, first.file) == (1, SYSTEM.login, FILE)
    (entry,) = _entries(record)
    assert (entry.details["version"], entry.details["sha256"]) == (first.version, first.sha256)


def test_file__is_given_back_byte_for_byte(record: Record) -> None:
    data = SHIPPED.replace(b"\n", b"\r\n")
    kept = record_protocol(record.db, OFFICE, data=data, file=FILE)
    assert protocol_of_version(record.db, OFFICE, number=kept.number) == (kept, data)
    assert hashlib.sha256(data).hexdigest() == kept.sha256


def test_same_version_with_other_content__is_refused_in_words_and_changes_nothing(record: Record) -> None:
    known = record_own_protocol(record.db)
    other = amended((CORD, CORD.replace("45", "60")), version=known.version)
    with pytest.raises(ProtocolVersionTaken) as refused:
        record_protocol(record.db, OFFICE, data=other, file=FILE)
    for fact in (known.protocol_id, known.version, known.sha256[:12], "another version"):
        assert fact in refused.value.message
    assert len(list_protocol_versions(record.db, OFFICE).versions) == 1
    assert len(_entries(record)) == 1


def test_two_at_once__put_one_version_on_record(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process installs it between our look and our writing."""
    known, looked = protocol_versions._known, []

    def look(*asked: object) -> object:
        looked.append(asked)
        return None if len(looked) == 1 else known(*asked)  # type: ignore[arg-type]

    first = record_own_protocol(record.db)
    monkeypatch.setattr(protocol_versions, "_known", look)
    assert record_own_protocol(record.db) == first
    assert len(looked) == 2


def test_what_is_no_protocol__is_refused_with_its_problems(record: Record) -> None:
    for data in (b"id: x\n", b"\xff\xfe", SHIPPED.replace(b"limit: 45", b"limit: many")):
        with pytest.raises(ProtocolUnusable, match=FILE):
            record_protocol(record.db, OFFICE, data=data, file=FILE)
    assert list_protocol_versions(record.db, OFFICE).versions == ()


def test_versions__are_never_changed(record: Record) -> None:
    record_own_protocol(record.db)
    for statement in ("UPDATE protocol_version SET content = 'x'", "DELETE FROM protocol_version"):
        with pytest.raises(DBAPIError, match="append-only"), record.db.transaction() as connection:
            connection.execute(text(statement))


def test_list__is_newest_first_with_what_each_judged(record: Record) -> None:
    first = record_own_protocol(record.db)
    second = record_protocol(record.db, OFFICE, data=AMENDED, file=FILE)
    _check_by(record, "S1-001", first)
    _check_by(record, "S1-002", first)
    _check_by(record, "S1-003", second)
    found = list_protocol_versions(record.db, OFFICE)
    assert [(each.recorded, each.results, each.standing) for each in found.versions] == [
        (second, 1, 1),
        (first, 2, 2),
    ]
    assert found.unrecorded == ()


def test_treatment_records_alone__are_no_plan_that_was_judged(record: Record) -> None:
    kept = record_own_protocol(record.db)
    _check_by(record, "S1-001", kept)
    with record.db.transaction() as connection:
        connection.execute(text("UPDATE plan_submission SET records_only = 1"))
    assert [each.results for each in list_protocol_versions(record.db, OFFICE).versions] == [0]


def test_what_was_judged_by_a_file_that_is_not_kept__is_told_apart(record: Record) -> None:
    kept = record_own_protocol(record.db)
    _check_by(record, "S1-001", replace(kept, sha256="0" * 64))
    found = list_protocol_versions(record.db, OFFICE)
    assert [each.results for each in found.versions] == [0]
    (other,) = found.unrecorded
    assert (other.version, other.sha256, other.results) == (kept.version, "0" * 64, 1)


def test_compared__say_what_changed_from_the_kept_files(record: Record) -> None:
    first = record_own_protocol(record.db)
    second = record_protocol(record.db, OFFICE, data=AMENDED, file=FILE)
    found = compare_protocol_versions(record.db, OFFICE, before=first.number, after=second.number)
    assert (found.before, found.after) == (first, second)
    assert [(each.about, each.facts[0].after) for each in found.changes] == [("SpinalCord D0.03cc[Gy]", "40")]
    assert protocol_of(AMENDED).sha256 == second.sha256


def test_unknown_number__is_refused(record: Record) -> None:
    record_own_protocol(record.db)
    with pytest.raises(UnknownProtocolVersion):
        compare_protocol_versions(record.db, OFFICE, before=1, after=7)


def test_versions__are_the_administrators(record: Record) -> None:
    for ask in (
        lambda: list_protocol_versions(record.db, ONCOLOGIST),
        lambda: record_protocol(record.db, ONCOLOGIST, data=SHIPPED, file=FILE),
        lambda: protocol_of_version(record.db, ONCOLOGIST, number=1),
    ):
        with pytest.raises(NotAuthorised):
            ask()
