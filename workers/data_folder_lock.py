"""One server for one data folder: the second is told who holds it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DataFolderInUseError(Exception):
    """Another server works on this data folder; `holder` is what it said of itself."""

    def __init__(self, folder: Path, holder: str) -> None:
        super().__init__(
            f"The data folder {folder} is in use by {holder or 'another dosegate'}. Stop that one, or set "
            "DOSEGATE_DATA to another folder."
        )
        self.folder = folder
        self.holder = holder


@contextmanager
def hold_data_folder(folder: Path, holder: str) -> Iterator[None]:
    """Keep other servers out as long as this lasts; the kernel frees the folder when the process is killed.

    Raises
    ------
    DataFolderInUseError
        another process holds it.
    """
    descriptor = os.open(folder / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataFolderInUseError(folder, file.read().strip()) from None
        file.truncate(0)
        file.write(f"{holder}\n")
        file.flush()
        yield
