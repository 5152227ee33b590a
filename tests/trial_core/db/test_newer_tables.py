"""A program that is older than the tables says so, touches nothing, and names what to do."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from trial_core.db.migrate import is_known, migrate, newest_revision
from trial_core.db.session import Database
from trial_core.errors import SettingError


def test_migrate__refuses_tables_of_a_newer_program(db: Database) -> None:
    _set_version(db, "9999")
    try:
        with pytest.raises(SettingError, match=r"version 9999, newer than .* Install the newer one"):
            migrate(db)
        with db.read() as connection:
            assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
    finally:
        _set_version(db, newest_revision())  # the server is other tests', too


def test_is_known__tells_our_revisions_from_later_ones() -> None:
    assert is_known("0001")
    assert is_known(newest_revision())
    assert not is_known("9999")


def _set_version(db: Database, version: str) -> None:
    with db.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
