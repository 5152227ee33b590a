"""Queries that follow-up and data cuts ask: allocations, subjects of all sites, forms by their ids."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from trial_core.db.tables import allocation


def randomised_at(connection: Connection, subject_id: str) -> datetime | None:
    """Give when a subject's arm was revealed."""
    chosen = allocation.c.subject_id == subject_id
    row = connection.execute(select(allocation.c.revealed_at).where(chosen)).first()
    return row.revealed_at if row else None
