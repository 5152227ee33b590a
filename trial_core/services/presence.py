"""Which workers and listeners are there: each says so every few seconds, and says when it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from trial_core.db.repositories import presence as rows
from trial_core.db.session import Database
from trial_core.domain.jobs import WorkerPresent
from trial_core.domain.receiving import ReceiverPresent

SAY_EVERY = timedelta(seconds=10)
SILENT_AFTER = timedelta(seconds=40)
_FORGOTTEN_AFTER = timedelta(days=1)


def say_present(
    db: Database, *, name: str, host: str, processors: int, code_version: str, started_at: datetime
) -> None:
    """Say that a worker is there; those that were silent for a day are forgotten."""
    with db.transaction() as connection:
        at = db.lease_now(connection)
        rows.put(connection, WorkerPresent(name, host, processors, code_version, started_at, at))
        rows.remove_older(connection, at - _FORGOTTEN_AFTER)


def say_gone(db: Database, *, name: str) -> None:
    """Say that a worker ended."""
    with db.transaction() as connection:
        rows.remove(connection, name)


def present(db: Database) -> tuple[WorkerPresent, ...]:
    """List the workers that have not said that they ended, the silent ones among them."""
    with db.read() as connection:
        return rows.everyone(connection)


def time_told(db: Database) -> datetime:
    """Tell the time by the clock that workers say by when they were there."""
    with db.read() as connection:
        return db.lease_now(connection)


def say_receiving(db: Database, *, present: ReceiverPresent) -> None:
    """Say that a listener is there, now; those that were silent for a day are forgotten."""
    with db.transaction() as connection:
        at = db.lease_now(connection)
        rows.remove_receivers_older(connection, at - _FORGOTTEN_AFTER)
        rows.put_receiver(connection, replace(present, seen_at=at))


def say_receiver_gone(db: Database, *, name: str) -> None:
    """Say that a listener ended."""
    with db.transaction() as connection:
        rows.remove_receiver(connection, name)


def receivers(db: Database) -> tuple[ReceiverPresent, ...]:
    """List the listeners that have not said that they ended, the silent ones among them."""
    with db.read() as connection:
        return rows.receivers(connection)


def is_silent(one: WorkerPresent | ReceiverPresent, at: datetime) -> bool:
    """Tell whether nothing has been heard of it for longer than it takes to say it."""
    return at - one.seen_at > SILENT_AFTER
