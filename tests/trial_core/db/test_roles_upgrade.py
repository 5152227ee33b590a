"""A database from before the roles of the whole trial is upgraded whole, or stays as it was."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command, op
from alembic.config import Config
from sqlalchemy import create_engine, text

from tests.trial_core.record import AUDIT
from trial_core.db.migrate import migrate
from trial_core.db.repositories import accounts
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Role
from trial_core.errors import SettingError
from trial_core.services import sites

AT = "2026-03-01T12:00:00.000000Z"
ROWS = (
    "INSERT INTO site VALUES ('S1', 'A hospital', '{at}')",
    "INSERT INTO user_account VALUES ('u1', 'phy', 'Phy', 'physicist', 'S1', '-', '{at}')",
    "INSERT INTO user_account VALUES ('u2', 'mon', 'Mon', 'monitor', NULL, '-', '{at}')",
    "INSERT INTO session VALUES ('t', 'u1', '{at}', '{at}', NULL)",
    "INSERT INTO subject VALUES ('s', 'S1', 'S1-001', 'enrolled', 'IIa', NULL, '{at}')",
    "INSERT INTO form_entry VALUES ('f', 's', 'k', 'o', 1, '[]', 'x', 0, NULL, 'u1', '{at}')",
)
KILLED_HALF_WAY = """
import os, signal, sys
from alembic import op
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
op.add_column = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
migrate(Database(sys.argv[1]))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of the schema before, with people and what refers to them."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    else:
        server: str = request.getfixturevalue("postgres")
        url = server.format(name=_new_database(server))
    with closing(Database(url, audit=AUDIT)) as db:
        with db.change_schema() as connection:
            config = Config()
            config.set_main_option("script_location", "trial_core.db:migrations")
            config.attributes["connection"] = connection
            command.upgrade(config, "0003")
            for row in ROWS:
                connection.exec_driver_sql(row.format(at=AT))
        yield db


def _new_database(server: str) -> str:
    admin = create_engine(server.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS before_roles"))
        connection.execute(text("CREATE DATABASE before_roles"))
    admin.dispose()
    return "before_roles"


def _state(db: Database) -> tuple[object, ...]:
    with db.read() as connection:
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        people = connection.execute(text("SELECT * FROM user_account ORDER BY id")).all()
    return (version, *map(tuple, people))


def test_upgrade__makes_a_physicist_a_site_physicist_and_keeps_everybody(old: Database) -> None:
    migrate(old)
    with old.read() as connection:
        found = {one.actor.login: one.actor for one in accounts.every_account(connection)}
        assert (
            connection.execute(text("SELECT count(*) FROM form_entry WHERE entered_by = 'u1'")).scalar() == 1
        )
    assert (found["phy"].role, found["phy"].site_code) == (Role.SITE_PHYSICIST, "S1")
    assert (found["mon"].role, found["mon"].site_code) == (Role.MONITOR, None)
    sites.create_site(old, SYSTEM, code="S2", name="Another")


def test_upgrade__keeps_foreign_keys_watched(old: Database) -> None:
    migrate(old)
    with old.read() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            rows = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql LIKE '%REFERENCES%'")
            assert not any("user_account_new" in row.sql for row in rows)


def test_upgrade__that_fails_half_way_leaves_all_as_it_was(
    old: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _state(old)

    def break_off(*_: object, **__: object) -> None:
        raise KeyError

    with monkeypatch.context() as patched:
        patched.setattr(op, "add_column", break_off)
        with pytest.raises(KeyError):
            migrate(old)
    assert _state(old) == before
    migrate(old)
    assert _state(old)[0] != before[0]


def test_upgrade__that_is_killed_half_way_leaves_all_as_it_was(old: Database) -> None:
    before = _state(old)
    url = old.engine.url.render_as_string(hide_password=False)
    killed = subprocess.run([sys.executable, "-c", KILLED_HALF_WAY, url], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert _state(old) == before
    migrate(old)
    assert _state(old)[0] != before[0]


def test_upgrade__refuses_a_row_that_refers_to_nobody_and_leaves_all_as_it_was(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'x.sqlite'}")) as db:
        migrate(db)
        before = _state(db)

        def lose_a_site() -> None:
            with db.change_schema() as connection:
                statement = (
                    "INSERT INTO subject (id, site_code, code, status, created_at) "
                    "VALUES ('s', 'gone', 'c', 'screening', :at)"
                )
                connection.execute(text(statement), {"at": AT})

        with pytest.raises(SettingError, match="refers to a site that is not there"):
            lose_a_site()
        assert _state(db) == before
        with db.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM subject").scalar() == 0
