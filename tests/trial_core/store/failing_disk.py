"""A disk that takes no more from the n-th write on: full, or mounted read-only."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest


class FailingDisk:
    """Counts what changes a folder (writes, flushes, new files, renames) and fails from one of them on."""

    def __init__(self, folder: Path, error: int) -> None:
        self._folder, self._error = str(folder), error
        self._fails_from: int | None = None
        self.seen = 0

    @contextmanager
    def failing_from(self, number: int) -> Iterator[None]:
        """Fail at the change of this number, counted from 1, and at every later one."""
        self.seen, self._fails_from = 0, number
        try:
            with pytest.MonkeyPatch.context() as patch:
                self._put_before(patch)
                yield
        finally:
            self._fails_from = None

    @property
    def failed(self) -> bool:
        """Tell whether anything was refused."""
        return self._fails_from is not None and self.seen >= self._fails_from

    def change(self, of: Any) -> None:
        """Count a change of a path or an open file, and refuse it if it is time to."""
        path = str(Path(f"/proc/self/fd/{of}").readlink() if isinstance(of, int) else of)
        if path.startswith(self._folder):
            self.seen += 1
            if self.failed:
                raise OSError(self._error, os.strerror(self._error))

    def _put_before(self, patch: pytest.MonkeyPatch) -> None:
        for name in ("fsync", "replace", "mkdir"):
            patch.setattr(os, name, self._counted(getattr(os, name)))
        opened, disk = os.open, self

        def open_counted(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
            if flags & os.O_CREAT and not Path(path).exists():
                disk.change(path)
            return opened(path, flags, mode, **more)

        def fdopen_counted(descriptor: int, mode: str = "r", *_more: Any, **_named: Any) -> BinaryIO:
            raw = _CountedFile(descriptor, mode.replace("b", ""), disk)
            return io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)

        patch.setattr(os, "open", open_counted)
        patch.setattr("trial_core.store.os.fdopen", fdopen_counted)

    def _counted(self, function: Any) -> Any:
        def counted(of: Any, *more: Any, **named: Any) -> Any:
            self.change(of)
            return function(of, *more, **named)

        return counted


class _CountedFile(io.FileIO):
    def __init__(self, descriptor: int, mode: str, disk: FailingDisk) -> None:
        super().__init__(descriptor, mode)
        self._disk = disk

    def write(self, data: Any, /) -> int:
        self._disk.change(self.fileno())
        return super().write(data)
