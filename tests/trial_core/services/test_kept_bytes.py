"""Bytes of uploads that were given up leave the store; bytes that anything refers to never do."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from sqlalchemy import update

from tests.trial_core.record import ONCOLOGIST, Record
from trial_core.db.tables import submission_file
from trial_core.errors import (
    TrialError,
    UnknownUpload,
    UploadIncomplete,
    UploadTooLarge,
)
from trial_core.services import submissions, uploads


def _kept(record: Record) -> set[str]:
    return {path.name for path in (record.folder / "sha256").glob("*/*")}


def _hashes(*data: bytes) -> set[str]:
    return {hashlib.sha256(one).hexdigest() for one in data}


def _abandon(record: Record, submission_id: str) -> None:
    uploads.abandon_submission(record.db, record.store, ONCOLOGIST, submission_id=submission_id)


def _announce(record: Record, submission_id: str, *sizes: int, prefix: str = "f") -> list[str]:
    answers = uploads.begin_files(
        record.db,
        record.store,
        ONCOLOGIST,
        submission_id=submission_id,
        files_to_send=[uploads.FileToSend(f"{prefix}{i}", size) for i, size in enumerate(sizes)],
    )
    assert not any(isinstance(answer, TrialError) for answer in answers)
    return [answer.upload_id for answer in answers if not isinstance(answer, TrialError)]


def _append_all(record: Record, submission_id: str, ids: list[str], data: bytes) -> Any:
    return uploads.append_whole_files(
        record.db,
        record.store,
        ONCOLOGIST,
        submission_id=submission_id,
        upload_ids=ids,
        stream=io.BytesIO(data),
    )


def test_an_abandoned_upload__leaves_no_complete_file_in_the_store(record: Record) -> None:
    submission_id = record.begin(record.enrol())
    record.send(submission_id, "a", b"whole")
    record.send(submission_id, "b", b"")
    assert _kept(record) == _hashes(b"whole", b"")
    _abandon(record, submission_id)
    assert _kept(record) == set()
    assert submissions.submission_view(record.db, ONCOLOGIST, submission_id=submission_id).files == ()


def test_an_expired_upload__leaves_none_either(record: Record) -> None:
    record.send(record.begin(record.enrol()), "a", b"whole")
    record.clock.advance(hours=25)
    assert len(uploads.expire_uploads(record.db, record.store)) == 1
    assert _kept(record) == set()


def test_bytes_of_uploads_given_up_by_an_earlier_program__leave_too(record: Record) -> None:
    submission_id = record.begin(record.enrol())
    upload_id = record.send(submission_id, "a", b"whole")
    _abandon(record, submission_id)
    sha256 = record.store.put(b"whole")
    with record.db.transaction() as connection:
        connection.execute(
            update(submission_file).where(submission_file.c.id == upload_id).values(sha256=sha256)
        )
    uploads.expire_uploads(record.db, record.store)
    assert _kept(record) == set()


def test_bytes_that_another_upload_sent_too__stay(record: Record) -> None:
    code = record.enrol()
    ours, theirs = record.begin(code), record.begin(code)
    for submission_id in (ours, theirs):
        record.send(submission_id, "a", b"same")
    _abandon(record, ours)
    assert _kept(record) == _hashes(b"same")
    uploads.complete_submission(record.db, ONCOLOGIST, submission_id=theirs)


def test_bytes_that_a_report_is_kept_under__stay(record: Record) -> None:
    submission_id, _ = record.check(record.enrol())
    report = submissions.report_bytes(record.db, record.store, ONCOLOGIST, submission_id=submission_id)
    strange = record.begin("S1-001")
    record.send(strange, "report.json", report)
    _abandon(record, strange)
    assert submissions.report_bytes(record.db, record.store, ONCOLOGIST, submission_id=submission_id)


@pytest.mark.parametrize("how", ["chunk", "batch"])
def test_the_same_bytes_given_up_at_the_moment_they_arrive_again__are_asked_for_again(
    record: Record, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    # The other upload is given up after our bytes were moved into the store and before they are on record.
    code = record.enrol()
    ours, theirs = record.begin(code), record.begin(code)
    record.send(theirs, "a", b"same")
    (upload_id,) = _announce(record, ours, 4)
    verb = "adopt" if how == "chunk" else "keep"
    real = getattr(record.store, verb)

    def keep_and_give_up(*arguments: Any) -> Any:
        done = real(*arguments)
        _abandon(record, theirs)
        return done

    with monkeypatch.context() as patched:
        patched.setattr(record.store, verb, keep_and_give_up)
        if how == "chunk":
            record.append(upload_id, 0, b"same")
        else:
            _append_all(record, ours, [upload_id], b"same")
    assert not uploads.upload_progress(record.db, ONCOLOGIST, upload_id=upload_id).complete
    assert record.append(upload_id, 0, b"same") == 4
    assert _kept(record) == _hashes(b"same")


@pytest.mark.parametrize("sent", [b"old4", b"ol"])
def test_a_file_that_changes_while_it_is_sent__is_not_stitched_from_two(record: Record, sent: bytes) -> None:
    submission_id = record.begin(record.enrol())
    facts: dict[str, Any] = {"submission_id": submission_id, "name": "a", "size_bytes": 4}
    old = uploads.begin_file(record.db, record.store, ONCOLOGIST, **facts, fingerprint="monday")
    answers: list[Any] = []

    class Changing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if not answers:
                answers.append(
                    uploads.begin_file(record.db, record.store, ONCOLOGIST, **facts, fingerprint="tuesday")
                )
            return super().read(size)

    with pytest.raises(UnknownUpload):
        uploads.append_chunk(
            record.db,
            record.store,
            ONCOLOGIST,
            upload_id=old.upload_id,
            offset_bytes=0,
            stream=Changing(sent),
        )
    new = uploads.upload_progress(record.db, ONCOLOGIST, upload_id=answers[0].upload_id)
    assert (new.received_bytes, new.sha256) == (0, None)
    assert _kept(record) == set()
    assert list((record.folder / "staging").iterdir()) == []
    assert record.append(new.upload_id, 0, b"new4") == 4
    assert _kept(record) == _hashes(b"new4")


def test_append_whole_files__keeps_each_under_its_hash(record: Record) -> None:
    submission_id = record.begin(record.enrol())
    data = [bytes([i]) * (i * 1000) for i in range(1, 12)]
    ids = _announce(record, submission_id, *map(len, data))
    done = _append_all(record, submission_id, ids, b"".join(data))
    assert [file.upload_id for file in done] == ids
    assert [file.sha256 for file in done] == [hashlib.sha256(one).hexdigest() for one in data]
    assert _kept(record) == _hashes(*data)
    again = _append_all(record, submission_id, ids, b"".join(data))
    assert again == done
    assert list((record.folder / "staging").iterdir()) == []
    uploads.complete_submission(record.db, ONCOLOGIST, submission_id=submission_id)


@pytest.mark.parametrize(("data", "refusal"), [(b"abcd", UploadIncomplete), (b"abcdefg", UploadTooLarge)])
def test_append_whole_files__keeps_all_or_none(
    record: Record, data: bytes, refusal: type[TrialError]
) -> None:
    submission_id = record.begin(record.enrol())
    ids = _announce(record, submission_id, 3, 3)
    with pytest.raises(refusal):
        _append_all(record, submission_id, ids, data)
    assert _kept(record) == set()
    assert list((record.folder / "staging").iterdir()) == []


def test_append_whole_files__takes_only_uploads_of_its_submission(record: Record) -> None:
    code = record.enrol()
    ours, theirs = record.begin(code), record.begin(code)
    (strange,) = _announce(record, theirs, 1)
    for ids in ([strange], [], ["no id"], _announce(record, ours, 1) * 2):
        with pytest.raises(UnknownUpload):
            _append_all(record, ours, ids, b"x" * len(ids))


def test_append_whole_files__after_a_part_was_sent_alone_replaces_it(record: Record) -> None:
    submission_id = record.begin(record.enrol())
    (upload_id,) = _announce(record, submission_id, 4)
    record.append(upload_id, 0, b"ab")
    assert _append_all(record, submission_id, [upload_id], b"abcd")[0].complete
    assert list((record.folder / "staging").iterdir()) == []


def test_append_whole_files__of_a_submission_given_up_meanwhile_leaves_nothing(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission_id = record.begin(record.enrol())
    ids = _announce(record, submission_id, 1, 1)
    real = record.store.keep

    def keep_and_give_up(*arguments: Any) -> None:
        real(*arguments)
        _abandon(record, submission_id)

    monkeypatch.setattr(record.store, "keep", keep_and_give_up)
    with pytest.raises(TrialError):
        _append_all(record, submission_id, ids, b"xy")
    assert _kept(record) == set()
