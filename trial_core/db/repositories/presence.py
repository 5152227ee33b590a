"""Queries on the workers and listeners that are there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from trial_core.db.tables import receiver_presence, worker_presence
from trial_core.domain.jobs import WorkerPresent
from trial_core.domain.receiving import ReceiverPresent


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


def put_receiver(connection: Connection, present: ReceiverPresent) -> None:
    """Note a listener, or that it is still there, and who called it last."""
    values = {**vars(present), "with_tls": int(present.with_tls)}
    remove_receiver(connection, present.name)
    connection.execute(insert(receiver_presence).values(**values))


def remove_receiver(connection: Connection, name: str) -> None:
    """Take a listener that ended off the list."""
    connection.execute(delete(receiver_presence).where(receiver_presence.c.name == name))


def remove_receivers_older(connection: Connection, than: datetime) -> None:
    """Take those off the list that were not seen since."""
    connection.execute(delete(receiver_presence).where(receiver_presence.c.seen_at < than))


def receivers(connection: Connection) -> tuple[ReceiverPresent, ...]:
    """List the listeners by name."""
    rows = connection.execute(select(receiver_presence)).all()
    found = (ReceiverPresent(**{**row._mapping, "with_tls": bool(row.with_tls)}) for row in rows)
    return tuple(sorted(found, key=lambda one: one.name))
