"""A job ends on record whatever happens to it: done, refused, given back, or failed after its cap."""

from __future__ import annotations

import errno
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pydicom
import pytest

from tests.workers.installation import Installation, MovedClock, installation, small_cfrt_files
from trial_core.db.repositories import audit
from trial_core.domain.jobs import ATTEMPTS_CAP, LEASE, JobState, Stage
from trial_core.domain.plan import JobTicket, SubmissionState, SubmittedFile
from trial_core.errors import StoreFull
from trial_core.services import jobs, submissions
from workers.jobs import run_job
from workers.plan_check_job import SCRATCH, lay_out


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def home(tmp_path: Path, clock: MovedClock) -> Iterator[Installation]:
    with installation(tmp_path, now=clock) as made:
        yield made


def _scratch_is_empty(home: Installation) -> bool:
    folder = home.settings.data_folder / SCRATCH
    return not folder.exists() or not list(folder.iterdir())


def _state(home: Installation, ticket: JobTicket) -> JobState:
    return jobs.job_progress(home.db, job_id=ticket.job_id).state


def test_run_job__puts_the_result_on_record_once_and_cleans_up(home: Installation) -> None:
    course = small_cfrt_files()
    ticket = home.submit(course)
    stages: list[str] = []
    run_job(home.workplace, ticket.job_id, tell=lambda stage, _done, _total: stages.append(stage))
    summary = home.summary(ticket)
    assert (summary.state, summary.version) == (SubmissionState.AWAITING_CONFIRMATION, 1)
    assert list(dict.fromkeys(stages)) == list(Stage)  # what the page shows, in its order
    assert _scratch_is_empty(home)
    report = submissions.report_of(home.db, home.store, home.actor, submission_id=ticket.submission_id)
    assert {file.name for file in report.inputs} == set(course)
    assert _state(home, ticket) is JobState.DONE
    run_job(home.workplace, ticket.job_id)  # rung for once more: left alone
    assert home.summary(ticket) == summary


def test_run_job__leaves_entries_that_bear_its_id_as_their_request(home: Installation) -> None:
    ticket = home.submit(small_cfrt_files())
    run_job(home.workplace, ticket.job_id)
    with home.db.read() as connection, closing(audit.stored(connection)) as entries:
        requests = {entry.request_id for entry in entries if entry.login == "system"}
    assert f"job-{ticket.job_id}" in requests


def _checked(home: Installation, files: Mapping[str, bytes]) -> tuple[SubmissionState, int | None]:
    ticket = home.submit(files)
    run_job(home.workplace, ticket.job_id)
    summary = home.summary(ticket)
    return summary.state, summary.version


def _confirmed(home: Installation, files: Mapping[str, bytes]) -> None:
    ticket = home.submit(files)
    run_job(home.workplace, ticket.job_id)
    submissions.confirm_identity(
        home.db,
        home.actor,
        submission_id=ticket.submission_id,
        identity_key=home.settings.secrets().identity_key,
        patient_id=pydicom.dcmread(io.BytesIO(next(iter(files.values())))).PatientID,
    )


def _zipped(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def _without_identity(data: bytes) -> bytes:
    dataset = pydicom.dcmread(io.BytesIO(data))
    dataset.PatientID = dataset.PatientName = dataset.PatientBirthDate = ""
    written = io.BytesIO()
    dataset.save_as(written)
    return written.getvalue()


def test_run_job__knows_the_same_files_in_a_zip_and_checks_a_smaller_set(home: Installation) -> None:
    course = small_cfrt_files()
    _confirmed(home, course)
    assert _checked(home, {"course.zip": _zipped(course)}) == (SubmissionState.DUPLICATE, None)
    one_less = dict(list(course.items())[1:])
    assert _checked(home, one_less) == (SubmissionState.CHECKED, 2)


def test_run_job__lets_a_person_confirm_a_set_in_which_one_file_names_nobody(home: Installation) -> None:
    course = small_cfrt_files()
    _confirmed(home, course)
    name, data = next(iter(course.items()))
    mixed = {**course, name: _without_identity(data)}
    assert _checked(home, mixed) == (SubmissionState.AWAITING_CONFIRMATION, 2)


def test_run_job__leaves_an_unknown_job_alone(home: Installation) -> None:
    run_job(home.workplace, "0" * 32)


def test_run_job__refuses_files_that_nobody_could_judge(home: Installation) -> None:
    ticket = home.submit({"plan.dcm": b"this is no DICOM file"})
    run_job(home.workplace, ticket.job_id)
    view = submissions.submission_view(home.db, home.actor, submission_id=ticket.submission_id)
    assert view.summary.state is SubmissionState.REFUSED
    assert _state(home, ticket) is JobState.DONE
    assert any(finding.file == "plan.dcm" for finding in view.findings)
    assert _scratch_is_empty(home)


def test_run_job__gives_the_job_back_when_the_worker_is_told_to_end(home: Installation) -> None:
    ticket = home.submit({"plan.dcm": b"this is no DICOM file"})
    workplace = home.workplace
    workplace.stop.set()
    run_job(workplace, ticket.job_id)
    progress = jobs.job_progress(home.db, job_id=ticket.job_id)
    assert (progress.state, progress.attempts) == (JobState.WAITING, 0)
    assert jobs.due(home.db) == (ticket.job_id,)
    assert home.summary(ticket).state is SubmissionState.SUBMITTED
    assert _scratch_is_empty(home)


def test_run_job__gives_the_job_back_at_ctrl_c(home: Installation) -> None:
    ticket = home.submit({"plan.dcm": b"this is no DICOM file"})

    def interrupt(_stage: str, _done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_job(home.workplace, ticket.job_id, tell=interrupt)
    progress = jobs.job_progress(home.db, job_id=ticket.job_id)
    assert (progress.state, progress.attempts) == (JobState.WAITING, 0)
    assert _scratch_is_empty(home)


def test_run_job__writes_nothing_when_its_lease_went_to_another(
    home: Installation, clock: MovedClock
) -> None:
    ticket = home.submit({"plan.dcm": b"this is no DICOM file"})

    def lose(stage: str, _done: int, _total: int) -> None:
        if stage == "reading":
            clock.ahead += LEASE * 2
            jobs.expire(home.db)

    run_job(home.workplace, ticket.job_id, tell=lose)
    assert _state(home, ticket) is JobState.WAITING
    assert home.summary(ticket).state is SubmissionState.SUBMITTED
    assert _scratch_is_empty(home)


def test_run_job__shows_the_kind_of_a_failure_and_not_its_words(
    home: Installation, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = home.submit({"plan.dcm": b"this is no DICOM file"})
    patient = "Doe^Jane 19700101"

    def break_off(_stage: str, _done: int, _total: int) -> None:
        raise ArithmeticError(patient)

    for _ in range(ATTEMPTS_CAP + 2):
        run_job(home.workplace, ticket.job_id, tell=break_off)
        clock.ahead += timedelta(minutes=10)
    progress = jobs.job_progress(home.db, job_id=ticket.job_id)
    assert (progress.state, progress.attempts) == (JobState.FAILED, ATTEMPTS_CAP)
    assert "ArithmeticError" in (progress.error or "")
    assert home.summary(ticket).state is SubmissionState.FAILED
    assert "Doe" not in (progress.error or "") + caplog.text


def test_run_job__does_not_try_again_what_cannot_get_better(home: Installation) -> None:
    ticket = home.submit({"plan.dcm": b"this is no DICOM file"})
    for kept in (home.settings.store_folder / "sha256").rglob("*"):
        if kept.is_file():
            kept.write_bytes(b"changed on the disk")
    run_job(home.workplace, ticket.job_id)
    progress = jobs.job_progress(home.db, job_id=ticket.job_id)
    assert (progress.state, progress.attempts) == (JobState.FAILED, 1)
    assert "changed" in (progress.error or "")


def test_run_job__tries_again_when_the_disk_was_full(home: Installation) -> None:
    ticket = home.submit({"plan.dcm": b"this is no DICOM file"})

    def full(_stage: str, _done: int, _total: int) -> None:
        raise StoreFull

    run_job(home.workplace, ticket.job_id, tell=full)
    progress = jobs.job_progress(home.db, job_id=ticket.job_id)
    assert (progress.state, progress.attempts) == (JobState.WAITING, 1)


def test_lay_out__never_leaves_its_folder(home: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    sha256 = home.store.put(b"bytes")
    for name in ("../outside", "/outside/of/it", "a/../../outside"):
        with pytest.raises(ValueError, match="leaves its folder"):
            lay_out(home.store, (SubmittedFile(name, 5, sha256),), folder)
    assert not (tmp_path / "outside").exists()


def test_run_job__that_finds_no_room_says_so_and_judges_nothing(
    home: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "course.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.dcm", b"x")
    ticket = home.submit({**small_cfrt_files(), "more.zip": path.read_bytes()})

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")  # a disk cannot be filled in a test

    monkeypatch.setattr("imaging.intake.unpack", no_room)
    run_job(home.workplace, ticket.job_id)
    progress = jobs.job_progress(home.db, job_id=ticket.job_id)
    assert (progress.state, progress.attempts) == (JobState.WAITING, 1)
    assert "disk is full" in (progress.error or "")
