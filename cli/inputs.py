"""What the command line is asked to read, and the room for it to unpack archives."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cli.errors import CommandError, RefusalCode

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def existing_paths(given: Sequence[str]) -> list[Path]:
    """Give the PATHs when each of them is there and can be read.

    Raises
    ------
    CommandError
        the first one that is not, as a finding.
    """
    for name in given:
        if not Path(name).exists():
            raise _refused("path-missing", name, "There is no such file or folder.", "Check the spelling.")
        if not os.access(name, os.R_OK):
            raise _refused("file-unreadable", name, "It cannot be read.", "Check its permissions.")
    return [Path(name) for name in given]


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a private folder for inflated archives; it is gone afterwards.

    Raises
    ------
    CommandError
        there is no folder that takes a file.
    """
    try:
        scratch = tempfile.TemporaryDirectory(prefix="dosegate-")
    except OSError as problem:
        raise no_room() from problem
    with scratch as folder:
        try:
            yield Path(folder)
        except OSError as problem:
            if problem.errno not in NO_ROOM and _is_below(problem.filename, folder):
                raise _not_writable(problem) from problem
            raise


def no_room() -> CommandError:
    """Refuse for a full disk."""
    return CommandError(
        "There is no room left on a disk, and no result was produced. Free some room, or name a folder with "
        "room for unpacked archives in TMPDIR.",
        code=RefusalCode.DISK_FULL,
    )


def _is_below(name: object, folder: str) -> bool:
    return isinstance(name, str) and Path(name).is_relative_to(folder)


def _not_writable(problem: OSError) -> CommandError:
    return CommandError(
        f"Archives cannot be unpacked to the disk for temporary files ({problem.strerror}), and no result "
        "was produced. Name a folder on another disk in TMPDIR.",
        code=RefusalCode.DISK_FULL,
    )


def _refused(code: str, name: str, message: str, action: str) -> CommandError:
    from imaging.findings import FindingCode, error

    finding = error(FindingCode(code), message, action=action, file=name)
    return CommandError(f"{name}: {message} {action}", [finding.as_json()])
