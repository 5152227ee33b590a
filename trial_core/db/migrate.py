"""Bring a database to the newest schema."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DatabaseError

from trial_core.db.session import Database
from trial_core.errors import SettingError


def migrate(db: Database) -> None:
    """Create or upgrade every table; safe to call at each start, by several processes at once.

    All of it is one transaction: one that is interrupted leaves the database as it was.

    Raises
    ------
    SettingError
        The database does not answer, or is none.
    """
    _knock(db)
    with db.change_schema() as connection:
        config = Config()
        config.set_main_option("script_location", "trial_core.db:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _knock(db: Database) -> None:
    try:
        with db.engine.connect():
            pass
    except DatabaseError as error:
        # The driver's own words may hold the address with its password.
        problem = "the database does not answer. Check that it runs, and the address, user and password."
        raise SettingError("DOSEGATE_DATABASE_URL", problem) from error
