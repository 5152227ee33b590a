"""A job while the machine beneath it fails: another program holds the record, the disk is full."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from tests.workers.installation import Installation, MovedClock, installation
from trial_core.db.session import Database
from trial_core.domain.jobs import LEASE, JobKind, JobState
from trial_core.domain.plan import JobTicket, SubmissionState
from trial_core.errors import StoreFull
from trial_core.services import jobs
from trial_core.settings import Settings
from trial_core.system_errors import RecordAway
from workers.heartbeat import Heartbeat
from workers.jobs import run_job
from workers.reconciler import Reconciler
from workers.workplace import Workplace


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def home(tmp_path: Path, clock: MovedClock) -> Iterator[Installation]:
    with installation(tmp_path, now=clock) as made:
        yield made


@pytest.fixture
def impatient(home: Installation, clock: MovedClock) -> Iterator[Workplace]:
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
    home: Installation, impatient: Workplace, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
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


class _Away:
    """A database that was stopped: every transaction is refused until it is back."""

    def __init__(self, home: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch, self._engine = monkeypatch, home.db.engine

    @contextmanager
    def for_a_while(self) -> Iterator[None]:
        with self._patch.context() as patched:
            patched.setattr(self._engine, "connect", self._refuse)
            patched.setattr(self._engine, "begin", self._refuse)
            yield

    @staticmethod
    def _refuse(*_args: object, **_more: object) -> None:
        cause = sqlite3.OperationalError("unable to open database file")
        cause.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
        raise OperationalError("BEGIN", None, cause)


def test_reconciler__goes_on_once_a_database_that_was_away_is_back(
    home: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.reconciler.PERIOD_S", 0.01)
    rounds = threading.Semaphore(0)
    reconciler = Reconciler(home.settings, home.db, home.store)
    away, look = _Away(home, monkeypatch), reconciler.reconcile

    def counted() -> tuple[str, ...]:
        rounds.release()
        return look()

    monkeypatch.setattr(reconciler, "reconcile", counted)
    with away.for_a_while():
        reconciler.start()
        assert all(rounds.acquire(timeout=60) for _ in range(3))
    assert all(rounds.acquire(timeout=60) for _ in range(3))
    reconciler.stop()


def test_heartbeat__while_the_database_is_away_lets_the_work_go_on(
    home: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = _job(home)
    claim = jobs.claim(home.db, job_id=ticket.job_id, worker="first")
    assert claim is not None
    with Heartbeat(home.db, claim, threading.Event()) as heartbeat:
        with _Away(home, monkeypatch).for_a_while():
            heartbeat.note("reading", 1, 2)
        heartbeat.note("measuring", 3, 17)
    assert jobs.job_progress(home.db, job_id=ticket.job_id).stage == "measuring"


def test_run_job__that_meets_a_database_away_is_not_failed_for_good(
    home: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meet_it_away(*_args: object) -> None:
        raise RecordAway

    ticket = _job(home)
    monkeypatch.setattr("workers.jobs._RUN", dict.fromkeys(JobKind, meet_it_away))
    run_job(home.workplace, ticket.job_id)
    assert _state(home, ticket) is JobState.WAITING
