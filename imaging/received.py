"""What intake hands on: files with a name, a size and a hash, and how much of them is taken."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from imaging.findings import Finding

MIB = 1024**2
GIB = 1024**3


@dataclass(frozen=True)
class Limits:
    """How much input is taken; tests shrink it.

    Attributes
    ----------
    entries
        Most entries in one ZIP, and most files in one intake.
    entry_bytes
        Most bytes of one file or of one inflated entry.
    inflated_bytes
        Most bytes of all entries of one ZIP, counted while inflating.
    suspicious_bytes, suspicious_ratio
        A ZIP that inflates to more than this many bytes **and** more than this many times its own size is a
        bomb. (The CT of a phantom honestly compress 180:1, so the ratio alone says nothing.)
    """

    entries: int = 20_000
    entry_bytes: int = 2 * GIB
    inflated_bytes: int = 8 * GIB
    suspicious_bytes: int = 1 * GIB
    suspicious_ratio: float = 100.0


@dataclass(frozen=True)
class ReceivedFile:
    """One file that was taken in.

    Attributes
    ----------
    path
        Where its bytes lie now (the user's own file, or an inflated copy in the scratch folder).
    name
        The name the user knows: path relative to what was handed over, `archive.zip/inner/name` for archives.
    size_bytes, sha256
        Size and SHA-256 (lower-case hex) of the bytes.
    """

    path: Path
    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Intake:
    """What was taken in, in the order of the files' names, and what was refused."""

    files: tuple[ReceivedFile, ...]
    findings: tuple[Finding, ...]


def received_file(path: Path, name: str) -> ReceivedFile:
    """Hash a file on disk; never loads it whole.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return ReceivedFile(path, name, os.fstat(file.fileno()).st_size, digest)


def shown(name: str) -> str:
    """Give a file name that is safe to show: what is not printable, a terminal might obey, and JSON cannot
    carry."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
