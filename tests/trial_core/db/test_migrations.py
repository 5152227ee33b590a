"""Migrations and tables say the same on both databases."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.trial_core.record import ONCOLOGIST, Record
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.db.tables import metadata


def test_migrations__give_exactly_the_tables_of_the_code(db: Database) -> None:
    with db.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrations__allow_exactly_the_values_of_the_enums(db: Database) -> None:
    # Alembic does not compare CHECK constraints: a new state would be refused by the old check.
    with db.read() as connection:
        found = inspect(connection)
        theirs = {
            name: {_values(str(check["sqltext"])) for check in found.get_check_constraints(name)}
            for name in metadata.tables
        }
    ours = {
        name: {_values(str(c.sqltext)) for c in table.constraints if isinstance(c, CheckConstraint)}
        for name, table in metadata.tables.items()
    }
    assert theirs == ours


def test_migrate__again_changes_nothing(record: Record) -> None:
    record.enrol()
    migrate(record.db)
    with record.db.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM subject")).scalar() == 1


def test_migrate__by_many_at_once_happens_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    failures: list[BaseException] = []

    def start() -> None:
        db = Database(url)
        try:
            migrate(db)
        except BaseException as error:  # noqa: BLE001 - handed to the test below
            failures.append(error)
        finally:
            db.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_sqlite__is_strict_with_wal_and_foreign_keys(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    migrate(db)
    with db.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        rows = connection.exec_driver_sql("SELECT name FROM pragma_table_list WHERE strict = 1")
        strict = {row.name for row in rows}
    db.close()
    assert strict == set(metadata.tables)


def test_foreign_keys__are_enforced(db: Database) -> None:
    statement = text("INSERT INTO session VALUES ('t', 'nobody', :at, :at, NULL)")
    at: Any = "2026-01-01T00:00:00.000000Z"
    with pytest.raises(IntegrityError), db.transaction() as connection:
        connection.execute(statement, {"at": at})


def test_transaction__is_rolled_back_by_any_exception(record: Record) -> None:
    def rename_and_fail() -> None:
        with record.db.transaction() as connection:
            connection.execute(text("UPDATE site SET name = 'gone'"))
            raise KeyError

    with pytest.raises(KeyError):
        rename_and_fail()
    with record.db.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM site WHERE name = 'gone'")).scalar() == 0


def test_read__writes_nothing(record: Record) -> None:
    record.enrol()
    with record.db.read() as connection:
        connection.execute(text("UPDATE subject SET code = 'changed'"))
    with record.db.read() as connection:
        assert connection.execute(text("SELECT code FROM subject")).scalar() == "S1-001"


def test_sqlite__refuses_the_wrong_kind_of_value(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    db = Database(f"sqlite:///{path}")
    migrate(db)
    db.close()
    plain = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in INTEGER column"):
        plain.execute("INSERT INTO sign_in_failure VALUES ('x', 'many', 'now')")
    plain.close()


def test_audit_trail__cannot_be_changed_through_sql(record: Record) -> None:
    record.enrol(actor=ONCOLOGIST)
    for statement in ("UPDATE audit_entry SET login = 'x'", "DELETE FROM audit_entry"):
        with pytest.raises(DBAPIError, match="append-only"), record.db.transaction() as connection:
            connection.execute(text(statement))


def _values(check: str) -> frozenset[str]:
    return frozenset(check.split("'")[1::2])
