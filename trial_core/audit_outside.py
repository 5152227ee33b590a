"""What of the audit trail is kept outside the database: its key, and how long it was and how it ended.

Two files of the data folder, a line of JSON for each anchor. `audit-head.json` follows every commit. To
`audit-anchors.jsonl` lines are only added: at each signature, each hour, and whenever the database's head is
not the one that was noted last, as when it was set back.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from trial_core.anchor_lines import NotAnAnchor, anchor_line, read_line
from trial_core.domain.audit_chain import Anchor, AuditHead, AuditKey

HEAD_FILE = "audit-head.json"
ANCHORS_FILE = "audit-anchors.jsonl"
_TAIL_BYTES = 4096

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AuditOutside:
    """The key of one installation's trail, and the folder with its anchors (None keeps none)."""

    key: AuditKey
    folder: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """Name the files that may hold anchors."""
        return (self.folder / ANCHORS_FILE, self.folder / HEAD_FILE) if self.folder else ()

    def follow(self, before: AuditHead, head: AuditHead, *, at: datetime, anchored: AuditHead | None) -> None:
        """Note the head after a commit, and add an entry to the anchors, on disk when this returns.

        What was committed stays so: a disk that takes nothing is logged, and the next commit tries again.
        """
        if self.folder is None:
            return
        try:
            with _alone(self.folder / ANCHORS_FILE) as anchors:
                self._keep_if_left_behind(anchors, before)
                self._put_head(head, at)
                if anchored is not None:
                    self._add(anchors, Anchor(anchored.count, anchored.hash, at))
        except OSError as problem:
            _log.error("The audit trail's anchors could not be written (%s).", problem.strerror)

    def add(self, head: AuditHead, *, at: datetime) -> Anchor:
        """Add an anchor, on disk when this returns.

        Raises
        ------
        OSError
        """
        new = Anchor(head.count, head.hash, at)
        if self.folder is not None:
            with _alone(self.folder / ANCHORS_FILE) as anchors:
                self._add(anchors, new)
        return new

    def last_added(self) -> Anchor | None:
        """Give the anchor that was added last, None where there is none to be read."""
        if self.folder is None or not (self.folder / ANCHORS_FILE).exists():
            return None
        with (self.folder / ANCHORS_FILE).open("rb") as anchors:
            anchors.seek(max(0, anchors.seek(0, os.SEEK_END) - _TAIL_BYTES))
            lines = anchors.read().decode("utf-8", "replace").splitlines()
        return self._read(lines[-1]) if lines else None

    def _keep_if_left_behind(self, anchors: BinaryIO, before: AuditHead) -> None:
        # The trail went on from somewhere else than where it was seen last: what was seen is kept for good.
        last = self._last_head()
        if last is not None and last.count >= before.count and (last.count, last.head) != _pair(before):
            self._add(anchors, last)

    def _last_head(self) -> Anchor | None:
        assert self.folder is not None  # noqa: S101 - asked only by those who have one
        try:
            return self._read((self.folder / HEAD_FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def _read(self, line: str) -> Anchor | None:
        try:
            return read_line(line, self.key)
        except NotAnAnchor:
            return None

    def _put_head(self, head: AuditHead, at: datetime) -> None:
        assert self.folder is not None  # noqa: S101 - asked only by those who have one
        draft = self.folder / f".{HEAD_FILE}.draft"
        draft.write_text(anchor_line(Anchor(head.count, head.hash, at), self.key), encoding="utf-8")
        draft.replace(self.folder / HEAD_FILE)

    def _add(self, anchors: BinaryIO, new: Anchor) -> None:
        anchors.write(anchor_line(new, self.key).encode())
        anchors.flush()
        os.fsync(anchors.fileno())


def _pair(head: AuditHead) -> tuple[int, str]:
    return (head.count, head.hash)


@contextmanager
def _alone(path: Path) -> Iterator[BinaryIO]:
    """Open the anchors to add lines, one process at a time; a line that was cut off by a crash goes."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab+") as anchors:
        fcntl.flock(anchors, fcntl.LOCK_EX)
        _drop_cut_line(anchors)
        yield anchors


def _drop_cut_line(anchors: BinaryIO) -> None:
    end = anchors.seek(0, os.SEEK_END)
    anchors.seek(max(0, end - _TAIL_BYTES))
    tail = anchors.read()
    if tail and not tail.endswith(b"\n"):
        anchors.truncate(end - len(tail) + tail.rfind(b"\n") + 1)
