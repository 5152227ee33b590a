"""A whole course from a planning system's send to its report: dcmtk, PostgreSQL, Redis, real processes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pydicom import dcmread

from tests.integration.real_worker import is_over, real_worker, wait_for_job
from tests.support.small_course import write_small_course
from tests.workers.dcmtk import foreign
from tests.workers.installation import PASSWORD, SUBJECT, Installation, installation
from tests.workers.receiving import register, until
from trial_core.db.repositories import jobs
from trial_core.domain.jobs import JobState
from trial_core.domain.plan import JobTicket, SubmissionState
from trial_core.services import accounts, submissions
from trial_core.services.inbox import assign_set, list_inbox
from trial_core.services.whose_files import confirm_identity
from web.app import create_app
from web.door.security import SESSION_COOKIE
from workers.queue import ring

TPS = "OMNIPRO4"


@contextmanager
def _receiver(environment: dict[str, str], log: Path) -> Iterator[int]:
    """Run `dosegate receive` and give its port; what it says goes to a file."""
    told = {"DOSEGATE_RECEIVE_PORT": "0", "DOSEGATE_RECEIVE_QUIET_S": "2"}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "receive"],
            env={**os.environ, **environment, **told},
            stderr=file,
        )
        try:
            until(lambda: "listens on" in log.read_text())
            found = re.search(r"127\.0\.0\.1:(\d+)", log.read_text())
            assert found is not None
            yield int(found[1])
        finally:
            process.terminate()
            process.wait(30)


@pytest.mark.long
def test_a_course_that_a_planning_system_sends__is_checked_and_its_report_read(
    tmp_path: Path, redis_url: str, postgresql_url: str
) -> None:
    servers = {"DOSEGATE_BROKER_URL": redis_url, "DOSEGATE_DATABASE_URL": postgresql_url}
    course = tmp_path / "course"
    write_small_course(course)
    with ExitStack() as stack:
        home = stack.enter_context(installation(tmp_path / "home", environment=servers))
        register(home, TPS)
        environment = {**servers, "DOSEGATE_DATA": str(home.settings.data_folder)}
        port = stack.enter_context(_receiver(environment, tmp_path / "receiver.log"))
        stack.enter_context(real_worker(environment, tmp_path / "worker.log"))
        first = _first_set(home, port, course)
        _is_read(home, first, 1, "CFRT")
        second = _next_set(home, port, _planned_again(course, tmp_path / "again"), first.submission_id)
        _is_read(home, second, 2, "CFRT b")


def _first_set(home: Installation, port: int, course: Path) -> JobTicket:
    """Send a patient's first set, say whose it is, and confirm it by its PatientID."""
    _send(port, course)
    until(lambda: [each.state for each in list_inbox(home.db, home.actor)] == ["waiting"])
    (waiting,) = list_inbox(home.db, home.actor)
    assert sum(waiting.counts.values()) == len(list(course.rglob("*.dcm")))
    ticket = assign_set(home.db, home.actor, set_id=waiting.set_id, subject_code=SUBJECT)
    ring(home.settings, ticket.job_id)
    assert wait_for_job(home, ticket, is_over, limit_s=240).state is JobState.DONE
    assert home.summary(ticket).state is SubmissionState.AWAITING_CONFIRMATION
    confirm_identity(
        home.db,
        home.actor,
        submission_id=ticket.submission_id,
        identity_key=home.settings.secrets().identity_key,
        patient_id=str(dcmread(course / "RP.CFRT.dcm").PatientID),
    )
    return ticket


def _next_set(home: Installation, port: int, course: Path, earlier: str) -> JobTicket:
    """Send the next set in two associations, as some systems do; nobody clicks."""
    _send(port, course / "CT.planning")
    _send(port, *sorted(course.glob("R*.dcm")))
    until(lambda: len(submissions.worklist(home.db, home.actor)) == 2)
    (new,) = (each for each in submissions.worklist(home.db, home.actor) if each.submission_id != earlier)
    assert new.submitter_name == f"DICOM receiver, AE {TPS}"
    with home.db.read() as connection:
        job_id = jobs.of_submission(connection, new.submission_id)
    assert job_id is not None
    ticket = JobTicket(new.submission_id, job_id)
    assert wait_for_job(home, ticket, is_over, limit_s=240).state is JobState.DONE
    return ticket


def _send(port: int, *paths: Path) -> None:
    to = ("-aet", TPS, "-aec", "DOSEGATE", "+sd", "+r", "127.0.0.1", port)
    done = foreign("storescu", *to, *paths)
    assert done.returncode == 0, done.stderr


def _planned_again(course: Path, folder: Path) -> Path:
    """Give the course with a plan that was changed: another label, the same instance."""
    shutil.copytree(course, folder, ignore=shutil.ignore_patterns("records"))
    plan = dcmread(folder / "RP.CFRT.dcm")
    plan.RTPlanLabel = "CFRT b"
    plan.save_as(folder / "RP.CFRT.dcm")
    return folder


def _is_read(home: Installation, ticket: JobTicket, version: int, label: str) -> None:
    """Read verdict, report page and printed report, as the oncologist does."""
    summary = home.summary(ticket)
    assert (summary.state, summary.subject_code) == (SubmissionState.CHECKED, SUBJECT)
    assert summary.version == version
    assert sorted(name for name, _ in summary.plan_verdicts) == [label, "LDRT"]
    client: FlaskClient = create_app(home.settings, home.db, home.store).server.test_client()
    client.set_cookie(SESSION_COOKIE, accounts.sign_in(home.db, login=home.actor.login, password=PASSWORD))
    shown = client.get(f"/submissions/{ticket.submission_id}/report.html")
    assert shown.status_code == 200
    page = shown.get_data(as_text=True)
    assert SUBJECT in page
    assert label in page
    printed = client.get(f"/submissions/{ticket.submission_id}/report.pdf")
    assert printed.status_code == 200
    assert printed.get_data().startswith(b"%PDF")
