"""A disk that is really full: refused in words, nothing half kept, and gone on with once there is room."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from tests.workers.installation import SUBJECT, Installation, installation
from trial_core.errors import StoreFull, UploadIncomplete, WrongOffset
from trial_core.services import uploads
from trial_core.system_errors import is_full_disk

ROOM_MIB = 12


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM_MIB}m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small disk needs root and leave to mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_upload_to_a_full_disk__is_refused_in_words_and_goes_on_once_there_is_room(small_disk: Path) -> None:
    with installation(small_disk) as home:
        ballast = small_disk / "ballast"
        submission = uploads.begin_submission(home.db, home.actor, subject_code=SUBJECT)
        data = os.urandom(3 << 20)
        upload = uploads.begin_file(
            home.db, home.store, home.actor, submission_id=submission, name="a.dcm", size_bytes=len(data)
        )
        free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
        ballast.write_bytes(bytes(free - (1 << 20)))
        with pytest.raises((StoreFull, SQLAlchemyError)) as refusal:
            _send(home, upload.upload_id, data)
        # Whichever met it first, store or database: the web answers both with the same words.
        assert isinstance(refusal.value, StoreFull) or is_full_disk(refusal.value)
        with pytest.raises(UploadIncomplete):
            uploads.complete_submission(home.db, home.actor, submission_id=submission)
        assert not list(home.store.hashes())
        ballast.unlink()
        _send(home, upload.upload_id, data)
        uploads.complete_submission(home.db, home.actor, submission_id=submission)
        ((kept, size),) = home.store.hashes()
        assert (home.store.read(kept), size) == (data, len(data))


def _send(home: Installation, upload_id: str, data: bytes) -> None:
    """Send what is missing of a file, as the page does."""
    progress = uploads.upload_progress(home.db, home.actor, upload_id=upload_id)
    try:
        _append(home, upload_id, data, progress.received_bytes)
    except WrongOffset as where:
        _append(home, upload_id, data, where.expected_bytes)


def _append(home: Installation, upload_id: str, data: bytes, begin: int) -> None:
    stream = io.BytesIO(data[begin:])
    uploads.append_chunk(
        home.db, home.store, home.actor, upload_id=upload_id, offset_bytes=begin, stream=stream
    )
