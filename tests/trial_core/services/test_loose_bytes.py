"""Bytes that were kept and never named on record, as by a process killed in between, are collected."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.trial_core.record import ONCOLOGIST, Record
from trial_core.domain.plan import UploadProgress
from trial_core.services import uploads
from trial_core.services.kept_bytes import kept_to_be_named, remove_loose
from trial_core.store import Draft

DAY_S = uploads.STALE.total_seconds()


class Killed(BaseException):
    """Ends everything at once, as a process that is killed."""


def test_bytes_kept_by_who_was_killed__go_after_a_day(record: Record) -> None:
    sha256 = _kept_and_killed(record, b"of nobody")
    uploads.expire_uploads(record.db, record.store)
    assert record.store.has(sha256)
    _age(record.folder)
    uploads.expire_uploads(record.db, record.store)
    assert not record.store.has(sha256)
    assert _marks(record.folder) == []


def test_bytes_that_are_on_record_by_now__stay(record: Record) -> None:
    sha256 = _kept_and_killed(record, b"sent again")
    submission_id = record.begin(record.enrol())
    record.send(submission_id, "a", b"sent again")
    record.store.mark_loose([sha256])
    _age(record.folder)
    remove_loose(record.db, record.store, older_than_seconds=DAY_S)
    assert record.store.read(sha256) == b"sent again"
    assert _marks(record.folder) == []


def test_bytes_that_nobody_marked__are_nobodys_to_remove(record: Record) -> None:
    """A program that was pointed at another database sees a store full of bytes that it knows nothing of."""
    sha256 = record.store.put(b"of another database")
    _age(record.folder)
    uploads.expire_uploads(record.db, record.store)
    assert record.store.has(sha256)


def test_whole_files__leave_no_mark(record: Record) -> None:
    submission_id = record.begin(record.enrol())
    record.send(submission_id, "a", b"alone")
    answers = uploads.begin_files(
        record.db,
        record.store,
        ONCOLOGIST,
        submission_id=submission_id,
        files_to_send=[uploads.FileToSend("b", 3), uploads.FileToSend("c", 3)],
    )
    uploads.append_whole_files(
        record.db,
        record.store,
        ONCOLOGIST,
        submission_id=submission_id,
        upload_ids=[answer.upload_id for answer in answers if isinstance(answer, UploadProgress)],
        stream=io.BytesIO(b"twothr"),
    )
    assert _marks(record.folder) == []


def test_record_that_is_away_at_the_last_byte__leaves_a_mark_that_the_next_try_takes_off(
    record: Record,
) -> None:
    submission_id = record.begin(record.enrol())
    upload = uploads.begin_file(
        record.db, record.store, ONCOLOGIST, submission_id=submission_id, name="a", size_bytes=3
    )

    class LostAtTheEnd(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            found = super().read(size)
            if not found:
                _hide(record, hidden=True)
            return found

    with pytest.raises(Exception, match="submission_file"):
        uploads.append_chunk(
            record.db,
            record.store,
            ONCOLOGIST,
            upload_id=upload.upload_id,
            offset_bytes=0,
            stream=LostAtTheEnd(b"abc"),
        )
    assert len(_marks(record.folder)) == 1
    _hide(record, hidden=False)
    assert record.append(upload.upload_id, 0, b"abc") == 3
    assert _marks(record.folder) == []


def _hide(record: Record, *, hidden: bool) -> None:
    names = ("submission_file", "hidden") if hidden else ("hidden", "submission_file")
    with record.db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE {} RENAME TO {}".format(*names)))


def _kept_and_killed(record: Record, data: bytes) -> str:
    draft: Draft = record.store.draft(io.BytesIO(data), len(data))
    with pytest.raises(Killed), kept_to_be_named(record.db, record.store, [draft]):
        raise Killed
    assert record.store.has(draft.sha256)
    return draft.sha256


def _marks(folder: Path) -> list[Path]:
    return list((folder / "loose").iterdir())


def _age(folder: Path) -> None:
    """Let everything in the store be two days old."""
    long_ago = time.time() - 2 * DAY_S
    for path in folder.rglob("*"):
        os.utime(path, (long_ago, long_ago))
