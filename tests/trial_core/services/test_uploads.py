"""Uploads: chunks in any cut, broken and resumed, arrive as the same bytes; whatever is unsafe is refused."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trial_core.record import ONCOLOGIST, OTHER_ONCOLOGIST, PHYSICIST, STAFF, Record
from trial_core.domain.file_names import file_and_folder_at_once, name_refusal
from trial_core.domain.plan import SubmissionState
from trial_core.domain.subject import Arm
from trial_core.errors import (
    AlreadyExists,
    NotAuthorised,
    SubjectNotEligibleForPlan,
    TrialError,
    UnknownSubject,
    UnknownSubmission,
    UnknownUpload,
    UnsafeFileName,
    UploadIncomplete,
    UploadTooLarge,
    WrongOffset,
    WrongState,
)
from trial_core.services import announcing, subjects, submissions, uploads


class BrokenStream(io.BytesIO):
    """Gives what it has in small pieces, then breaks off as a lost connection does."""

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(min(size or 0, 7))
        if not piece:
            raise ConnectionResetError
        return piece


def _begin_file(record: Record, submission_id: str, name: str = "a.dcm", size_bytes: int = 10) -> Any:
    return uploads.begin_file(
        record.db, record.store, ONCOLOGIST, submission_id=submission_id, name=name, size_bytes=size_bytes
    )


def _staged(record: Record) -> list[Path]:
    return list((record.folder / "staging").iterdir())


def test_upload__gives_the_same_hash_whatever_the_cuts(record: Record) -> None:
    code = record.enrol()

    @settings(max_examples=15)
    @given(
        data=st.binary(min_size=1, max_size=60),
        cuts=st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=4),
    )
    def arrives(data: bytes, cuts: list[tuple[int, bool]]) -> None:
        upload = _begin_file(record, record.begin(code), size_bytes=len(data))
        received = 0
        for end, breaks in [*sorted(cuts), (len(data), False)]:
            piece = data[received:end]
            received = _send(
                record, upload.upload_id, received, BrokenStream(piece) if breaks else io.BytesIO(piece)
            )
            assert received == min(max(end, received), len(data))
        done = uploads.upload_progress(record.db, ONCOLOGIST, upload_id=upload.upload_id)
        assert done.sha256 == hashlib.sha256(data).hexdigest()
        assert record.store.read(done.sha256) == data
        assert _staged(record) == []

    arrives()


def _send(record: Record, upload_id: str, offset_bytes: int, stream: io.BytesIO) -> int:
    with suppress(ConnectionResetError):
        uploads.append_chunk(
            record.db,
            record.store,
            ONCOLOGIST,
            upload_id=upload_id,
            offset_bytes=offset_bytes,
            stream=stream,
        )
    return uploads.upload_progress(record.db, ONCOLOGIST, upload_id=upload_id).received_bytes


def test_append_chunk__at_a_wrong_offset_answers_with_the_true_one(record: Record) -> None:
    upload_id = _begin_file(record, record.begin(record.enrol())).upload_id
    record.append(upload_id, 0, b"0123")
    for offset in (0, 3, 5, 99):
        with pytest.raises(WrongOffset) as caught:
            record.append(upload_id, offset, b"x")
        assert caught.value.expected_bytes == 4
    assert record.append(upload_id, 4, b"456789") == 10


def test_append_chunk__of_the_last_bytes_again_is_told_it_is_complete(record: Record) -> None:
    upload_id = _begin_file(record, record.begin(record.enrol())).upload_id
    record.append(upload_id, 0, b"0123456789")
    with pytest.raises(WrongOffset) as caught:
        record.append(upload_id, 0, b"0123456789")
    assert caught.value.expected_bytes == 10
    assert record.append(upload_id, 10, b"") == 10


def test_append_chunk__beyond_the_announced_size_keeps_nothing_of_the_chunk(record: Record) -> None:
    upload_id = _begin_file(record, record.begin(record.enrol())).upload_id
    record.append(upload_id, 0, b"0123")
    with pytest.raises(UploadTooLarge):
        record.append(upload_id, 4, b"456789X")
    assert record.append(upload_id, 4, b"456789") == 10
    progress = submissions.submission_view(
        record.db, ONCOLOGIST, submission_id=submissions.worklist(record.db, ONCOLOGIST)[0].submission_id
    )
    assert progress.uploads[0].sha256 == hashlib.sha256(b"0123456789").hexdigest()


def test_append_chunk__exactly_at_a_block_border_does_not_swallow_what_is_beyond(record: Record) -> None:
    block = 1 << 20
    upload_id = _begin_file(record, record.begin(record.enrol()), size_bytes=block).upload_id
    with pytest.raises(UploadTooLarge):
        record.append(upload_id, 0, bytes(block + 1))
    progress = uploads.upload_progress(record.db, ONCOLOGIST, upload_id=upload_id)
    assert (progress.received_bytes, progress.complete) == (0, False)


def test_append_chunk__after_a_crash_believes_the_shorter_of_disk_and_record(record: Record) -> None:
    upload_id = _begin_file(record, record.begin(record.enrol())).upload_id
    record.append(upload_id, 0, b"012345")
    staged = record.folder / "staging" / upload_id
    staged.write_bytes(b"012")
    with pytest.raises(WrongOffset) as caught:
        record.append(upload_id, 6, b"6789")
    assert caught.value.expected_bytes == 3
    assert uploads.upload_progress(record.db, ONCOLOGIST, upload_id=upload_id).received_bytes == 3
    record.append(upload_id, 3, b"345")
    staged.write_bytes(b"012345 and what was written but not yet noted")
    record.append(upload_id, 6, b"6789")
    done = uploads.upload_progress(record.db, ONCOLOGIST, upload_id=upload_id)
    assert done.sha256 == hashlib.sha256(b"0123456789").hexdigest()


def test_append_chunk__that_crashed_between_store_and_record_starts_anew(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = _begin_file(record, record.begin(record.enrol())).upload_id
    record.append(upload_id, 0, b"01234")
    real = record.store.adopt

    def adopt_and_crash(*arguments: Any) -> str:
        real(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(record.store, "adopt", adopt_and_crash)
        with pytest.raises(KeyboardInterrupt):
            record.append(upload_id, 5, b"56789")
    kept = hashlib.sha256(b"0123456789").hexdigest()
    assert record.store.read(kept) == b"0123456789"
    with pytest.raises(WrongOffset) as caught:
        record.append(upload_id, 5, b"56789")
    assert caught.value.expected_bytes == 0
    record.append(upload_id, 0, b"0123456789")
    assert record.store.read(kept) == b"0123456789"


def test_append_chunk__holds_no_more_than_a_few_blocks_in_memory(record: Record) -> None:
    size_bytes = 64 << 20

    class Zeros:
        left = size_bytes

        def read(self, size: int, /) -> bytes:
            given = bytes(min(size, self.left))
            self.left -= len(given)
            return given

    upload_id = _begin_file(record, record.begin(record.enrol()), size_bytes=size_bytes).upload_id
    tracemalloc.start()
    uploads.append_chunk(
        record.db, record.store, ONCOLOGIST, upload_id=upload_id, offset_bytes=0, stream=Zeros()
    )
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 8 << 20


def test_begin_file__again_finds_what_has_arrived(record: Record) -> None:
    submission_id = record.begin(record.enrol())
    first = _begin_file(record, submission_id)
    record.append(first.upload_id, 0, b"0123")
    again = _begin_file(record, submission_id)
    assert (again.upload_id, again.received_bytes) == (first.upload_id, 4)
    with pytest.raises(AlreadyExists):
        _begin_file(record, submission_id, size_bytes=11)


def test_begin_file__of_a_file_that_changed_meanwhile_starts_anew(record: Record) -> None:
    submission_id = record.begin(record.enrol())
    facts: dict[str, Any] = {"submission_id": submission_id, "name": "a.dcm", "size_bytes": 10}
    first = uploads.begin_file(record.db, record.store, ONCOLOGIST, **facts, fingerprint="monday")
    record.append(first.upload_id, 0, b"01234")
    again = uploads.begin_file(record.db, record.store, ONCOLOGIST, **facts, fingerprint="tuesday")
    assert (again.upload_id != first.upload_id, again.received_bytes) == (True, 0)
    with pytest.raises(UnknownUpload):
        record.append(first.upload_id, 5, b"56789")
    record.append(again.upload_id, 0, b"abcdefghij")
    done = uploads.upload_progress(record.db, ONCOLOGIST, upload_id=again.upload_id)
    assert done.sha256 == hashlib.sha256(b"abcdefghij").hexdigest()


def test_begin_file__of_an_empty_file_is_complete_at_once(record: Record) -> None:
    progress = _begin_file(record, record.begin(record.enrol()), size_bytes=0)
    assert progress.sha256 == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "./a",
        "a/.",
        "C:/x",
        "c:x",
        "a\\b",
        "a\x00b",
        "a\nb",
        "\ud800",
        "a/" * 600 + "b",
        "x" * 256,
        "文" * 86,
    ],
)
def test_begin_file__refuses_an_unsafe_name(name: str) -> None:
    assert name_refusal(name)


@pytest.mark.parametrize(
    "name", ["a", "a/b.dcm", "CT 001.dcm", "文件/剂量.dcm", "...", "a..b", "-x", "x" * 255]
)
def test_begin_file__takes_a_safe_name(name: str) -> None:
    assert name_refusal(name) is None


@given(name=st.text(max_size=40))
def test_name_refusal__lets_no_name_out_of_its_folder(name: str) -> None:
    if name_refusal(name) is None:
        assert Path("/given", name).resolve().is_relative_to("/given/")
        assert Path("/given", name).parts[1:] == ("given", *name.split("/"))


def test_begin_file__says_which_name_is_unsafe(record: Record) -> None:
    with pytest.raises(UnsafeFileName, match=r"'\.\./x'"):
        _begin_file(record, record.begin(record.enrol()), name="../x")


def test_begin_file__refuses_more_than_allowed(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    submission_id = record.begin(record.enrol())
    with pytest.raises(UploadTooLarge):
        _begin_file(record, submission_id, size_bytes=uploads.MOST_BYTES + 1)
    _begin_file(record, submission_id, name="a", size_bytes=uploads.MOST_BYTES - 1)
    with pytest.raises(UploadTooLarge, match="in all"):
        _begin_file(record, submission_id, name="b", size_bytes=2)
    monkeypatch.setattr(announcing, "MOST_FILES", 1)
    with pytest.raises(UploadTooLarge, match="1 files"):
        _begin_file(record, submission_id, name="c", size_bytes=1)


@pytest.mark.parametrize(("arm", "words"), [(None, "not enrolled"), (Arm.B, "arm B")])
def test_begin_submission__refuses_a_subject_without_radiotherapy(
    record: Record, arm: Arm | None, words: str
) -> None:
    if arm is None:
        subjects.create_subject(record.db, ONCOLOGIST, code="S1-9")
    else:
        record.open_iib()
        record.allocate(arm)
        assert record.randomise("S1-9") is arm
    with pytest.raises(SubjectNotEligibleForPlan, match=words):
        record.begin("S1-9")
    assert words in str(subjects.subject_record(record.db, ONCOLOGIST, code="S1-9").plan_refusal)


def test_complete_submission__refuses_a_subject_withdrawn_meanwhile(record: Record) -> None:
    submission_id = record.begin(record.enrol())
    record.send(submission_id, "a.dcm", b"x")
    record.leave("S1-001")
    with pytest.raises(SubjectNotEligibleForPlan, match="withdrawal from treatment"):
        uploads.complete_submission(record.db, ONCOLOGIST, submission_id=submission_id)


def test_complete_submission__names_what_is_missing(record: Record) -> None:
    submission_id = record.begin(record.enrol())
    with pytest.raises(UploadIncomplete, match="no file"):
        uploads.complete_submission(record.db, ONCOLOGIST, submission_id=submission_id)
    record.send(submission_id, "whole.dcm", b"x")
    _begin_file(record, submission_id, name="half.dcm")
    with pytest.raises(UploadIncomplete, match="half") as caught:
        uploads.complete_submission(record.db, ONCOLOGIST, submission_id=submission_id)
    assert caught.value.missing == ("half.dcm",)


def test_complete_submission__refuses_a_file_that_is_also_a_folder(record: Record) -> None:
    submission_id = record.begin(record.enrol())
    record.send(submission_id, "a", b"x")
    record.send(submission_id, "a/b", b"x")
    with pytest.raises(UnsafeFileName, match="as a folder"):
        uploads.complete_submission(record.db, ONCOLOGIST, submission_id=submission_id)
    assert file_and_folder_at_once(["a/b", "a/c", "ab"]) is None


def test_complete_submission__again_gives_the_same_ticket(record: Record) -> None:
    ticket = record.submit(record.enrol())
    again = uploads.complete_submission(record.db, ONCOLOGIST, submission_id=ticket.submission_id)
    assert again == ticket


def test_uploads__of_another_site_do_not_exist(record: Record) -> None:
    submission_id = record.begin(record.enrol())
    upload_id = _begin_file(record, submission_id).upload_id
    stranger = OTHER_ONCOLOGIST
    with pytest.raises(UnknownSubject):
        uploads.begin_submission(record.db, stranger, subject_code="S1-001")
    with pytest.raises(UnknownSubmission):
        uploads.begin_file(
            record.db, record.store, stranger, submission_id=submission_id, name="x", size_bytes=1
        )
    with pytest.raises(UnknownUpload):
        record.append(upload_id, 0, b"x", stranger)
    with pytest.raises(UnknownSubmission):
        uploads.complete_submission(record.db, stranger, submission_id=submission_id)
    with pytest.raises(UnknownSubmission):
        uploads.abandon_submission(record.db, record.store, stranger, submission_id=submission_id)


def test_uploads__need_the_right_role(record: Record) -> None:
    record.enrol()
    with pytest.raises(NotAuthorised):
        record.begin("S1-001", STAFF)
    assert record.begin("S1-001", PHYSICIST)


def test_abandon_submission__leaves_no_byte_behind(record: Record) -> None:
    submission_id = record.begin(record.enrol())
    upload_id = _begin_file(record, submission_id).upload_id
    record.append(upload_id, 0, b"0123")
    uploads.abandon_submission(record.db, record.store, ONCOLOGIST, submission_id=submission_id)
    assert _staged(record) == []
    for call in (
        lambda: record.append(upload_id, 4, b"x"),
        lambda: record.send(submission_id, "b", b"x"),
        lambda: uploads.complete_submission(record.db, ONCOLOGIST, submission_id=submission_id),
    ):
        with pytest.raises((UnknownUpload, WrongState)):
            call()
    assert _staged(record) == []


def test_abandon_submission__refuses_a_submitted_one(record: Record) -> None:
    ticket = record.submit(record.enrol())
    with pytest.raises(WrongState):
        uploads.abandon_submission(record.db, record.store, ONCOLOGIST, submission_id=ticket.submission_id)


def test_expire_uploads__abandons_what_nobody_sends_to(record: Record) -> None:
    code = record.enrol()
    stale, submitted = record.begin(code), record.submit(code).submission_id
    upload_id = _begin_file(record, stale).upload_id
    record.append(upload_id, 0, b"0123")
    record.clock.advance(hours=23)
    fresh = record.begin(code)
    assert uploads.expire_uploads(record.db, record.store) == ()
    record.clock.advance(hours=2)
    assert uploads.expire_uploads(record.db, record.store) == (stale,)
    assert _staged(record) == []
    states = {row.submission_id: row.state for row in submissions.worklist(record.db, ONCOLOGIST)}
    assert states == {
        stale: SubmissionState.ABANDONED,
        submitted: SubmissionState.SUBMITTED,
        fresh: SubmissionState.RECEIVING,
    }


def test_refusals__say_what_to_do(record: Record) -> None:
    with pytest.raises(TrialError) as caught:
        record.begin("S1-404")
    assert "Check the code" in caught.value.message
