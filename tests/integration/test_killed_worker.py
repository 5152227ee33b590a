"""A worker killed in the middle: the next one does the job, once, and the report is the undisturbed one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.real_worker import is_over, real_worker, wait_for_job
from tests.workers.installation import Installation, installation, small_cfrt_files
from trial_core.db.session import Database, utc_now
from trial_core.domain.jobs import LEASE, JobState
from trial_core.domain.plan import JobTicket, SubmissionState
from trial_core.services import jobs, submissions
from workers.jobs import run_job
from workers.plan_check_job import SCRATCH
from workers.queue import ring


@pytest.fixture(scope="module")
def course() -> dict[str, bytes]:
    return small_cfrt_files()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, course: dict[str, bytes]) -> bytes:
    with installation(tmp_path_factory.mktemp("undisturbed")) as home:
        ticket = home.submit(course)
        run_job(home.workplace, ticket.job_id)
        return _report(home, ticket)


@pytest.mark.long  # test_serve.py kills one of the embedded default each time
def test_killed_worker__is_replaced_on_sqlite_and_the_filesystem(
    tmp_path: Path, course: dict[str, bytes], undisturbed: bytes
) -> None:
    _kill_and_recover(tmp_path, {}, course, undisturbed)


def test_killed_worker__is_replaced_on_postgresql_and_redis(
    tmp_path: Path, course: dict[str, bytes], undisturbed: bytes, redis_url: str, postgresql_url: str
) -> None:
    servers = {"DOSEGATE_BROKER_URL": redis_url, "DOSEGATE_DATABASE_URL": postgresql_url}
    _kill_and_recover(tmp_path, servers, course, undisturbed)


def _kill_and_recover(
    folder: Path, servers: dict[str, str], course: dict[str, bytes], undisturbed: bytes
) -> None:
    with installation(folder, environment=servers) as home:
        environment = {"DOSEGATE_DATA": str(home.settings.data_folder), **servers}
        ticket = home.submit(course)
        assert ring(home.settings, ticket.job_id)
        with real_worker(environment, folder / "first.log") as first:
            wait_for_job(home, ticket, lambda job: job.stage not in (None, "copying", "taking in"))
            first.kill()
        assert jobs.job_progress(home.db, job_id=ticket.job_id).state is JobState.RUNNING
        assert list((home.settings.data_folder / SCRATCH).iterdir())
        _let_the_lease_run_out(home)
        with real_worker(environment, folder / "second.log") as second:
            over = wait_for_job(home, ticket, is_over)
        assert (over.state, over.attempts) == (JobState.DONE, 2), second.log.read_text()
        summary = home.summary(ticket)
        assert (summary.state, summary.version) == (SubmissionState.AWAITING_CONFIRMATION, 1)
        assert _report(home, ticket) == undisturbed
        assert not list((home.settings.data_folder / SCRATCH).iterdir())


def _let_the_lease_run_out(home: Installation) -> None:
    """Do what the reconciler does, on a clock that is a lease ahead."""
    later = Database(
        home.settings.database_url, audit=home.settings.audit_outside(), now=lambda: utc_now() + LEASE * 2
    )
    assert len(jobs.expire(later)) == 1
    later.close()
    with home.db.transaction() as connection:  # due now, not a lease from now
        connection.exec_driver_sql("UPDATE job SET not_before = created_at")


def _report(home: Installation, ticket: JobTicket) -> bytes:
    return submissions.report_bytes(home.db, home.store, home.actor, submission_id=ticket.submission_id)
