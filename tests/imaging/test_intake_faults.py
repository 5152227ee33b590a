"""A disk that fails at any one of the intake's own writes: an error, and nothing half written."""

from __future__ import annotations

import errno
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imaging.intake import take_in

FAULTS = (errno.ENOSPC, errno.EROFS, errno.EIO, errno.EACCES)


@pytest.fixture
def handed_over(tmp_path: Path) -> Path:
    """A folder with a plain file and an archive of two: one judged without the archive is another course."""
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "plain.dcm").write_bytes(b"plain")
    with zipfile.ZipFile(folder / "more.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.dcm", b"a" * 3_000_000)
        archive.writestr("b.dcm", b"b" * 10)
    return folder


class _Disk:
    """Counts what is written below a folder, and fails at one of these steps."""

    def __init__(self, folder: Path, *, at: int | None, fault: int) -> None:
        self.steps, self._folder, self._at, self._fault = 0, folder, at, fault

    def step(self) -> None:
        self.steps += 1
        if self.steps - 1 == self._at:
            raise OSError(self._fault, os.strerror(self._fault))

    def put_under(self, monkeypatch: pytest.MonkeyPatch) -> None:
        opened, made = Path.open, Path.mkdir

        def open_file(path: Path, mode: str = "r", *rest: Any, **named: Any) -> Any:
            if "x" not in mode or not path.is_relative_to(self._folder):
                return opened(path, mode, *rest, **named)
            self.step()
            opened(path, mode).close()
            return _File(path, self.step)

        def make_folder(path: Path, *rest: Any, **named: Any) -> None:
            if path.is_relative_to(self._folder):
                self._named_step(path)
            made(path, *rest, **named)

        monkeypatch.setattr(Path, "open", open_file)
        monkeypatch.setattr(Path, "mkdir", make_folder)

    def _named_step(self, path: Path) -> None:
        try:
            self.step()
        except OSError as problem:  # as mkdir itself names what it could not make
            raise OSError(problem.errno, problem.strerror, str(path)) from problem


class _File(io.FileIO):
    """A file each of whose writes, and whose end, is a step."""

    def __init__(self, path: Path, step: Callable[[], None]) -> None:
        super().__init__(str(path), "w")
        self._step: Callable[[], None] | None = step

    def write(self, data: Any, /) -> int:
        if self._step:
            self._step()
        return super().write(data)

    def close(self) -> None:
        step, self._step = self._step, None
        super().close()
        if step:
            step()


def test_take_in__whose_disk_fails_at_any_write_raises_and_leaves_nothing(
    handed_over: Path, tmp_path: Path
) -> None:
    steps = _writes(handed_over, tmp_path / "whole")
    assert steps == 9  # a folder; two files, each opened and closed; three pieces and one
    for fault in FAULTS:
        for at in range(steps):
            scratch = tmp_path / f"scratch-{fault}-{at}"
            scratch.mkdir()
            with pytest.MonkeyPatch.context() as patch:
                _Disk(scratch, at=at, fault=fault).put_under(patch)
                with pytest.raises(OSError, match=os.strerror(fault)):
                    take_in([handed_over], scratch)
            assert list(scratch.iterdir()) == []


def _writes(handed_over: Path, scratch: Path) -> int:
    scratch.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        disk = _Disk(scratch, at=None, fault=0)
        disk.put_under(patch)
        intake = take_in([handed_over], scratch)
    assert (len(intake.files), intake.findings) == (3, ())
    return disk.steps
