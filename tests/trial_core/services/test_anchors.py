"""Anchors: how far the audit trail has come is known outside the database, also when that is set back."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.trial_core.record import AUDIT, ONCOLOGIST, Record
from trial_core.anchor_lines import anchor_line, read_anchors
from trial_core.audit_errors import AnchorUnreadable
from trial_core.audit_outside import ANCHORS_FILE, HEAD_FILE
from trial_core.domain.audit_chain import Anchor
from trial_core.services import audit_trail
from trial_core.services.journal import note, note_signature


@pytest.fixture
def folder(record: Record) -> Path:
    assert record.db.audit is not None
    assert record.db.audit.folder is not None
    return record.db.audit.folder


def _write(record: Record) -> None:
    with record.db.transaction() as connection:
        note(connection, record.db, ONCOLOGIST, action="enter visit", entity="thing", entity_id="f")


def _lines(folder: Path) -> list[str]:
    return (folder / ANCHORS_FILE).read_text().splitlines()


def test_a_commit__is_followed_by_the_head_outside(record: Record, folder: Path) -> None:
    for _ in range(3):
        _write(record)
    found = audit_trail.verify(record.db)
    assert found.anchors.last is not None
    assert (found.anchors.last.count, found.anchors.last.head) == (found.head.count, found.head.hash)
    assert _lines(folder) == []


def test_a_transaction_that_is_rolled_back__leaves_no_head_outside(record: Record) -> None:
    _write(record)
    before = audit_trail.verify(record.db).anchors.last

    def break_off() -> None:
        with record.db.transaction() as connection:
            note(connection, record.db, ONCOLOGIST, action="x", entity="form", entity_id="f")
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert audit_trail.verify(record.db).anchors.last == before
    assert audit_trail.verify(record.db).whole


def test_a_signature__adds_an_anchor(record: Record, folder: Path) -> None:
    with record.db.transaction() as connection:
        head = note_signature(
            connection,
            record.db,
            ONCOLOGIST,
            entity="form",
            entity_id="f",
            meaning="reviewed",
            content_sha256="0" * 64,
        )
    (line,) = _lines(folder)
    assert f'"count":{head.count}' in line
    assert head.hash in line
    assert stat.S_IMODE((folder / ANCHORS_FILE).stat().st_mode) == 0o600


def test_an_anchor__is_added_every_hour(record: Record, folder: Path) -> None:
    _write(record)
    assert audit_trail.add_anchor_if_due(record.db) is not None
    record.clock.advance(minutes=59)
    assert audit_trail.add_anchor_if_due(record.db) is None
    record.clock.advance(minutes=1)
    assert audit_trail.add_anchor_if_due(record.db) is not None
    assert len(_lines(folder)) == 2


def test_an_anchor__is_added_where_the_last_one_lies_in_the_future(record: Record, folder: Path) -> None:
    record.clock.advance(days=1)
    audit_trail.add_anchor(record.db)
    record.clock.advance(days=-1)
    assert audit_trail.add_anchor_if_due(record.db) is not None


def test_a_line_cut_off_by_a_crash__is_dropped_and_the_others_stay(record: Record, folder: Path) -> None:
    _write(record)
    audit_trail.add_anchor(record.db)
    with (folder / ANCHORS_FILE).open("a") as file:
        file.write('{"at":"2026-')
    assert audit_trail.verify(record.db).anchors.lines == 2
    audit_trail.add_anchor(record.db)
    assert len(_lines(folder)) == 2
    assert audit_trail.verify(record.db).whole


def test_a_disk_that_takes_no_anchor__undoes_nothing(
    record: Record, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / ANCHORS_FILE).mkdir()
    _write(record)
    assert "anchors could not be written" in caplog.text
    (folder / ANCHORS_FILE).rmdir()
    _write(record)
    assert audit_trail.verify(record.db).whole


def test_a_head_that_was_left_behind__is_kept_for_good(record: Record, folder: Path) -> None:
    _write(record)
    seen = Anchor(10_000, "ab" * 32, record.clock())
    (folder / HEAD_FILE).write_text(anchor_line(seen, AUDIT.key))
    for _ in range(3):
        _write(record)
    assert len(_lines(folder)) == 1
    broken = audit_trail.verify(record.db).broken
    assert broken is not None
    assert broken.flaw.name == "CUT_OFF"


@pytest.mark.parametrize(
    ("change", "forged"),
    [
        (lambda line: line.replace('"count":7', '"count":6'), 1),
        (lambda line: line.replace("2026", "2025"), 1),
        (lambda line: line, 0),
    ],
)
def test_anchors__that_were_changed_are_told(
    tmp_path: Path, change: Callable[[str], str], forged: int
) -> None:
    line = anchor_line(Anchor(7, "cd" * 32, datetime(2026, 3, 1, tzinfo=UTC)), AUDIT.key)
    file = tmp_path / "anchors"
    file.write_text(change(line))
    assert len(read_anchors([file], AUDIT.key, typed=False).forged) == forged


@pytest.mark.parametrize("line", ["x", "1", "null", '{"count":1}', "[" * 5000])
def test_a_line_that_is_no_anchor__is_refused_with_its_place(tmp_path: Path, line: str) -> None:
    file = tmp_path / "anchors"
    file.write_text(line + "\n")
    with pytest.raises(AnchorUnreadable, match="anchors, line 1"):
        read_anchors([file], AUDIT.key, typed=True)
