"""Pictures of checked courses: arrays under their SHA-256, found by the hash of the report they belong to.

They can be made anew from the submitted bytes, so nothing of the record refers to them: the folder may be
left out of a backup, or be emptied, and a check of the same files puts the same bytes back.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trial_core.db.columns import canonical_json
from trial_core.db.form_content import from_plain, to_plain
from trial_core.domain.pictures import PictureSet
from trial_core.errors import StoredBytesChanged, StoredBytesMissing
from trial_core.store import Draft, Store

Array = NDArray[np.int16] | NDArray[np.float32] | NDArray[np.int64]
Keep = Callable[[Array], str]
"""Takes an array and gives the SHA-256 that it is kept under."""

_SETS_KEPT = 32
"""Parsed sets in memory, of some 100 kB each."""
_LEFT_BEHIND_S = 3600.0
_LOOKED_AT_S = 86_400.0
"""How exactly it is known when pictures were last looked at."""
FREE_PART = 0.1
"""Of the disk, that pictures leave free: the record itself needs it."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class OlderPictures(Exception):  # noqa: N818 - named for what is so, as all refusals
    """Pictures as an older program, or a newer one, kept them."""


class PictureStore:
    """A folder beside the record's own bytes; see the module."""

    def __init__(self, record_folder: Path) -> None:
        folder = record_folder / "pictures"
        self._store = Store(folder)
        self._reports = folder / "of-report"
        self._reports.mkdir(exist_ok=True, mode=0o700)

    def keep(self, report_sha256: str, make: Callable[[Keep], PictureSet]) -> None:
        """Keep what `make` hands over, then the set that it returns: complete or not there at all.

        Raises
        ------
        StoreFull
        """
        with self._locked(fcntl.LOCK_SH):
            self._keep(report_sha256, make)

    def make_room(self, wanted_bytes: int | None = None) -> int:
        """Remove the pictures that nobody has looked at for longest, and say how many bytes that gave back.

        The set that was made or looked at last stays. What no set refers to any more goes first.

        Parameters
        ----------
        wanted_bytes
            How many to give back; by default what lacks to `FREE_PART` of the disk, nothing where it is free.
        """
        wanted = self._lacking_bytes() if wanted_bytes is None else wanted_bytes
        if wanted <= 0:
            return 0
        with self._locked(fcntl.LOCK_EX):
            return self._remove_oldest(wanted)

    def _lacking_bytes(self) -> int:
        disk = shutil.disk_usage(self._reports)
        return int(FREE_PART * disk.total) - disk.free

    def _remove_oldest(self, wanted: int) -> int:
        sizes = dict(self._store.hashes())
        pointers = sorted(self._pointers(), key=lambda pointer: (pointer.stat().st_mtime, pointer.name))
        parts = {pointer: self._parts_of(pointer) & sizes.keys() for pointer in pointers}
        users = Counter(sha256 for found in parts.values() for sha256 in found)
        freed = sum(self._remove(sha256, sizes) for sha256 in sizes if not users[sha256])
        for pointer in pointers[:-1]:
            if freed >= wanted:
                break
            pointer.unlink(missing_ok=True)
            users.subtract(parts[pointer])
            freed += sum(self._remove(sha256, sizes) for sha256 in parts[pointer] if not users[sha256])
        return freed

    def _remove(self, sha256: str, sizes: Mapping[str, int]) -> int:
        self._store.remove(sha256)
        return sizes[sha256]

    def _pointers(self) -> list[Path]:
        return [path for path in self._reports.iterdir() if _SHA256.fullmatch(path.name)]

    def _parts_of(self, pointer: Path) -> set[str]:
        """Give the hashes of a set's index and arrays; none of a set that no page can show."""
        index = pointer.read_text("ascii", errors="replace")
        try:
            return {index, *_parsed(self._store.read(index)).arrays}
        except (StoredBytesMissing, StoredBytesChanged, OlderPictures):
            return set()

    @contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        """Keep pictures side by side, and remove them alone: none that is being kept loses an array."""
        lock = os.open(self._reports.parent / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, kind)
            yield
        finally:
            os.close(lock)

    def _keep(self, report_sha256: str, make: Callable[[Keep], PictureSet]) -> None:
        self._store.sweep(_LEFT_BEHIND_S)
        drafts: list[Draft] = []

        def draft(array: Array) -> str:
            drafts.append(self._store.draft(_Bytes(array), array.nbytes))
            return drafts[-1].sha256

        try:
            pictures = make(draft)
            self._store.keep(drafts)
        finally:
            self._store.drop(drafts)
        index = self._store.put(canonical_json(to_plain(pictures)).encode())
        self._point(report_sha256, index)

    def find(self, report_sha256: str) -> PictureSet | None:
        """Give the pictures of a report; None where none are kept, or not all of them any more.

        Raises
        ------
        StoredBytesChanged
        """
        try:
            index = self._pointer(report_sha256).read_text("ascii", errors="replace")
            pictures = _parsed(self._store.read(index))
        except (FileNotFoundError, StoredBytesMissing, OlderPictures):
            return None
        if not all(self._store.has(sha256) for sha256 in pictures.arrays):
            return None
        self._note_look(self._pointer(report_sha256))
        return pictures

    def path(self, sha256: str) -> Path:
        """Say where an array lies, to be mapped once it is verified.

        Raises
        ------
        StoredBytesMissing
        """
        return self._store.path(sha256)

    def verify(self, sha256: str) -> None:
        """Read an array's bytes and compare with the hash.

        Raises
        ------
        StoredBytesMissing, StoredBytesChanged
        """
        self._store.verify(sha256)

    def _note_look(self, pointer: Path) -> None:
        with suppress(OSError):  # removed meanwhile, or a folder that may only be read: the page is shown
            if time.time() - pointer.stat().st_mtime > _LOOKED_AT_S:
                os.utime(pointer)

    def _pointer(self, report_sha256: str) -> Path:
        if not _SHA256.fullmatch(report_sha256):
            raise StoredBytesMissing(report_sha256)
        return self._reports / report_sha256

    def _point(self, report_sha256: str, index: str) -> None:
        pointer = self._pointer(report_sha256)
        new = pointer.with_suffix(f".{os.getpid()}")
        new.write_text(index, "ascii")
        new.replace(pointer)


@cache
def picture_store(record_folder: Path) -> PictureStore:
    """Give the pictures beside a store; its folders are made once."""
    return PictureStore(record_folder)


# The bytes themselves are the key: they were verified.
@lru_cache(maxsize=_SETS_KEPT)
def _parsed(data: bytes) -> PictureSet:
    try:
        return from_plain(json.loads(data), PictureSet)
    except ValueError as problem:  # the bytes are as they were written: by a program that knew other pictures
        raise OlderPictures from problem


class _Bytes:
    """An array's bytes as a source, without a copy of the whole."""

    def __init__(self, array: Array) -> None:
        self._left: memoryview[int] = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data

    def read(self, size: int, /) -> bytes:
        block, self._left = self._left[:size], self._left[size:]
        return bytes(block)
