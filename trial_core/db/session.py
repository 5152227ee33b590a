"""Open the database: SQLite or PostgreSQL behind the same two verbs, one writer at a time on both.

With one writer at a time every check and the write it allows are one step: versions are counted, jobs claimed
and audit entries chained without a second mechanism. Transactions here last milliseconds: nobody waits long.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from trial_core.audit_outside import AuditOutside
from trial_core.domain.audit_chain import AuditHead
from trial_core.errors import SettingError
from trial_core.system_errors import RecordAway, RecordBusy, is_away, is_busy

PATIENCE_S = 30.0
"""So long a transaction waits for another program to let go of the database."""
_NOTED = "dosegate.audit"
_ZONE = "dosegate.zone"
_WRITER_LOCK = 0x646F7365  # Any number will do, as long as nobody else in this database takes the same.
_SQLITE_PRAGMAS = (
    "journal_mode = WAL",
    "foreign_keys = ON",
    "recursive_triggers = ON",  # else INSERT OR REPLACE deletes without asking a trigger that refuses to
    "synchronous = FULL",
)


def utc_now() -> datetime:
    """Give the time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class _Noted:
    """How far the audit trail came in a transaction, and the entry of it that is to be an anchor."""

    before: AuditHead
    head: AuditHead
    anchored: AuditHead | None


def note_head(connection: Connection, before: AuditHead, head: AuditHead, *, anchored: bool = False) -> None:
    """Say that the transaction took the audit trail on; it is told outside when it is committed.

    An entry that is `anchored` stays to be one, whatever entries follow it: a signature that ends the study
    is not the last of its transaction.
    """
    earlier: _Noted | None = connection.info.get(_NOTED)
    anchor = head if anchored else None
    if earlier is not None:
        before, anchor = earlier.before, anchor or earlier.anchored
    connection.info[_NOTED] = _Noted(before, head, anchor)


def local_time(connection: Connection, at: datetime) -> datetime:
    """Give a moment on record as the clocks showed it where the trial is."""
    zone: tzinfo = connection.info[_ZONE]
    return at.astimezone(zone)


def day_of(connection: Connection, at: datetime) -> date:
    """Give the day of a moment on record where the trial is; in Shanghai it begins 8 h before UTC's."""
    return local_time(connection, at).date()


class Database:
    """One database.

    Parameters
    ----------
    url
        Of SQLAlchemy.
    now
        The clock, so that leases can be tested without waiting; default: this machine's, and for jobs and
        leases the database's own.
    audit
        What of the audit trail is kept outside; without it the record can be read, and nothing that leaves an
        entry be done.
    zone
        Of the trial's calendar: which day is today, and on which day a subject was randomised.
    patience_s
        How long to wait for another program that holds the database.

    Raises
    ------
    SettingError
        The SQLite file cannot be opened.
    """

    def __init__(
        self,
        url: str,
        *,
        now: Callable[[], datetime] | None = None,
        audit: AuditOutside | None = None,
        zone: tzinfo = UTC,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.now = now or utc_now
        self.zone = zone
        self.audit = audit
        sqlite = make_url(url).get_backend_name() == "sqlite"
        self._asks_for_time = now is None and not sqlite
        self.engine: Engine = _sqlite(url, patience_s) if sqlite else create_engine(url, pool_pre_ping=True)
        event.listen(self.engine, "connect", partial(_know_zone, zone))
        self._reading: dict[str, Any] = {} if sqlite else {"isolation_level": "REPEATABLE READ"}
        event.listen(
            self.engine, "begin", _begin_sqlite if sqlite else partial(_begin_postgresql, patience_s)
        )

    def today(self) -> date:
        """Give the day that it is where the trial is: what lies after it is in the future."""
        return self.now().astimezone(self.zone).date()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Write: committed at the end, rolled back by any exception; other writers wait.

        Raises
        ------
        RecordBusy
            Another program held the database for half a minute.
        RecordAway
            The database does not answer.
        """
        writing = self._connection(writes=True)
        with _in_words(), writing as connection:
            connection.info.pop(_NOTED, None)
            with connection.begin():
                yield connection
            self._tell_outside(connection.info.pop(_NOTED, None))

    @contextmanager
    def change_schema(self) -> Iterator[Connection]:
        """Write as `transaction` does, with SQLite's foreign keys put aside and looked at before the commit.

        A table that others refer to can be built anew no other way. PostgreSQL needs none of this.

        Raises
        ------
        SettingError
            A row would refer to nothing: all is as it was.
        """
        writing = self._connection(writes=True)
        with _in_words(), writing as connection, _foreign_keys_aside(connection), connection.begin():
            yield connection
            _check_foreign_keys(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Read one consistent state; nothing is committed, and no writer waits.

        Raises
        ------
        RecordBusy, RecordAway
            As for `transaction`.
        """
        with _in_words(), self._connection(**self._reading) as connection:
            transaction = connection.begin()
            try:
                yield connection
            finally:
                transaction.rollback()

    def lease_now(self, connection: Connection) -> datetime:
        """Tell the time for jobs, leases and presence: one clock for all nodes.

        It is PostgreSQL's, so that a node whose clock is minutes off neither steals a job nor loses its own;
        SQLite is of one machine, and has that machine's. Not the transaction's: that began to wait earlier.
        """
        if not self._asks_for_time:
            return self.now()
        told: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return told.astimezone(UTC)

    def _connection(self, **options: Any) -> Connection:
        with _in_words():  # a new file goes over to WAL when it is first opened
            return self.engine.connect().execution_options(**options)

    def _tell_outside(self, noted: _Noted | None) -> None:
        if noted is not None and self.audit is not None:
            self.audit.follow(noted.before, noted.head, at=self.now(), anchored=noted.anchored)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if is_busy(error):
            raise RecordBusy from error
        if is_away(error):
            raise RecordAway from error
        raise


def sqlite_file(url: str) -> Path | None:
    """Give the file of an SQLite database; None for PostgreSQL and for one in memory."""
    made = make_url(url)
    on_disk = made.get_backend_name() == "sqlite" and made.database not in (None, "", ":memory:")
    return Path(str(made.database)) if on_disk else None


def _sqlite(url: str, patience_s: float) -> Engine:
    _create_private(make_url(url).database)
    engine = create_engine(url)
    event.listen(engine, "connect", partial(_prepare_sqlite, patience_s))
    return engine


def _know_zone(zone: tzinfo, _connection: Any, pooled: Any) -> None:
    pooled.info[_ZONE] = zone


def _create_private(path: str | None) -> None:
    """Let nobody else read the file; SQLite gives its journal the same mode."""
    try:
        if path and path != ":memory:":
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        problem = f"the file {path} cannot be opened ({error.strerror}). Make its folder, or choose another."
        raise SettingError("DOSEGATE_DATABASE_URL", problem) from error


def _prepare_sqlite(patience_s: float, connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # The driver's own BEGIN would come too late; `_begin_sqlite` says it.
    for pragma in (f"busy_timeout = {patience_s * 1000:.0f}", *_SQLITE_PRAGMAS):
        _set_pragma(connection, pragma, patience_s)


def _set_pragma(connection: Any, pragma: str, patience_s: float) -> None:
    # A new file goes over to WAL under a lock that SQLite does not always wait for, whatever the timeout.
    deadline = time.monotonic() + patience_s
    while True:
        try:
            connection.execute(f"PRAGMA {pragma}")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


@contextmanager
def _foreign_keys_aside(connection: Connection) -> Iterator[None]:
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = (
        connection.connection.driver_connection
    )  # outside a transaction: within one the pragma does nothing
    assert driver is not None  # noqa: S101 - it was just opened; this tells the type checker
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if lost is not None:
        problem = f"a row of {lost[0]} refers to a {lost[2]} that is not there. Restore it from its backup."
        raise SettingError("DOSEGATE_DATABASE_URL", problem)


def _begin_sqlite(connection: Connection) -> None:
    # A reader that becomes a writer can meet "database is locked" at once, whatever the timeout.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(patience_s: float, connection: Connection) -> None:
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {patience_s * 1000:.0f}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
