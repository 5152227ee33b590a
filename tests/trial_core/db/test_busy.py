"""A database that another program holds is said in words, and goes on as soon as it is let go."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from trial_core.db.session import Database
from trial_core.system_errors import RecordBusy

SHORT_S = 0.2


@contextmanager
def _held(url: str) -> Iterator[None]:
    """Hold the writer's lock as another program would."""
    engine = create_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(1685025637)"))
        yield
    engine.dispose()


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    made = Database(url, patience_s=SHORT_S)
    yield made
    made.close()


def _one(db: Database) -> int:
    with db.transaction() as connection:
        return int(connection.execute(text("SELECT 1")).scalar_one())


def test_transaction__on_a_held_database_is_refused_in_words_and_works_afterwards(
    db: Database, url: str
) -> None:
    with _held(url), pytest.raises(RecordBusy, match="held by another program") as caught:
        _one(db)
    assert "try again" in caught.value.message
    assert "database is locked" not in caught.value.message
    assert _one(db) == 1


def test_transaction__waits_for_who_lets_go_in_time(url: str) -> None:
    patient = Database(url, patience_s=20.0)
    holding, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with _held(url):
            holding.set()
            let_go.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(10)
    threading.Timer(0.3, let_go.set).start()
    assert _one(patient) == 1
    thread.join()
    patient.close()


def test_new_database__that_another_program_holds_is_refused_in_words(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    with _held(url), pytest.raises(RecordBusy):
        _one(Database(url, patience_s=SHORT_S))
