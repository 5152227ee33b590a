"""An object on its way to disk: written as it comes, undecoded, within its limits; memory stays flat."""

from __future__ import annotations

import hashlib
import os
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from trial_core.store import Draft

PREAMBLE = b"\0" * 128 + b"DICM"


class Obstacle(Enum):
    """Why an object cannot be kept; the value completes a line of the log."""

    NO_ROOM = "the disk is full"
    TOO_LARGE = "it is larger than DOSEGATE_RECEIVE_OBJECT_MIB"
    TOO_MUCH_WAITS = "more than DOSEGATE_RECEIVE_WAITING_MIB wait for a person"


class Room:
    """How many bytes may still come: what waits and what is on its way, for all associations together."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._waiting_bytes = self._coming_bytes = 0
        self._lock = threading.Lock()

    def set_waiting(self, size_bytes: int) -> None:
        """Say how much waits, as the record has it."""
        with self._lock:
            self._waiting_bytes = size_bytes

    def add_waiting(self, size_bytes: int) -> None:
        """Count an object that was kept."""
        with self._lock:
            self._waiting_bytes += size_bytes

    def take(self, size_bytes: int) -> bool:
        """Take room for what comes; False where there is none."""
        with self._lock:
            if self._waiting_bytes + self._coming_bytes + size_bytes > self._most_bytes:
                return False
            self._coming_bytes += size_bytes
            return True

    def give_back(self, size_bytes: int) -> None:
        """Give room back: the object is kept, or gone."""
        with self._lock:
            self._coming_bytes -= size_bytes


class Spool(BytesIO):
    """Stands where pynetdicom collects a dataset in memory, and writes it to a file of its own.

    After an obstacle it takes the rest of the object without keeping it, so that the sender hears a status
    and not a broken connection. Whatever becomes of the association, the file goes with the last reference.

    Parameters
    ----------
    path
        The file to make, with its first byte.
    head
        Gives what stands before the dataset; called once that is known.
    """

    def __init__(self, path: Path, head: Callable[[], bytes], room: Room, most_bytes: int) -> None:
        super().__init__()
        self.path = path
        self.obstacle: Obstacle | None = None
        self.head_bytes = 0
        self._head, self._room, self._most_bytes = head, room, most_bytes
        self._file: BinaryIO | None = None
        self._digest = hashlib.sha256()
        self._taken = [0]
        self._end: weakref.finalize | None = None  # type: ignore[type-arg]

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """Write the next piece to the file."""
        if self.obstacle is None:
            try:
                self._write(data)
            except OSError:
                self.obstacle = Obstacle.NO_ROOM
        return len(data)

    def finish(self) -> Draft | None:
        """Close the file and give it as a draft of the store; None where nothing whole came."""
        if self._file is None or self.obstacle is not None:
            return None
        try:
            self._file.close()
        except OSError:
            self.obstacle = Obstacle.NO_ROOM
            return None
        return Draft(self.path, self._digest.hexdigest(), self._taken[0])

    def drop(self) -> None:
        """Forget the object; one that was kept is somewhere else by now."""
        if self._end is not None:
            self._end()

    def _write(self, data: bytes) -> None:
        if self._file is None:
            self._begin()
        self._put(data)

    def _begin(self) -> None:
        self._file = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._end = weakref.finalize(self, _forget, self.path, self._file, self._room, self._taken)
        head = self._head()
        self.head_bytes = len(head)
        self._put(head)

    def _put(self, data: bytes) -> None:
        if self._taken[0] + len(data) > self._most_bytes:
            self.obstacle = Obstacle.TOO_LARGE
        elif not self._room.take(len(data)):
            self.obstacle = Obstacle.TOO_MUCH_WAITS
        elif self._file is not None:
            self._taken[0] += len(data)
            self._digest.update(data)
            self._file.write(data)


def _forget(path: Path, file: BinaryIO, room: Room, taken: list[int]) -> None:
    room.give_back(taken[0])
    with suppress(OSError):  # what it could not write is not wanted any more
        file.close()
    path.unlink(missing_ok=True)
