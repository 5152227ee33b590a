"""Open the database: SQLite (WAL, foreign keys, one writer at a time) or PostgreSQL, behind the same two verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

_BUSY_TIMEOUT_MS = 30_000


def utc_now() -> datetime:
    """Give the time in UTC."""
    return datetime.now(UTC)


class Database:
    """One database. `now` is its clock, so that leases can be tested without waiting."""

    def __init__(self, url: str, *, now: Callable[[], datetime] = utc_now) -> None:
        self.url = url
        self.now = now
        self.engine: Engine = (
            _sqlite(url) if make_url(url).get_backend_name() == "sqlite" else _postgresql(url)
        )

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Write: committed at the end, rolled back by any exception. SQLite takes its write lock at once."""
        with self.engine.connect() as connection:
            connection.info["writes"] = True
            try:
                with connection.begin():
                    yield connection
            finally:
                connection.info.pop("writes", None)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Read one consistent state; nothing is committed."""
        with self.engine.connect() as connection, connection.begin() as transaction:
            try:
                yield connection
            finally:
                transaction.rollback()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _sqlite(url: str) -> Engine:
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(url: str) -> Engine:
    return create_engine(url, pool_pre_ping=True)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # The driver's own BEGIN would come too late; `_begin_sqlite` says it.
    for pragma in (
        f"busy_timeout = {_BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "foreign_keys = ON",
        "synchronous = FULL",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A reader that becomes a writer can meet "database is locked" at once, whatever the timeout.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.info.get("writes") else "BEGIN")
