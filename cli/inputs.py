"""What the command line is asked to read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from cli.errors import CommandError


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


def _refused(code: str, name: str, message: str, action: str) -> CommandError:
    from imaging.findings import FindingCode, error

    finding = error(FindingCode(code), message, action=action, file=name)
    return CommandError(f"{name}: {message} {action}", [finding.as_json()])
