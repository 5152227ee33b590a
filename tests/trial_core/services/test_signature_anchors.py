"""The record's signatures against its audit trail: a trail cut off together with its anchors is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tests.trial_core.record import AUDIT, ONCOLOGIST, Record
from tests.trial_core.services import tampering
from trial_core.anchor_lines import anchor_line, printed
from trial_core.audit_outside import ANCHORS_FILE, HEAD_FILE
from trial_core.db.repositories import append_only, audit
from trial_core.domain.audit_chain import Anchor, AuditHead
from trial_core.domain.signing import Meaning, Signature
from trial_core.services import audit_trail, signatures
from trial_core.services.journal import note

pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture
def signed(record: Record) -> Record:
    """Two signatures with other entries between and behind them."""
    for _ in range(2):
        _sign(record)
        _write(record)
    assert audit_trail.verify(record.db).whole
    return record


def _sign(record: Record) -> Signature:
    with record.db.transaction() as connection:
        return _sign_within(connection, record)


def _sign_within(connection: Connection, record: Record) -> Signature:
    return signatures.sign(
        connection,
        record.db,
        ONCOLOGIST,
        entity="form",
        entity_id="f",
        content_sha256="0" * 64,
        meaning=Meaning.ELIGIBLE,
    )


def _write(record: Record) -> None:
    with record.db.transaction() as connection:
        note(connection, record.db, ONCOLOGIST, action="enter visit", entity="thing", entity_id="f")


def _folder(record: Record) -> Path:
    assert record.db.audit is not None
    assert record.db.audit.folder is not None
    return record.db.audit.folder


def _cut_off(record: Record, count: int) -> AuditHead:
    """Cut the last entries off, and set the head file to where the trail ends then."""
    with record.db.transaction() as connection:
        tampering.disarm(connection)
        last = audit.head(connection).count - count
        connection.execute(text("DELETE FROM audit_entry WHERE sequence > :last"), {"last": last})
        for statement in append_only._SQLITE.values():
            connection.execute(text(statement))
        head = audit.head(connection)
    line = anchor_line(Anchor(head.count, head.hash, record.clock()), AUDIT.key)
    (_folder(record) / HEAD_FILE).write_text(line)
    return head


def _cut_anchors(record: Record, kept: int) -> None:
    file = _folder(record) / ANCHORS_FILE
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:kept]))


def test_a_trail_cut_off_together_with_head_and_anchors__is_found_by_the_signatures_on_record(
    signed: Record,
) -> None:
    _cut_off(signed, 2)
    _cut_anchors(signed, 1)
    found = audit_trail.verify(signed.db)
    assert (found.broken, found.signatures_unlogged, found.whole) == (None, 1, False)


def test_a_signature_that_other_entries_follow_in_its_transaction__is_anchored_all_the_same(
    record: Record,
) -> None:
    # The adjudication that ends the study: the change of its state is the last entry.
    with record.db.transaction() as connection:
        _sign_within(connection, record)
        note(connection, record.db, ONCOLOGIST, action="go on", entity="thing", entity_id="f")
    found = audit_trail.verify(record.db)
    assert (found.signature_not_anchored, found.whole) == (None, True)


def test_anchors_cut_off_behind_the_last_signature__are_found(signed: Record) -> None:
    last = audit_trail.verify(signed.db).head.count - 1
    _cut_anchors(signed, 1)
    found = audit_trail.verify(signed.db)
    assert (found.broken, found.signature_not_anchored, found.whole) == (None, last, False)


def test_a_signature_removed_from_the_record__is_found(signed: Record) -> None:
    with signed.db.transaction() as connection:
        connection.execute(text("DROP TRIGGER signature_DELETE"))
        connection.execute(text("DELETE FROM signature WHERE id IN (SELECT max(id) FROM signature)"))
    found = audit_trail.verify(signed.db)
    assert (found.signatures_gone, found.whole) == (1, False)


def test_a_printed_anchor__finds_what_was_cut_off_from_everything_in_the_installation(
    signed: Record, tmp_path: Path
) -> None:
    paper = tmp_path / "typed"
    head = audit_trail.verify(signed.db).head
    paper.write_text(printed(Anchor(head.count, head.hash)))
    assert audit_trail.verify(signed.db, anchor_files=[paper]).whole
    _cut_off(signed, 1)
    assert audit_trail.verify(signed.db).whole
    assert not audit_trail.verify(signed.db, anchor_files=[paper]).whole


def test_a_line_torn_by_a_crash__is_said_and_breaks_nothing(signed: Record) -> None:
    file = _folder(signed) / ANCHORS_FILE
    with file.open("a") as anchors:
        anchors.write('{"at":"2026-')
    found = audit_trail.verify(signed.db)
    assert (found.anchors.torn, found.whole) == ([f"{ANCHORS_FILE}, line 3"], True)
