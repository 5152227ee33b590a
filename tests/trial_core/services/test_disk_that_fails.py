"""A disk that fails at any write of an upload: said clearly, nothing half written, and it goes on later."""

from __future__ import annotations

import errno
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping

import pytest

from tests.trial_core.store.failing_disk import FailingDisk
from tests.workers.installation import SUBJECT, Installation, installation
from trial_core.errors import StoreFull, UploadIncomplete, WrongOffset
from trial_core.services import uploads

Send = Callable[[Installation, str, Mapping[str, bytes]], None]
_BYTES = 20_000
_MOST_WRITES = 60


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("failing")) as made:
        yield made


def _send_in_chunks(home: Installation, submission: str, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        file = uploads.begin_file(
            home.db, home.store, home.actor, submission_id=submission, name=name, size_bytes=len(data)
        )
        for begin in range(file.received_bytes, len(data), _BYTES // 2):
            part = io.BytesIO(data[begin : begin + _BYTES // 2])
            uploads.append_chunk(
                home.db, home.store, home.actor, upload_id=file.upload_id, offset_bytes=begin, stream=part
            )


def _send_whole(home: Installation, submission: str, files: Mapping[str, bytes]) -> None:
    begun = [
        uploads.begin_file(
            home.db, home.store, home.actor, submission_id=submission, name=name, size_bytes=len(data)
        )
        for name, data in files.items()
    ]
    uploads.append_whole_files(
        home.db,
        home.store,
        home.actor,
        submission_id=submission,
        upload_ids=[each.upload_id for each in begun],
        stream=io.BytesIO(b"".join(files.values())),
    )


@pytest.mark.parametrize(
    ("send", "error"),
    [
        pytest.param(_send_in_chunks, errno.ENOSPC, id="chunks-full"),
        pytest.param(_send_in_chunks, errno.EROFS, id="chunks-read-only", marks=pytest.mark.long),
        pytest.param(_send_whole, errno.ENOSPC, id="whole-full", marks=pytest.mark.long),
        pytest.param(_send_whole, errno.EROFS, id="whole-read-only"),
    ],
)
def test_upload_to_a_disk_that_fails__at_any_write_is_refused_whole_and_goes_on_later(
    home: Installation, send: Send, error: int
) -> None:
    disk = FailingDisk(home.store.folder, error)
    for number in range(1, _MOST_WRITES):
        files = {name: f"{number} {error} {send.__name__} {name}".encode() * 1000 for name in ("a", "b", "c")}
        submission = uploads.begin_submission(home.db, home.actor, subject_code=SUBJECT)
        with disk.failing_from(number):
            problem = _why_not_sent(home, submission, files, send)
            if problem is None:
                assert not disk.failed
                break
        assert _is_said_clearly(problem, error)
        with pytest.raises(UploadIncomplete):
            uploads.complete_submission(home.db, home.actor, submission_id=submission)
        _nothing_is_half_written(home)
        _go_on(home, submission, files, send)
        uploads.complete_submission(home.db, home.actor, submission_id=submission)
        assert all(home.store.has(hashlib.sha256(data).hexdigest()) for data in files.values())
    else:
        pytest.fail("the upload never came through")
    assert number > len(files) * 3  # of each file at least: made, written, flushed


def _why_not_sent(
    home: Installation, submission: str, files: Mapping[str, bytes], send: Send
) -> StoreFull | OSError | None:
    try:
        send(home, submission, files)
    except (StoreFull, OSError) as problem:
        return problem
    return None


def _is_said_clearly(problem: StoreFull | OSError, error: int) -> bool:
    if isinstance(problem, StoreFull):
        return error == errno.ENOSPC and "full" in problem.message
    return problem.errno == error


def _go_on(home: Installation, submission: str, files: Mapping[str, bytes], send: Send) -> None:
    try:
        send(home, submission, files)
    except WrongOffset:  # the disk holds less than is on record, which is now right: the page asks again, too
        send(home, submission, files)


def _nothing_is_half_written(home: Installation) -> None:
    for sha256, _ in home.store.hashes():
        home.store.verify(sha256)
