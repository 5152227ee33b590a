"""kill -9 in the middle of a chunk: the upload goes on from what is certain, and ends with the same bytes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from tests.trial_core.record import ONCOLOGIST, Record
from tests.trial_core.services.sender import SENT_BYTES
from trial_core.services import uploads

ROOT = Path(__file__).parents[3]


def test_a_server_killed_in_a_chunk__leaves_an_upload_that_goes_on(record: Record, url: str) -> None:
    data = b"y" * (SENT_BYTES + 1000)
    upload = uploads.begin_file(
        record.db,
        record.store,
        ONCOLOGIST,
        submission_id=record.begin(record.enrol()),
        name="a.dcm",
        size_bytes=len(data),
    )
    command = [sys.executable, "-m", "tests.trial_core.services.sender"]
    arguments = [url, str(record.folder), upload.upload_id]
    with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, cwd=ROOT) as sender:
        assert sender.stdout is not None
        assert sender.stdout.readline() == b"stalled\n"
        sender.kill()
    assert (record.folder / "staging" / upload.upload_id).stat().st_size > 0
    seen = uploads.upload_progress(record.db, ONCOLOGIST, upload_id=upload.upload_id)
    assert seen.received_bytes == 0
    record.append(upload.upload_id, 0, data)
    done = uploads.upload_progress(record.db, ONCOLOGIST, upload_id=upload.upload_id)
    assert done.sha256 == hashlib.sha256(data).hexdigest()
