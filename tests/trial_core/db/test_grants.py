"""On PostgreSQL a program that does not own its tables appends to the trail and changes nothing in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.trial_core.record import AUDIT
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM
from trial_core.errors import SettingError
from trial_core.services import audit_trail, sites

APPEND_ONLY = ("audit_entry", "form_entry", "study_transition", "allocation", "signature")


@pytest.fixture(scope="module")
def owner_url(postgres: str) -> str:
    """A database of its own, and a role that owns nothing."""
    admin = create_engine(postgres.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE granted"))
        connection.execute(text('CREATE ROLE "the-program" LOGIN'))
    admin.dispose()
    return postgres.format(name="granted")


@pytest.fixture(scope="module")
def program(owner_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with closing(Database(_as_program(owner_url), audit=AUDIT)) as db:
        with pytest.raises(SettingError, match="DOSEGATE_DATABASE_OWNER_URL"):
            migrate(db)
        migrate(db, owner_url)
        sites.create_site(db, SYSTEM, code="S1", name="A hospital")
        yield db


def _as_program(owner_url: str) -> str:
    return owner_url.replace("//dosegate@", "//the-program@")


def test_the_program__works_without_owning_its_tables(program: Database) -> None:
    migrate(program)
    sites.create_site(program, SYSTEM, code="S2", name="Another")
    assert [one.code for one in sites.list_sites(program, SYSTEM)] == ["S1", "S2"]
    assert audit_trail.verify(program).broken is None


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TRIGGER {table}_append_only ON {table}",
        "DROP TABLE {table}",
        "CREATE RULE r AS ON INSERT TO {table} DO INSTEAD NOTHING",
    ],
)
def test_the_program__is_denied_what_would_change_the_past(
    program: Database, table: str, statement: str
) -> None:
    with pytest.raises(DBAPIError) as caught, program.transaction() as connection:
        connection.execute(text(statement.format(table=table)))
    assert caught.value.orig.sqlstate == "42501"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET login = 'x'",
        "INSERT INTO audit_entry SELECT * FROM audit_entry ON CONFLICT (sequence) DO UPDATE SET login = 'x'",
        "CREATE OR REPLACE FUNCTION audit_entry_is_append_only() RETURNS trigger AS $$ $$ LANGUAGE plpgsql",
        "SET session_replication_role = replica",
        "UPDATE alembic_version SET version_num = '0001'",
        "CREATE TABLE mine (x int)",
    ],
)
def test_the_program__is_denied_the_ways_around(program: Database, statement: str) -> None:
    with pytest.raises(DBAPIError) as caught, program.transaction() as connection:
        connection.execute(text(statement))
    assert caught.value.orig.sqlstate == "42501"  # type: ignore[union-attr]


def test_grants__that_somebody_added_are_taken_back_at_the_next_upgrade(
    program: Database, owner_url: str
) -> None:
    with closing(Database(owner_url)) as owner, owner.transaction() as connection:
        connection.execute(text('GRANT ALL ON audit_entry TO "the-program"'))
    migrate(program, owner_url)
    with pytest.raises(DBAPIError, match="permission denied"), program.transaction() as connection:
        connection.execute(text("UPDATE audit_entry SET login = 'x'"))


def test_an_owner_url__on_sqlite_upgrades_and_grants_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    with closing(Database(url)) as db:
        migrate(db, url)
        with db.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM audit_entry")).scalar() == 0
