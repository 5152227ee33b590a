"""Untrusted bytes to checked files: folders, ZIP archives and single files, refused with a finding or taken in."""

from __future__ import annotations

from collections.abc import Iterable
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
        Most bytes of one file or one inflated entry.
    inflated_bytes
        Most bytes of all entries of one ZIP, counted while inflating.
    suspicious_bytes, suspicious_ratio
        A ZIP that inflates to more than this many bytes **and** more than this many times its own size is a bomb.
        (The CT of a phantom honestly compress 180:1, so the ratio alone says nothing.)
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
    """What was taken in, in a deterministic order, and what was refused."""

    files: tuple[ReceivedFile, ...]
    findings: tuple[Finding, ...]


def take_in(paths: Iterable[Path], scratch: Path, *, limits: Limits | None = None) -> Intake:
    """Take in folders (any nesting), ZIP archives and single files, in any order.

    Parameters
    ----------
    paths
        What the user handed over.
    scratch
        An existing folder for inflated archives; the caller owns and removes it. A refused archive leaves nothing in it.
    limits
        How much is taken; the defaults hold for real use.
    """
    raise NotImplementedError
