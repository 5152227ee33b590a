"""Untrusted bytes to checked files: folders, ZIP archives and single files, taken in or refused."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from imaging.errors import RefusedError
from imaging.findings import Finding, FindingCode, error, info, warning
from imaging.received import GIB, MIB, Intake, Limits, ReceivedFile, received_file, shown
from imaging.zip_archive import foreign_archive, is_zip, unpack

__all__ = ["GIB", "MIB", "Intake", "Limits", "ReceivedFile", "take_in"]

_DESKTOP_LITTER = frozenset((".ds_store", "thumbs.db", "desktop.ini"))
_OF_WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)
"""Met by writing alone: never the fault of a file that is read."""
_APPEAR = "Check the path and hand over the files again."


def take_in(paths: Iterable[Path], scratch: Path, *, limits: Limits | None = None) -> Intake:
    """Take in folders (any nesting), ZIP archives and single files, in any order.

    Parameters
    ----------
    paths
        What the user handed over.
    scratch
        An existing folder for inflated archives; the caller owns and removes it. A refused archive leaves
        nothing.
    limits
        How much is taken; the defaults hold for real use.

    Raises
    ------
    OSError
        `scratch` cannot be written to: a course judged without an archive would be another course.

    Notes
    -----
    Never raises for what is handed over: it is taken in, or there is a finding. The result does not depend
    on the order of `paths`. Archives inside archives are refused.
    """
    return _Intaker(scratch, limits or Limits()).take(sorted(set(map(Path, paths))))


@dataclass(frozen=True)
class _Candidate:
    """A regular file that was found, before it is read."""

    path: Path
    name: str


class _Intaker:
    """One intake: what was taken so far and what was refused."""

    def __init__(self, scratch: Path, limits: Limits) -> None:
        self.scratch = scratch
        self.limits = limits
        self.files: list[ReceivedFile] = []
        self.findings: list[Finding] = []

    def take(self, paths: list[Path]) -> Intake:
        if not paths:
            self._error(
                FindingCode.NOTHING_HANDED_OVER, "No file was handed over.", "Name a folder, a ZIP or files."
            )
        candidates = [found for path in paths for found in self._look(path, prefixed=len(paths) > 1)]
        for candidate in _each_once(candidates):
            self._receive(candidate)
            if len(self.files) > self.limits.entries:
                return self._too_many()
        files = self._named_apart(sorted(self.files, key=lambda file: (file.name, file.sha256, file.path)))
        return Intake(tuple(files), tuple(self.findings))

    def _look(self, path: Path, *, prefixed: bool) -> Iterator[_Candidate]:
        try:
            mode = path.stat().st_mode
        except OSError as problem:
            message = f"{shown(path.name)} cannot be read ({problem.strerror})."
            self._error(FindingCode.PATH_MISSING, message, _APPEAR, shown(path.name))
            return
        if stat.S_ISDIR(mode):
            yield from self._look_into(path, f"{path.resolve().name}/" if prefixed else "")
        elif stat.S_ISREG(mode):
            yield _Candidate(path, path.name)
        else:
            self._no_file(path.name)

    def _look_into(self, folder: Path, prefix: str) -> Iterator[_Candidate]:
        """Yield every regular file below a folder; links are never followed."""
        found = False
        for path in self._below(folder):
            found = True
            yield _Candidate(path, prefix + path.relative_to(folder).as_posix())
        if not found:
            message = "The folder holds no files."
            self._error(
                FindingCode.FOLDER_EMPTY, message, "Hand over the folder of the export.", shown(folder.name)
            )

    def _below(self, folder: Path) -> Iterator[Path]:
        for root, folders, names in os.walk(folder, onerror=self._unreadable_folder):
            here = Path(root)
            for name in sorted(folders + names):
                path = here / name
                if path.is_symlink():
                    self._link(path.relative_to(folder).as_posix())
                elif name in names and self._is_regular(path, folder):
                    yield path
            folders[:] = sorted(name for name in folders if not (here / name).is_symlink())

    def _is_regular(self, path: Path, folder: Path) -> bool:
        if path.is_file():
            return True
        self._no_file(path.relative_to(folder).as_posix())
        return False

    def _receive(self, candidate: _Candidate) -> None:
        name = shown(candidate.name)
        if candidate.path.name.lower() in _DESKTOP_LITTER or candidate.path.name.startswith("._"):
            self.findings.append(
                info(
                    FindingCode.OBJECT_SET_ASIDE,
                    "A file of the desktop, not of the patient; left out.",
                    file=name,
                )
            )
            return
        try:
            self._receive_readable(candidate, name)
        except RefusedError as refusal:
            self.findings.append(refusal.finding)
        except OSError as problem:
            if problem.errno in _OF_WRITING or self._is_ours(problem):
                raise  # no fault of the file's
            message = f"The file cannot be read ({problem.strerror})."
            self._error(FindingCode.FILE_UNREADABLE, message, "Check its permissions and the disk.", name)

    def _is_ours(self, problem: OSError) -> bool:
        named = problem.filename
        return isinstance(named, (str, Path)) and Path(named).is_relative_to(self.scratch)

    def _receive_readable(self, candidate: _Candidate, name: str) -> None:
        size = candidate.path.stat().st_size
        if is_zip(candidate.path):
            self.files += unpack(candidate.path, name, self.scratch, self.limits)
        elif (kind := foreign_archive(candidate.path)) is not None:
            message = f"The file is a {kind} archive, which is not read."
            self._error(
                FindingCode.ARCHIVE_UNSUPPORTED, message, "Unpack it, or pack the files as a ZIP.", name
            )
        elif size > self.limits.entry_bytes:
            message = f"The file has {size:,} bytes; at most {self.limits.entry_bytes:,} are taken."
            self._error(FindingCode.FILE_TOO_LARGE, message, "Leave it out.", name)
        else:
            self.files.append(received_file(candidate.path, name))

    def _too_many(self) -> Intake:
        message = f"More than {self.limits.entries:,} files were handed over; nothing was taken."
        self._error(FindingCode.TOO_MANY_FILES, message, "Hand over the files of one patient only.")
        return Intake((), tuple(self.findings))

    def _named_apart(self, files: list[ReceivedFile]) -> Iterator[ReceivedFile]:
        """Tell files of one name apart; possible where several paths were handed over."""
        taken = {file.name for file in files}
        seen: set[str] = set()
        for file in files:
            if file.name not in seen:
                seen.add(file.name)
                yield file
                continue
            name = next(one for one in (f"{file.name} ({n})" for n in count(2)) if one not in taken)
            taken.add(name)
            message = f"Several files are called {file.name}; this one is shown as {name}."
            self.findings.append(info(FindingCode.NAME_COLLISION, message, file=name))
            yield replace(file, name=name)

    def _unreadable_folder(self, problem: OSError) -> None:
        name = shown(Path(problem.filename).name)
        message = f"The folder cannot be read ({problem.strerror})."
        self._error(FindingCode.FILE_UNREADABLE, message, "Check its permissions.", name)

    def _no_file(self, name: str) -> None:
        message = "This is no regular file (a device, pipe or socket); it was left out."
        self.findings.append(warning(FindingCode.FILE_UNREADABLE, message, file=shown(name)))

    def _link(self, name: str) -> None:
        message = "Links in a folder are not followed; it was left out."
        action = "Hand over the file itself, if it belongs to the course."
        self.findings.append(warning(FindingCode.LINK_NOT_FOLLOWED, message, action=action, file=shown(name)))

    def _error(self, code: FindingCode, message: str, action: str, file: str | None = None) -> None:
        self.findings.append(error(code, message, action=action, file=file))


def _each_once(candidates: list[_Candidate]) -> Iterator[_Candidate]:
    """Drop a file that was handed over twice, as itself and with its folder; the longer name says more."""
    seen: set[Path] = set()
    for candidate in sorted(candidates, key=lambda found: (-found.name.count("/"), found.name, found.path)):
        resolved = candidate.path.resolve()
        if resolved not in seen:
            seen.add(resolved)
            yield candidate
