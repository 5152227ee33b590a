"""Celery's filesystem transport, with messages that appear whole or not at all."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import filesystem, virtual

LONGEST_WAIT_S = 0.3


class Channel(filesystem.Channel):  # type: ignore[misc]  # kombu ships no types
    """A channel that writes nothing in place: read too early, or written to a full disk, it would be empty.

    Kombu's keeps a table of queues in a file, too; here each process knows the one queue by itself.
    """

    supports_fanout = False
    get_table = virtual.Channel.get_table

    def _put(self, queue: str, payload: Any, **_options: Any) -> None:
        folder = Path(self.data_folder_out)
        # The reader sorts by name and takes what ends in `.QUEUE.msg`: first the clock, last the ending.
        name = f"{time.time_ns() // 1_000_000}_{uuid.uuid4()}.{queue}.msg"
        unfinished = folder / f"{name}.unfinished"
        try:
            unfinished.write_text(json.dumps(payload), encoding="utf-8")
            unfinished.replace(folder / name)
        finally:
            unfinished.unlink(missing_ok=True)


class Transport(filesystem.Transport):  # type: ignore[misc]
    """The filesystem transport over the channel above."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Wait for a message, never so long that a worker told to end keeps its user waiting."""
        super().drain_events(connection, timeout=min(timeout or LONGEST_WAIT_S, LONGEST_WAIT_S))
