"""Bytes that nothing refers to any more leave the store, whoever sends the same ones at that moment.

Only in a writing transaction: there is one at a time, and whoever refers to bytes looks in such a one, too,
whether they are still there.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from trial_core.db.repositories import files
from trial_core.store import Store


def remove_unreferenced(connection: Connection, store: Store, sha256s: Iterable[str]) -> None:
    """Remove those of the bytes that no submission and no result refers to; `connection` must be writing."""
    asked = frozenset(sha256s)
    for sha256 in sorted(asked - files.referenced(connection, asked)):
        store.remove(sha256)


def forget_files(connection: Connection, store: Store, submission_id: str) -> None:
    """Forget the files of a submission that was given up, with their bytes; `connection` must be writing."""
    kept = [file.sha256 for file in files.kept(connection, submission_id)]
    files.forget(connection, submission_id=submission_id)
    remove_unreferenced(connection, store, kept)
