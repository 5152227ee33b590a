"""Bytes kept under their SHA-256, and a staging area where uploads grow; knows no DICOM."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from trial_core.errors import StoredBytesChanged, StoredBytesMissing, StoreFull, UnknownUpload, UploadBusy

_BLOCK_BYTES = 1 << 20
_NAME = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FLUSHES_AT_ONCE = 8
"""A disk brings many files to safety in nearly the time of one, if it is asked for all of them together."""


class ByteSource(Protocol):
    """Anything with `read(size)`: a file, a request's input stream."""

    def read(self, size: int, /) -> bytes:
        """Give at most `size` bytes; b"" at the end."""


@dataclass(frozen=True)
class Draft:
    """Bytes written aside; `Store.keep` keeps them, `Store.drop` forgets them."""

    path: Path
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class TakenOver:
    """How many bytes were not here before, and the hashes of what the other store lacks or has changed."""

    new: int
    lost: tuple[str, ...]


class Store:
    """A folder of files named by their SHA-256, each of mode 0600, complete or not there at all.

    It needs rename, hard links and locks of its file system, nothing else, so a shared one will do.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept = folder / "sha256"
        self._staged = folder / "staging"
        self._loose = folder / "loose"
        for part in (folder, self._kept, self._staged, self._loose):
            part.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, data: bytes) -> str:
        """Keep bytes and return their SHA-256; keeping the same again changes nothing."""
        draft = self.draft(io.BytesIO(data), len(data))
        try:
            self.keep([draft])
        finally:
            self.drop([draft])
        return draft.sha256

    def draft(self, source: ByteSource, size_bytes: int) -> Draft:
        """Write the next bytes of a source aside, at constant memory; fewer where the source ends before.

        Raises
        ------
        StoreFull
        """
        path = self.draft_path()
        try:
            with _full_disk_said(), _create(path) as file:
                sha256 = _copy_hashed(_Beginning(source, size_bytes), file)
                return Draft(path, sha256, file.tell())
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def draft_path(self) -> Path:
        """Name a file for a draft that its owner writes piece by piece; an old one is swept."""
        return self._staged / f"put-{secrets.token_hex(16)}"

    def keep(self, drafts: Sequence[Draft]) -> None:
        """Move drafts into the store, all safely on disk when this returns.

        Raises
        ------
        StoreFull
        """
        _at_once(_flush_path, [draft.path for draft in drafts])
        folders = set()
        for draft in drafts:
            folders.add(self._move(draft.path, draft.sha256))
        _at_once(_flush_path, sorted(folders))

    def mark_loose(self, sha256s: Iterable[str]) -> None:
        """Say of bytes that are about to be kept that nothing on record names them yet; then `unmark`.

        Whoever is killed in between, or has lost the record, leaves the mark: `loose` finds it.

        Raises
        ------
        StoreFull
        """
        with _full_disk_said():
            for sha256 in sha256s:
                self._mark(sha256).touch(mode=0o600)

    def unmark(self, sha256s: Iterable[str]) -> None:
        """Say of bytes that the record names them now, or that they are gone."""
        for sha256 in sha256s:
            self._mark(sha256).unlink(missing_ok=True)

    def loose(self, older_than_seconds: float) -> tuple[str, ...]:
        """List the hashes that have been marked for so long, in no order."""
        limit = time.time() - older_than_seconds
        return tuple(path.name for path in self._loose.iterdir() if path.stat().st_mtime < limit)

    def drop(self, drafts: Iterable[Draft]) -> None:
        """Remove drafts that were not kept."""
        for draft in drafts:
            draft.path.unlink(missing_ok=True)

    def take_over(self, source: Store, sha256s: Sequence[str]) -> TakenOver:
        """Keep bytes of another store, each compared with its hash, those that are here already, too.

        Raises
        ------
        StoreFull
        """
        drafts, lost = list[Draft](), list[str]()
        try:
            for sha256 in sha256s:
                if not self._holds(sha256):
                    self._take(source, sha256, drafts, lost)
            self.keep(drafts)
        finally:
            self.drop(drafts)
        return TakenOver(len(drafts), tuple(lost))

    def remove(self, sha256: str) -> None:
        """Remove kept bytes. The caller knows, in a writing transaction, that nothing refers to them."""
        self._path(sha256).unlink(missing_ok=True)

    def hashes(self) -> Iterator[tuple[str, int]]:
        """Give the hash and the size in bytes of everything that is kept, in no order."""
        for path in self._kept.glob("??/*"):
            if _SHA256.fullmatch(path.name):
                yield path.name, path.stat().st_size

    def read(self, sha256: str) -> bytes:
        """Give the bytes of a hash, verified.

        Raises
        ------
        StoredBytesMissing, StoredBytesChanged
        """
        with self._open(sha256) as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StoredBytesChanged(sha256)
        return data

    def verify(self, sha256: str) -> None:
        """Read the bytes of a hash and compare.

        Raises
        ------
        StoredBytesMissing, StoredBytesChanged
        """
        with self._open(sha256) as file:
            if _hash_of(file) != sha256:
                raise StoredBytesChanged(sha256)

    def path(self, sha256: str) -> Path:
        """Say where the bytes of a hash lie, to be mapped once they are verified; nobody writes there.

        Raises
        ------
        StoredBytesMissing
            If this is no hash.
        """
        return self._path(sha256)

    def copy_to(self, sha256: str, target: Path) -> None:
        """Copy the bytes of a hash to a new file of mode 0600, verified, at constant memory.

        Raises
        ------
        StoredBytesMissing, StoredBytesChanged
            Nothing is left at `target`.
        """
        try:
            with self._open(sha256) as source, _create(target) as file:
                if _copy_hashed(source, file) != sha256:
                    raise StoredBytesChanged(sha256)
        except StoredBytesChanged:
            target.unlink(missing_ok=True)
            raise

    def has(self, sha256: str) -> bool:
        """Tell whether bytes are kept under this hash."""
        return self._path(sha256).is_file()

    @contextmanager
    def staging(self, upload_id: str) -> Iterator[BinaryIO]:
        """Open the staged file of an upload for reading and writing, for one writer at a time.

        Raises
        ------
        UploadBusy
            Another request holds it.
        """
        path = self._stage_path(upload_id)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            _lock(file, path, upload_id)
            yield file

    def settle(self, staged: BinaryIO) -> None:
        """Bring what was written to a staged file safely to disk.

        Raises
        ------
        StoreFull
        """
        with _full_disk_said():
            staged.flush()
            os.fsync(staged.fileno())

    def adopt(self, upload_id: str, staged: BinaryIO) -> str:
        """Move a complete staged file into the store, inside `staging`, marked loose; return its SHA-256.

        Raises
        ------
        UnknownUpload
            It was discarded meanwhile.
        """
        staged.seek(0)
        sha256 = _hash_of(staged)
        self.mark_loose([sha256])
        try:
            _flush_path(self._move(self._stage_path(upload_id), sha256))
        except FileNotFoundError:
            self.unmark([sha256])
            raise UnknownUpload(upload_id) from None
        return sha256

    def discard(self, upload_id: str) -> None:
        """Remove what an upload has staged, if anything."""
        self._stage_path(upload_id).unlink(missing_ok=True)

    def sweep(self, older_than_seconds: float) -> int:
        """Remove staged files nobody has written to for so long, and say how many."""
        limit = time.time() - older_than_seconds
        stale = [path for path in self._staged.iterdir() if path.stat().st_mtime < limit]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def _holds(self, sha256: str) -> bool:
        try:
            self.verify(sha256)
        except (StoredBytesMissing, StoredBytesChanged):
            return False
        return True

    def _take(self, source: Store, sha256: str, drafts: list[Draft], lost: list[str]) -> None:
        path = self.draft_path()
        try:
            with _full_disk_said():
                source.copy_to(sha256, path)
        except (StoredBytesMissing, StoredBytesChanged):
            lost.append(sha256)
        else:
            drafts.append(Draft(path, sha256, path.stat().st_size))

    def _path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise StoredBytesMissing(sha256)
        return self._kept / sha256[:2] / sha256

    def _mark(self, sha256: str) -> Path:
        return self._loose / self._path(sha256).name

    def _stage_path(self, upload_id: str) -> Path:
        if not _NAME.fullmatch(upload_id):
            raise ValueError(f"{upload_id!r} is not the id of an upload")
        return self._staged / upload_id

    def _open(self, sha256: str) -> BinaryIO:
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError:
            raise StoredBytesMissing(sha256) from None

    def _move(self, draft: Path, sha256: str) -> Path:
        path = self._path(sha256)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        draft.replace(path)
        return path.parent


class _Beginning:
    """The first bytes of a source."""

    def __init__(self, source: ByteSource, size_bytes: int) -> None:
        self._source = source
        self._left_bytes = size_bytes

    def read(self, size: int, /) -> bytes:
        if not self._left_bytes:
            return b""  # a request's stream takes a read of nothing for its end
        data = self._source.read(min(size, self._left_bytes))
        self._left_bytes -= len(data)
        return data


def _create(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _hash_of(source: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := source.read(_BLOCK_BYTES):
        digest.update(block)
    return digest.hexdigest()


def _copy_hashed(source: ByteSource, target: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := source.read(_BLOCK_BYTES):
        digest.update(block)
        target.write(block)
    return digest.hexdigest()


def _lock(file: BinaryIO, path: Path, upload_id: str) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Between open and lock the file may have become a kept one, which nobody may write to.
        if not _is_at(file, path):
            raise UploadBusy(upload_id)
    except BlockingIOError:
        raise UploadBusy(upload_id) from None


def _is_at(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.lstat())
    except FileNotFoundError:
        return False


@contextmanager
def _full_disk_said() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull from error
        raise


def _flush_path(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with _full_disk_said():
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _at_once(flush: Callable[[Path], None], paths: Sequence[Path]) -> None:
    if len(paths) == 1:
        flush(paths[0])
        return
    with ThreadPoolExecutor(_FLUSHES_AT_ONCE) as pool:
        for _ in pool.map(flush, paths):
            pass
