"""A folder of backups: bytes under their hash once for all, and a folder with a manifest for each moment."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from trial_core.domain.canonical import canonical_json
from trial_core.installation.refusals import BackupBroken, BackupNotFound, BackupOfAnotherKind
from trial_core.installation.rows import Row, RowTable

FORMAT = 1
MANIFEST = "manifest.json"
KEPT = "store"
_ROWS = "rows"
_DRAFT = ".draft"


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Attributes
    ----------
    made_at
        Moment of the snapshot, ISO 8601 in UTC.
    code_version, schema
        Of the program that made it.
    tables
        Table by table, in an order in which they can be written: name, columns, rows, sum.
    files
        SHA-256 of each other file of the backup, by its path in the folder.
    kept
        SHA-256 of the bytes that the rows name.
    audit
        Entries of the audit trail, and its last hash.
    """

    made_at: str
    code_version: str
    schema: str
    tables: tuple[Mapping[str, Any], ...]
    files: Mapping[str, str]
    kept: tuple[str, ...]
    audit: Mapping[str, Any]

    @property
    def rows(self) -> int:
        """Count the rows of all tables."""
        return sum(int(each["rows"]) for each in self.tables)

    def row_tables(self) -> tuple[RowTable, ...]:
        """Give the tables with their columns."""
        return tuple(RowTable(each["name"], tuple(each["columns"])) for each in self.tables)

    def facts_of(self, of: RowTable) -> dict[str, Any]:
        """Give the count and the sum of a table's rows."""
        (found,) = (each for each in self.tables if each["name"] == of.name)
        return {"rows": found["rows"], "sum": found["sum"]}


class Draft:
    """A backup while it is written; `finish` puts it in place, whole."""

    def __init__(self, folder: Path, name: str) -> None:
        self._place = folder / name
        self.folder = folder / f"{name}{_DRAFT}"
        for part in (self.folder, self.folder / _ROWS):
            part.mkdir(mode=0o700)
        self._files: dict[str, str] = {}

    @contextmanager
    def rows(self, table_name: str) -> Iterator[TextIO]:
        """Open the file of a table's rows."""
        path = self.folder / _ROWS / f"{table_name}.jsonl.gz"
        with _private(path) as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
            lines = io.TextIOWrapper(packed, encoding="ascii", newline="\n")
            yield lines
            lines.flush()
            lines.detach()
        self._note(path)

    def put(self, name: str, data: bytes) -> None:
        """Add a file."""
        path = self.folder / name
        with _private(path) as file:
            file.write(data)
        self._note(path)

    def finish(self, **facts: Any) -> Path:
        """Write the manifest, bring everything to disk, and give the backup its name."""
        manifest = {"format": FORMAT, "files": self._files, **facts}
        with _private(self.folder / MANIFEST) as file:
            file.write(canonical_json(manifest).encode())
        for path in (*self.folder.rglob("*"), self.folder):
            _flush(path)
        self.folder.rename(self._place)
        _flush(self._place.parent)
        return self._place

    def _note(self, path: Path) -> None:
        self._files[path.relative_to(self.folder).as_posix()] = _sha256_of(path)


def latest(folder: Path) -> Path:
    """Give the newest backup of a folder, or the folder itself where it is one.

    Raises
    ------
    BackupNotFound
    """
    if (folder / MANIFEST).is_file():
        return folder
    made = sorted(each.parent for each in folder.glob(f"*/{MANIFEST}") if each.parent.suffix != _DRAFT)
    if not made:
        raise BackupNotFound(folder)
    return made[-1]


def read_manifest(backup: Path) -> Manifest:
    """Read the manifest of a backup, and compare every file that it names.

    Raises
    ------
    BackupBroken, BackupOfAnotherKind
    """
    try:
        facts = json.loads((backup / MANIFEST).read_bytes())
        if facts.pop("format") != FORMAT:
            raise BackupOfAnotherKind(backup)
        manifest = Manifest(**{**facts, "tables": tuple(facts["tables"]), "kept": tuple(facts["kept"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise BackupBroken(backup, f"{MANIFEST} cannot be read") from problem
    for name, sha256 in manifest.files.items():
        if not (backup / name).is_file():
            raise BackupBroken(backup, f"{name} is missing")
        if _sha256_of(backup / name) != sha256:
            raise BackupBroken(backup, f"{name} is not what was written")
    return manifest


def rows_in(backup: Path, of: RowTable) -> Iterator[Row]:
    """Read the rows of a table."""
    with gzip.open(backup / _ROWS / f"{of.name}.jsonl.gz", "rt", encoding="ascii") as lines:
        for line in lines:
            yield json.loads(line)


@contextmanager
def _private(path: Path) -> Iterator[io.BufferedWriter]:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
