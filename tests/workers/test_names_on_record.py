"""Sets on record from before names of files were cleared: renamed, and their reports made anew."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest

from cli.main import main
from tests.workers.installation import Installation, installation, small_cfrt_files
from tests.workers.test_cleared_names import FOLDER, TELLING
from trial_core.domain.jobs import JobState
from trial_core.domain.plan import JobTicket, SubmissionState
from trial_core.services import jobs, submissions
from trial_core.services.audit_trail import verify
from workers.jobs import run_job
from workers.names_on_record import ClearedRecord, clear_record


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        yield made


@pytest.fixture
def old(home: Installation, monkeypatch: pytest.MonkeyPatch) -> JobTicket:
    """A course of a folder named after its patient, checked as the program did before names were cleared."""
    files = {f"{FOLDER}/{name}": data for name, data in small_cfrt_files().items()}
    with monkeypatch.context() as before:
        for place in ("trial_core.services.results", "workers.pipelines.cleared_names"):
            before.setattr(f"{place}.names_without_patient", lambda *_: {})
        ticket = home.submit({**files, f"{FOLDER}/notes.txt": b"no DICOM"})
        run_job(home.workplace, ticket.job_id)
    assert TELLING.search(_shown(home, ticket))
    return ticket


def _confirm(home: Installation, ticket: JobTicket) -> None:
    data = next(iter(small_cfrt_files().values()))
    submissions.confirm_identity(
        home.db,
        home.actor,
        submission_id=ticket.submission_id,
        identity_key=home.settings.secrets().identity_key,
        patient_id=str(pydicom.dcmread(io.BytesIO(data)).PatientID),
    )


def _cleared(home: Installation) -> ClearedRecord:
    return clear_record(home.workplace, lambda *_: None)


def _shown(home: Installation, ticket: JobTicket) -> str:
    view = submissions.submission_view(home.db, home.actor, submission_id=ticket.submission_id)
    report = submissions.report_of(home.db, home.store, home.actor, submission_id=ticket.submission_id)
    return " ".join(
        (
            *(file.name for file in view.files),
            *(f"{one.message} {one.file}" for one in view.findings),
            *(file.name for file in report.inputs),
            *(f"{each['message']} {each['file']}" for each in report.findings),
        )
    )


def test_clear_record__renames_old_files_and_has_their_report_made_anew(
    home: Installation, old: JobTicket
) -> None:
    _confirm(home, old)
    before = submissions.report_of(home.db, home.store, home.actor, submission_id=old.submission_id)
    found = _cleared(home).cleared[old.submission_id]
    assert found.renamed == len(before.inputs)
    assert found.job_id is not None
    run_job(home.workplace, found.job_id)
    assert jobs.job_progress(home.db, job_id=found.job_id).state is JobState.DONE
    assert TELLING.search(_shown(home, old)) is None
    after = submissions.report_of(home.db, home.store, home.actor, submission_id=old.submission_id)
    assert after.results == before.results
    assert after.verdict is before.verdict
    assert sorted(file.sha256 for file in after.inputs) == sorted(file.sha256 for file in before.inputs)
    assert home.summary(old).state is SubmissionState.CHECKED
    assert _cleared(home).cleared == {}


def test_clear_names__of_a_set_that_waits_says_that_its_report_still_tells(
    home: Installation,
    old: JobTicket,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DOSEGATE_DATA", str(home.settings.data_folder))
    assert main(["clear-names"]) == 0
    said = capsys.readouterr()
    assert "1 sets on record, 1 with names that told whose they are." in said.out
    assert f"{old.submission_id}: its report tells a name until it is confirmed" in said.err
    assert TELLING.search(said.out + said.err) is None
    assert verify(home.db).whole
    _confirm(home, old)
    again = _cleared(home).cleared[old.submission_id]
    assert (again.renamed, again.job_id is None, again.waits) == (0, False, False)
    view = submissions.submission_view(home.db, home.actor, submission_id=old.submission_id)
    home.store.remove(view.files[0].sha256 or "")
    assert _cleared(home).unreadable == (old.submission_id,)


def test_clear_names__without_an_installation_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOSEGATE_DATA", str(tmp_path / "none"))
    assert main(["clear-names"]) == 2
    assert "holds no installation" in capsys.readouterr().err
