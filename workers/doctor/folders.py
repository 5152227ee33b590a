"""The doctor's look at the data folder: its disk, and what store and audit trail ask of a file system."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from trial_core.settings import Settings
from trial_core.system_errors import is_full_disk
from workers.doctor.looks import Look, note, well, wrong

_LOW_BYTES = 10 * 1024**3
_NO_ROOM_BYTES = 1024**3
_MIB, _GIB = 1024**2, 1024**3
_MAKE_ROOM = "Make room: whether the file system can do it shows then."
_BETTER_FOLDER = "Choose a file system with it: a local disk, NFS 4, CephFS or Lustre mounted with `flock`."


def look_at_folders(settings: Settings) -> Iterator[Look]:
    """Look at the data folder."""
    yield _private(settings.data_folder)
    yield _room(settings.data_folder)
    for what, trial in (
        ("rename", _renames),
        ("hard link", _links),
        ("flush to disk", _flushes),
        ("lock between processes", _locks),
    ):
        yield _tried(what, settings.data_folder, trial)


def _private(folder: Path) -> Look:
    mode = folder.stat().st_mode & 0o777
    if mode & 0o077:
        action = f"Run: chmod 700 {folder}"
        return wrong("data folder", f"{folder} can be read by others (mode {mode:03o})", action)
    return well("data folder", f"{folder}, mode {mode:03o}")


def _room(folder: Path) -> Look:
    disk = shutil.disk_usage(folder)
    said = f"{_size(disk.free)} of {_size(disk.total)} are free"
    if disk.free < _NO_ROOM_BYTES:
        return wrong("disk", said, "Make room at once: deliveries are refused when it is full.")
    if disk.free < _LOW_BYTES:
        return note("disk", said, "Make room: one delivery may take several GiB.")
    return well("disk", said)


def _size(size_bytes: int) -> str:
    return f"{size_bytes / _GIB:.1f} GiB" if size_bytes >= _GIB else f"{size_bytes / _MIB:.0f} MiB"


def _tried(what: str, folder: Path, trial: Callable[[Path], bool]) -> Look:
    try:
        with _scratch(folder) as scratch:
            good = trial(scratch)
    except OSError as problem:
        action = _MAKE_ROOM if is_full_disk(problem) else _BETTER_FOLDER
        return wrong(what, f"{folder} refuses it ({problem.strerror})", action)
    return (
        well(what, "works")
        if good
        else wrong(what, f"{folder} takes it and does not keep it", _BETTER_FOLDER)
    )


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    scratch = folder / f"doctor-{secrets.token_hex(8)}"
    scratch.mkdir(mode=0o700)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _renames(folder: Path) -> bool:
    old, new = folder / "old", folder / "new"
    old.write_bytes(b"new")
    new.write_bytes(b"old")
    old.replace(new)
    return new.read_bytes() == b"new" and not old.exists()


def _links(folder: Path) -> bool:
    one, other = folder / "one", folder / "other"
    one.write_bytes(b"one")
    other.hardlink_to(one)
    return other.samefile(one)


def _flushes(folder: Path) -> bool:
    for path in (folder / "file", folder):
        if path != folder:
            path.write_bytes(b"x")
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    return True


def _locks(folder: Path) -> bool:
    """A second process is kept out, and let in afterwards."""
    path = folder / "lock"
    with path.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        kept_out = not _another_gets(path)
    return kept_out and _another_gets(path)


def _another_gets(path: Path) -> bool:
    another = multiprocessing.get_context("spawn").Process(target=_take, args=(str(path),))
    another.start()
    another.join()
    return another.exitcode == 0


def _take(path: str) -> None:
    with Path(path).open("rb+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(1)
