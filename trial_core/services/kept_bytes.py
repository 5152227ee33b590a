"""Bytes that nothing refers to any more leave the store, whoever sends the same ones at that moment.

Only in a writing transaction: there is one at a time, and whoever refers to bytes looks in such a one, too,
whether they are still there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from trial_core.db.repositories import files
from trial_core.db.session import Database
from trial_core.errors import TrialError
from trial_core.store import Draft, Store


@contextmanager
def kept_to_be_named(db: Database, store: Store, drafts: Sequence[Draft]) -> Iterator[None]:
    """Keep drafts for a body that names them on record; where it fails they leave the store again.

    Where the record does not answer even then they stay, marked, for `remove_loose`.

    Raises
    ------
    StoreFull
    """
    hashes = sorted({draft.sha256 for draft in drafts})
    store.mark_loose(hashes)
    try:
        store.keep(drafts)
        yield
    except (TrialError, SQLAlchemyError, OSError):
        with db.transaction() as connection:
            remove_unreferenced(connection, store, hashes)
        store.unmark(hashes)
        raise
    store.unmark(hashes)


def remove_loose(db: Database, store: Store, *, older_than_seconds: float) -> None:
    """Remove bytes that whoever kept them never came to name on record; what is named by now stays."""
    hashes = store.loose(older_than_seconds)
    if hashes:
        with db.transaction() as connection:
            remove_unreferenced(connection, store, hashes)
        store.unmark(hashes)


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
