"""A job while the machine beneath it fails: another program holds the record, the disk is full."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from tests.workers.installation import Installation, installation
from trial_core.db.session import Database, utc_now
from trial_core.domain.jobs import LEASE, JobKind, JobState
from trial_core.domain.plan import JobTicket, SubmissionState
from trial_core.errors import StoreFull
from trial_core.services import jobs
from trial_core.settings import Settings
from workers.heartbeat import Heartbeat
from workers.jobs import run_job
from workers.workplace import Workplace


class _Clock:
    """The database's clock, moved by the test."""

    ahead = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def home(tmp_path: Path, clock: _Clock) -> Iterator[Installation]:
    with installation(tmp_path, now=clock) as made:
        yield made


@pytest.fixture
def impatient(home: Installation, clock: _Clock) -> Iterator[Workplace]:
    """A worker's view of the installation that waits a tenth of a second for the record."""
    settings: Settings = home.settings
    db = Database(settings.database_url, audit=settings.audit_outside(), now=clock, patience_s=0.1)
    yield Workplace(settings, db, home.store)
    db.close()


@contextmanager
def _held(home: Installation) -> Iterator[None]:
    with closing(sqlite3.connect(home.settings.data_folder / "dosegate.sqlite")) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        yield


def _job(home: Installation) -> JobTicket:
    return home.submit({"plan.dcm": b"this is no DICOM file"})


def _state(home: Installation, ticket: JobTicket) -> JobState:
    return jobs.job_progress(home.db, job_id=ticket.job_id).state


def test_run_job__on_a_held_record_leaves_the_job_to_be_done_later(
    home: Installation, impatient: Workplace
) -> None:
    ticket = _job(home)
    with _held(home):
        run_job(impatient, ticket.job_id)
    assert _state(home, ticket) is JobState.WAITING
    run_job(impatient, ticket.job_id)
    assert _state(home, ticket) is JobState.DONE
    assert home.summary(ticket).state is SubmissionState.REFUSED


def test_heartbeat__that_finds_the_record_held_lets_the_work_go_on(
    home: Installation, impatient: Workplace
) -> None:
    ticket = _job(home)
    claim = jobs.claim(home.db, job_id=ticket.job_id, worker="first")
    assert claim is not None
    with Heartbeat(impatient.db, claim, threading.Event()) as heartbeat:
        with _held(home):
            heartbeat.note("reading", 1, 2)
        heartbeat.note("measuring", 3, 17)
    progress = jobs.job_progress(home.db, job_id=ticket.job_id)
    assert (progress.stage, progress.done) == ("measuring", 3)


def test_run_job__whose_result_cannot_be_written_is_done_again_after_its_lease(
    home: Installation, impatient: Workplace, clock: _Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = _job(home)

    def hold(workplace: Workplace, *_args: object) -> None:
        held.__enter__()
        with workplace.db.transaction():
            raise AssertionError("the record was not held")

    held = _held(home)
    with monkeypatch.context() as patched:
        patched.setattr("workers.jobs._RUN", dict.fromkeys(JobKind, hold))
        run_job(impatient, ticket.job_id)
    held.__exit__(None, None, None)
    assert _state(home, ticket) is JobState.RUNNING
    clock.ahead = LEASE * 2
    assert jobs.expire(home.db) == (ticket.job_id,)
    run_job(impatient, ticket.job_id)
    assert _state(home, ticket) is JobState.DONE


@pytest.mark.parametrize(
    "problem",
    [
        StoreFull(),
        OSError(28, "no space"),
        OperationalError("INSERT", None, sqlite3.OperationalError("full")),
    ],
)
def test_run_job__on_a_full_disk_asks_for_room_and_says_nothing_of_sending(
    home: Installation, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    if isinstance(problem, OperationalError):
        problem.orig.sqlite_errorcode = sqlite3.SQLITE_FULL  # type: ignore[union-attr] # it is SQLite's

    def fill(*_args: object) -> None:
        raise problem

    ticket = _job(home)
    monkeypatch.setattr("workers.jobs._RUN", dict.fromkeys(JobKind, fill))
    run_job(home.workplace, ticket.job_id)
    progress = jobs.job_progress(home.db, job_id=ticket.job_id)
    assert progress.state is JobState.WAITING
    assert progress.error == "The server's disk is full: the check needs room for a copy of the files."
