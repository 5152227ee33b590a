"""Queries on the workers that are there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from trial_core.db.tables import worker_presence
from trial_core.domain.jobs import WorkerPresent


def put(connection: Connection, present: WorkerPresent) -> None:
    """Note a worker, or that it is still there."""
    chosen = worker_presence.c.name == present.name
    seen = connection.execute(update(worker_presence).where(chosen).values(seen_at=present.seen_at))
    if not seen.rowcount:
        connection.execute(insert(worker_presence).values(**vars(present)))


def remove(connection: Connection, name: str) -> None:
    """Take a worker that ended off the list."""
    connection.execute(delete(worker_presence).where(worker_presence.c.name == name))


def remove_older(connection: Connection, than: datetime) -> None:
    """Take those off the list that were not seen since."""
    connection.execute(delete(worker_presence).where(worker_presence.c.seen_at < than))


def everyone(connection: Connection) -> tuple[WorkerPresent, ...]:
    """List them by name."""
    rows = connection.execute(select(worker_presence)).all()
    return tuple(sorted((WorkerPresent(**row._mapping) for row in rows), key=lambda one: one.name))
