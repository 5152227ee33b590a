"""Queries that follow-up and data cuts ask: allocations, and the subjects of all sites."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from trial_core.db.tables import allocation, allocation_list, subject


def randomised_at(connection: Connection, subject_id: str) -> datetime | None:
    """Give when a subject's arm was revealed."""
    chosen = allocation.c.subject_id == subject_id
    row = connection.execute(select(allocation.c.revealed_at).where(chosen)).first()
    return row.revealed_at if row else None


def stratum_of(connection: Connection, subject_id: str) -> str | None:
    """Give the stratum of the list that a subject was randomised from."""
    query = select(allocation_list.c.stratum).join(allocation, allocation.c.list_id == allocation_list.c.id)
    row = connection.execute(query.where(allocation.c.subject_id == subject_id)).first()
    return row.stratum if row else None


def enrolled(connection: Connection) -> tuple[str, ...]:
    """List the ids of all subjects that were ever enrolled, by site and code."""
    chosen = select(subject.c.id).where(subject.c.phase.is_not(None))
    rows = connection.execute(chosen.order_by(subject.c.site_code, subject.c.code))
    return tuple(row.id for row in rows)
