"""Queries on the names that people gave to structures of a set."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from trial_core.db.tables import given_name, user_account
from trial_core.domain.given_names import GivenName, SaidName


def of_submission(connection: Connection, submission_id: str) -> tuple[SaidName, ...]:
    """List the names given to structures of a set, by the site's name."""
    rows = connection.execute(
        select(given_name, user_account.c.full_name, user_account.c.login)
        .join(user_account, user_account.c.id == given_name.c.said_by)
        .where(given_name.c.submission_id == submission_id)
    )
    said = (
        SaidName(GivenName(row.site_name, row.structure), row.full_name or row.login, row.said_at)
        for row in rows
    )
    # Sorted here: databases disagree about the order of letters.
    return tuple(sorted(said, key=lambda one: one.name.site_name))


def remove(connection: Connection, submission_id: str, site_names: Iterable[str]) -> None:
    """Take names back."""
    chosen = given_name.c.submission_id == submission_id
    for site_name in site_names:
        connection.execute(delete(given_name).where(chosen, given_name.c.site_name == site_name))


def forget(connection: Connection, submission_id: str) -> None:
    """Take all names of a set back."""
    connection.execute(delete(given_name).where(given_name.c.submission_id == submission_id))


def add(
    connection: Connection, submission_id: str, names: Iterable[GivenName], *, user_id: str, at: datetime
) -> None:
    """Keep names that a person gave."""
    rows = [
        {
            "submission_id": submission_id,
            "site_name": one.site_name,
            "structure": one.structure,
            "said_by": user_id,
            "said_at": at,
        }
        for one in names
    ]
    if rows:
        connection.execute(insert(given_name), rows)
