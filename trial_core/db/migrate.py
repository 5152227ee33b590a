"""Bring a database to the newest schema."""

from __future__ import annotations

from trial_core.db.session import Database


def migrate(db: Database) -> None:
    """Create or upgrade every table; safe to call at each start, by several processes at once."""
    raise NotImplementedError
