"""A sender that is killed in the middle of a chunk: run by a test as a process of its own."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.trial_core.record import AUDIT, ONCOLOGIST
from trial_core.db.session import Database
from trial_core.services.uploads import append_chunk
from trial_core.store import Store

SENT_BYTES = 3 << 20


class Stalling:
    """Gives some bytes, says so, and then never comes back."""

    def __init__(self) -> None:
        self._left = SENT_BYTES

    def read(self, size: int, /) -> bytes:
        """Give what is left, then stall."""
        if not self._left:
            sys.stdout.write("stalled\n")
            sys.stdout.flush()
            time.sleep(600)
        given = b"x" * min(size, self._left)
        self._left -= len(given)
        return given


if __name__ == "__main__":
    url, folder, upload_id = sys.argv[1:]
    append_chunk(
        Database(url, audit=AUDIT),
        Store(Path(folder)),
        ONCOLOGIST,
        upload_id=upload_id,
        offset_bytes=0,
        stream=Stalling(),
    )
