"""Every test of the record runs on SQLite and on a real PostgreSQL, on a fresh copy of one small trial."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.trial_core.postgres import running_postgres
from tests.trial_core.record import AUDIT, Clock, Record, populate
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.db.tables import metadata
from trial_core.store import Store

_TABLES = tuple(table.name for table in metadata.sorted_tables)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_record(postgres: str) -> Iterator[Database]:
    """A migrated database with the trial, and a copy of its rows beside it that each test begins with.

    A copy of the database would cost a second a test.
    """
    db = Database(postgres.format(name="postgres"), now=Clock(), audit=AUDIT)
    migrate(db)
    populate(db)
    with db.transaction() as connection:
        connection.execute(text("CREATE SCHEMA at_first"))
        for name in _TABLES:
            connection.execute(text(f"CREATE TABLE at_first.{name} AS TABLE public.{name}"))
    yield db
    db.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    _fill(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a trial with its sites and people and nothing else."""
    if request.param == "sqlite":
        copy = tmp_path / "record.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), copy)
        yield f"sqlite:///{copy}"
        return
    server: Database = request.getfixturevalue("postgres_record")
    _put_back(server)
    yield server.engine.url.render_as_string(hide_password=False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def db(url: str, clock: Clock, tmp_path: Path) -> Iterator[Database]:
    (tmp_path / "outside").mkdir()
    database = Database(url, now=clock, audit=replace(AUDIT, folder=tmp_path / "outside"))
    yield database
    database.close()


@pytest.fixture
def record(db: Database, clock: Clock, tmp_path: Path) -> Record:
    folder = tmp_path / "store"
    return Record(db, Store(folder), clock, folder)


def _fill(url: str) -> None:
    db = Database(url, now=Clock(), audit=AUDIT)
    migrate(db)
    populate(db)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def _put_back(db: Database) -> None:
    # Only a superuser may, and only for this transaction: triggers and foreign keys are left out.
    rows = (f"DELETE FROM {name}; INSERT INTO {name} TABLE at_first.{name}" for name in _TABLES)  # noqa: S608
    with db.transaction() as connection:
        connection.exec_driver_sql(f"SET LOCAL session_replication_role = replica; {'; '.join(rows)}")
