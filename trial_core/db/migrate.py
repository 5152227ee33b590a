"""Bring a database to the newest schema."""

from __future__ import annotations

from contextlib import closing

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DatabaseError, ProgrammingError

from trial_core.db.grants import grant_to_program
from trial_core.db.session import Database
from trial_core.errors import SettingError
from trial_core.system_errors import is_damaged

_INSUFFICIENT_PRIVILEGE = "42501"


NEWEST = "head"


def migrate(db: Database, owner_url: str | None = None, to: str = NEWEST) -> None:
    """Create or upgrade every table; safe to call at each start, by several processes at once.

    All of it is one transaction: one that is interrupted leaves the database as it was.

    Parameters
    ----------
    owner_url
        Of the role that owns the tables, where the program's own does not (PostgreSQL): the program's is then
        granted what it needs (`trial_core.db.grants`). Needed for an upgrade alone.
    to
        Revision of the schema: an earlier one for rows of that time.

    Raises
    ------
    SettingError
        The database does not answer, or is none; its tables are of a newer program; or it is to be upgraded
        by a role that may not.
    """
    _knock(db)
    if owner_url is None:
        _upgrade(db, to)
        return
    with closing(Database(owner_url)) as owner:
        _knock(owner)
        _upgrade(owner, to)
        with owner.transaction() as connection:
            grant_to_program(connection, db.engine.url.username or "")


def revision(db: Database) -> str | None:
    """Give the revision of the schema that a database has; None where it has none yet.

    Raises
    ------
    SettingError
        The database does not answer.
    """
    _knock(db)
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """Give the revision of the schema that this program works on."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    assert newest is not None  # noqa: S101 - the migrations are part of the program
    return newest


def is_known(found: str) -> bool:
    """Tell whether this program knows a revision of the schema: one of a newer program it does not."""
    return any(script.revision == found for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "trial_core.db:migrations")
    return config


def _upgrade(db: Database, to: str) -> None:
    try:
        with db.change_schema() as connection:
            _refuse_newer(MigrationContext.configure(connection).get_current_revision())
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _INSUFFICIENT_PRIVILEGE:
            raise
        problem = (
            "the tables are older than the program, and its role may not change them. Start it once with "
            "DOSEGATE_DATABASE_OWNER_URL set to the address with the owner's role."
        )
        raise SettingError("DOSEGATE_DATABASE_URL", problem) from error


def _refuse_newer(found: str | None) -> None:
    if found is not None and not is_known(found):
        problem = (
            f"its tables are of version {found}, newer than this program's {newest_revision()}. Nothing was "
            "changed: this program must not work on them. Install the newer one."
        )
        raise SettingError("DOSEGATE_DATABASE_URL", problem)


def _knock(db: Database) -> None:
    try:
        with db.engine.connect():
            pass
    except DatabaseError as error:
        # The driver's own words may hold the address with its password.
        problem = "the database does not answer. Check that it runs, and the address, user and password."
        if is_damaged(error):
            problem = "the file is no SQLite database, or it is damaged. Restore a backup: dosegate restore."
        raise SettingError("DOSEGATE_DATABASE_URL", problem) from error
