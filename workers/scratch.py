"""Private scratch folders: removed when their work ends, and swept when their worker was killed."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workers.worker_name import worker_name

_NAME_BYTES = 1024


@contextmanager
def scratch_folder(root: Path) -> Iterator[Path]:
    """Give a new empty folder that only this user can enter; it is gone afterwards, whatever happened.

    Parameters
    ----------
    root
        Where scratch folders lie; made if need be. The process holds a lock on its folder, which the kernel
        releases when the process is killed: `sweep` then knows that nobody works there.
    """
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = secrets.token_hex(16)
    with _locked_by_us(root / f"{name}.lock"):
        folder = root / name
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


def sweep(root: Path, at_work: Collection[str]) -> int:
    """Remove the folders of killed workers, and say how many; folders at work stay.

    Parameters
    ----------
    at_work
        Workers that hold a job by their lease: theirs stay even where a lock is seen by one machine alone.
    """
    locks = sorted(root.glob("*.lock")) if root.is_dir() else []
    return sum(_remove_if_abandoned(lock, at_work) for lock in locks)


@contextmanager
def _locked_by_us(path: Path) -> Iterator[None]:
    # The lock file appears locked: made under another name, locked, then given its name.
    draft = path.with_suffix(".draft")
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, worker_name().encode())
        draft.rename(path)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _remove_if_abandoned(lock: Path, at_work: Collection[str]) -> bool:
    with suppress(FileNotFoundError, BlockingIOError):
        descriptor = os.open(lock, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.read(descriptor, _NAME_BYTES).decode(errors="replace") in at_work:
                return False
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)
            return True
        finally:
            os.close(descriptor)
    return False
