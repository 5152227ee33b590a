"""Which names of uploaded files are safe: relative, inside their folder, printable."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

LONGEST_NAME_BYTES = 1024
LONGEST_PART_BYTES = 255  # What ext4, XFS and NFS allow for one part of a path.


def name_refusal(name: str) -> str | None:
    """Say why a name cannot be used, or None when it can.

    A safe name is relative, has forward slashes and never climbs; so it can be laid out in any folder.
    """
    if not name:
        return "it is empty"
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        return "it holds a control character or is not valid Unicode"
    if name.startswith("/") or name[1:2] == ":":
        return "it is absolute"
    if "\\" in name:
        return "it holds a backslash"
    return _part_refusal(name)


def _part_refusal(name: str) -> str | None:
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return "it has an empty part, '.' or '..'"
    longest = max(len(part.encode()) for part in parts)
    if longest > LONGEST_PART_BYTES or len(name.encode()) > LONGEST_NAME_BYTES:
        return "it is too long"
    return None


def file_and_folder_at_once(names: Iterable[str]) -> str | None:
    """Give a name that is a file and, in another name, a folder; None when all can lie side by side."""
    known = set(names)
    folders = {str(parent) for name in known for parent in PurePosixPath(name).parents}
    return min(known & folders, default=None)
