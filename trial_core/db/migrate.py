"""Bring a database to the newest schema."""

from __future__ import annotations

from alembic import command
from alembic.config import Config

from trial_core.db.session import Database


def migrate(db: Database) -> None:
    """Create or upgrade every table; safe to call at each start, by several processes at once."""
    with db.transaction() as connection:
        config = Config()
        config.set_main_option("script_location", "trial_core.db:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
