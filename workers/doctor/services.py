"""The doctor's look at database, broker, workers, jobs, listeners and the audit trail."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from redis import Redis
from redis.exceptions import AuthenticationError, RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from trial_core.code_version import code_version
from trial_core.db.migrate import newest_revision, revision
from trial_core.db.repositories import audit
from trial_core.db.repositories import jobs as job_rows
from trial_core.db.session import Database, sqlite_file
from trial_core.domain.jobs import JobState, WorkerPresent
from trial_core.errors import TrialError
from trial_core.services import presence
from workers.doctor.looks import Look, note, well, wrong
from workers.doctor.receiver import look_at_receiver

if TYPE_CHECKING:
    from trial_core.settings import Settings

_CLOCKS_APART_S = 5.0
_SLOW_LOCK_S = 2.0
_KEYS = "Restore secrets.json from a backup, or set DOSEGATE_DATA to the server's data folder."
_START = "Start one: dosegate worker, or dosegate serve with the embedded database."


def look_at_services(settings: Settings) -> Iterator[Look]:
    """Look at the trial's calendar, the database and what is in it, then at the broker."""
    yield _calendar(settings)
    file = sqlite_file(settings.database_url)
    if file is not None and not file.is_file():
        yield note("database", f"{file} is not there yet", "The first start makes it: dosegate serve.")
    else:
        yield from _database_looks(settings)
    yield _broker(settings)


def _calendar(settings: Settings) -> Look:
    said = f"A day begins and ends by {settings.zone.key}; the same on every node (DOSEGATE_TIME_ZONE)"
    return well("calendar", said)


def _database_looks(settings: Settings) -> Iterator[Look]:
    try:
        with closing(Database(settings.database_url)) as db:
            found = revision(db)
            yield _server(db)
            yield _schema(found)
            if found == newest_revision():
                yield _lock(db)
                yield _keys(settings, db)
                yield from _record(db)
    except TrialError as problem:
        yield wrong("database", problem.message, "Mend this first; what depends on it was not looked at.")
    except SQLAlchemyError as problem:
        said = f"It refused ({type(problem).__name__})"
        yield wrong("database", said, "Look at its own log; what depends on it was not looked at.")


def _server(db: Database) -> Look:
    with db.engine.connect() as connection:
        if db.engine.dialect.name == "sqlite":
            (version,) = connection.execute(text("SELECT sqlite_version()")).one()
            return well("database", f"SQLite {version}")
        before = db.now()
        version, at = connection.execute(
            text("SELECT current_setting('server_version'), clock_timestamp()")
        ).one()
    return _clocks(f"PostgreSQL {version}", at, before, db.now())


def _clocks(said: str, at: datetime, before: datetime, after: datetime) -> Look:
    apart = max((before - at).total_seconds(), (at - after).total_seconds(), 0.0)
    if apart > _CLOCKS_APART_S:
        said = f"{said}; its clock and this machine's are {apart:.0f} s apart"
        return wrong("database", said, "Let both follow NTP: leases and signatures bear these times.")
    return well("database", f"{said}; its clock agrees with this machine's")


def _schema(found: str | None) -> Look:
    newest = newest_revision()
    if found == newest:
        return well("tables", f"version {found}, as the program wants them")
    if found is None:
        return note("tables", "There are none yet", "Run: dosegate migrate")
    if found < newest:
        return wrong("tables", f"version {found}, older than the program's {newest}", "Run: dosegate migrate")
    action = "Install the newer program; this one must not work on them."
    return wrong("tables", f"version {found}, newer than the program's {newest}", action)


def _lock(db: Database) -> Look:
    began = time.monotonic()
    with db.transaction():
        pass
    took_s = time.monotonic() - began
    said = f"The right to write was had within {took_s:.2f} s"
    if took_s > _SLOW_LOCK_S:
        return note("writing", said, "Something writes for long: look which process, and at the disk.")
    return well("writing", said)


def _keys(settings: Settings, db: Database) -> Look:
    with db.read() as connection:
        in_use = audit.key_in_use(connection)
    if not settings.has_secrets:
        if in_use is None:
            return note("keys", "There are none yet", "The first start makes them: dosegate serve.")
        said = f"secrets.json is missing in {settings.data_folder}, and the record goes on under its keys"
        return wrong("keys", said, _KEYS)
    if in_use is not None and settings.audit_outside().key.age_of(in_use) is None:
        said = "The record goes on under a key that secrets.json does not hold: nothing can be written"
        return wrong("keys", said, _KEYS)
    return well("keys", "those of this record")


def _record(db: Database) -> Iterator[Look]:
    with db.read() as connection:
        counts, head = job_rows.count_by_state(connection), audit.head(connection)
    there, at = presence.present(db), presence.time_told(db)
    yield _workers(there, at)
    yield _jobs(counts, [each for each in there if not presence.is_silent(each, at)])
    yield from look_at_receiver(db)
    yield well("audit trail", f"{head.count} entries (dosegate verify-audit reads all of them)")


def _workers(there: tuple[WorkerPresent, ...], at: datetime) -> Look:
    silent = [each for each in there if presence.is_silent(each, at)]
    alive = [each for each in there if each not in silent]
    if not alive:
        return wrong("workers", "None is alive: nothing is checked", _START)
    said = ", ".join(f"{each.name} ({each.processors} processors)" for each in alive)
    other = sorted({each.code_version for each in alive} - {code_version()})
    if other:
        action = "Stop them and start them with this program: results name the version that made them."
        return note("workers", f"{said}; some run another version of the code: {', '.join(other)}", action)
    if silent:
        names = ", ".join(each.name for each in silent)
        return note("workers", f"{said}; silent: {names}", "Look at their machines; their jobs go to others.")
    return well("workers", f"{len(alive)} alive: {said}")


def _jobs(counts: dict[JobState, int], alive: list[WorkerPresent]) -> Look:
    said = ", ".join(f"{count} {state}" for state, count in counts.items()) or "none yet"
    if counts.get(JobState.FAILED):
        return note("jobs", said, "Look at the failed ones: Operations in the web application.")
    if counts.get(JobState.WAITING) and not alive:
        return wrong("jobs", said, _START)
    return well("jobs", said)


def _broker(settings: Settings) -> Look:
    if settings.broker_url.startswith("filesystem:"):
        waiting = sum(1 for _ in (settings.queue_folder / "messages").glob("*.msg"))
        return well("broker", f"folder {settings.queue_folder}, {waiting} messages")
    began = time.monotonic()
    try:
        with closing(
            Redis.from_url(settings.broker_url, socket_timeout=2, socket_connect_timeout=2)
        ) as server:
            facts = server.info("server")
    except AuthenticationError as problem:
        said = f"Redis refuses user or password ({type(problem).__name__})"
        return wrong("broker", said, "Submissions are kept and wait. Mend DOSEGATE_BROKER_URL.")
    except (RedisError, OSError, ValueError) as problem:
        said = f"Redis does not answer ({type(problem).__name__})"
        action = "Submissions are kept and wait. Check that it runs, and DOSEGATE_BROKER_URL."
        return wrong("broker", said, action)
    took_ms = (time.monotonic() - began) * 1000
    return well("broker", f"Redis {facts['redis_version']}, answered within {took_ms:.0f} ms")
