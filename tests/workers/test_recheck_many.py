"""After an amendment all plans on record are checked again, by the command line, once each."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from sqlalchemy import text

from tests.cli.command import dosegate
from tests.workers.installation import SUBJECT, Installation, installation, small_cfrt_files
from trial_core.code_version import code_version
from trial_core.errors import MissingReason
from trial_core.protocols.reader import read_protocol
from trial_core.services import jobs, presence, submissions
from trial_core.services.recheck_many import Which, course_of, request_rechecks, to_recheck
from workers.jobs import run_job


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One plan on record, checked by this program."""
    files = small_cfrt_files()
    with installation(tmp_path_factory.mktemp("recheck")) as made:
        ticket = made.submit(files)
        run_job(made.workplace, ticket.job_id)
        submissions.confirm_identity(
            made.db,
            made.actor,
            submission_id=ticket.submission_id,
            identity_key=made.settings.secrets().identity_key,
            patient_id=str(pydicom.dcmread(io.BytesIO(next(iter(files.values())))).PatientID),
        )
        yield made


def _outdated(home: Installation, which: Which, protocol_sha256: str | None = None) -> tuple[str, ...]:
    protocol = protocol_sha256 or read_protocol().sha256
    return to_recheck(home.db, which, protocol_sha256=protocol, code_version=code_version())


def test_plans_of_another_protocol_file__are_chosen_and_no_others(home: Installation) -> None:
    assert _outdated(home, Which()) == ()
    (found,) = _outdated(home, Which(), "an amendment's")
    assert _outdated(home, Which(anew=True)) == (found,)
    assert _outdated(home, Which(site_code="S99", anew=True)) == ()
    assert _outdated(home, Which(subject_code=SUBJECT, anew=True)) == (found,)
    assert _outdated(home, Which(subject_code="S01-999", anew=True)) == ()


def test_rechecks__are_asked_for_once_and_end_on_record(home: Installation) -> None:
    chosen = _outdated(home, Which(anew=True))
    with pytest.raises(MissingReason):
        list(request_rechecks(home.db, chosen, reason=" "))
    (ticket,) = request_rechecks(home.db, chosen, reason="Amendment 2")
    assert [each.job_id for each in request_rechecks(home.db, chosen, reason="again")] == [ticket.job_id]
    assert course_of(home.db, chosen).waiting == 1
    run_job(home.workplace, ticket.job_id)
    assert course_of(home.db, chosen).over
    assert course_of(home.db, chosen).done == 1


def test_command__asks_waits_and_says_what_came_of_it(home: Installation) -> None:
    environment = {"DOSEGATE_DATA": str(home.settings.data_folder)}
    nothing = dosegate("recheck", "--reason", "Amendment 2", environment=environment)
    assert nothing.returncode == 0
    assert "All plans were checked by SCR-ESCC-01" in nothing.stderr
    asked = dosegate("recheck", "--reason", "Amendment 2", "--all", environment=environment)
    assert "1 plans are checked again" in asked.stderr
    (job_id,) = jobs.due(home.db)
    with home.db.transaction() as connection:
        connection.execute(text("UPDATE job SET state = 'failed' WHERE id = :id"), {"id": job_id})
        connection.execute(text("UPDATE plan_check_result SET code_version = 'older'"))
    run = dosegate("recheck", "--reason", "x", "--subject", "S01-999", "--wait", environment=environment)
    assert run.returncode == 0


def test_command__says_when_a_worker_of_another_program_did_it(home: Installation) -> None:
    environment = {"DOSEGATE_DATA": str(home.settings.data_folder)}
    with home.db.transaction() as connection:
        connection.execute(text("UPDATE plan_check_result SET code_version = 'older'"))
    arguments = ("recheck", "--reason", "Amendment 3")
    assert "No worker is alive" in dosegate(*arguments, environment=environment).stderr
    presence.say_present(
        home.db, name="node:1", host="node", processors=1, code_version="older", started_at=home.db.now()
    )
    over = threading.Event()
    older = threading.Thread(target=_end_as_an_older_program_does, args=(home, over))
    older.start()
    done = dosegate(*arguments, "--wait", environment=environment)
    over.set()
    older.join()
    assert done.returncode == 1
    assert "Worker node:1 is of another program (older)" in done.stderr
    assert "1 were not checked by this program and protocol" in done.stderr


def _end_as_an_older_program_does(home: Installation, over: threading.Event) -> None:
    """Its report is the one that it made before: the standing result stays of the older program."""
    while not over.wait(0.5):
        with home.db.transaction() as connection:
            connection.execute(text("UPDATE job SET state = 'done', token = NULL WHERE state = 'waiting'"))


def test_command__without_installation_or_reason_is_refused(tmp_path: Path) -> None:
    environment = {"DOSEGATE_DATA": str(tmp_path)}
    assert dosegate("recheck", environment=environment).returncode == 2
    done = dosegate("recheck", "--reason", "x", environment=environment)
    assert done.returncode == 2
    assert "holds no installation" in done.stderr
