"""An export that is named after its patient: no page, report or finding bears the name."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from imaging.synthetic.faults import Fault
from tests.support.small_course import small_course_files
from tests.workers.installation import Installation, installation, small_cfrt_files
from trial_core.domain.plan import JobTicket, SubmissionState
from trial_core.services import submissions
from workers.jobs import run_job

FOLDER = "SYNTHETIC Patient1 1951-02-14 syn-0001"
"""As the synthetic course's patient is called, born and numbered."""
TELLING = re.compile("synthetic|patient1|1951-02-14|syn-0001", re.IGNORECASE)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        yield made


def _checked(home: Installation, files: dict[str, bytes]) -> JobTicket:
    ticket = home.submit(files)
    run_job(home.workplace, ticket.job_id)
    return ticket


def _shown(home: Installation, ticket: JobTicket) -> str:
    view = submissions.submission_view(home.db, home.actor, submission_id=ticket.submission_id)
    names = " ".join(file.name for file in view.files)
    return " ".join((names, *(f"{one.message} {one.file}" for one in view.findings)))


def test_names_of_files__tell_nobody_whose_they_are(home: Installation) -> None:
    course = small_cfrt_files()
    named = {f"{FOLDER}/{name}": data for name, data in course.items()}
    ticket = _checked(home, {**named, f"{FOLDER}/notes.txt": b"no DICOM"})
    assert home.summary(ticket).state is SubmissionState.AWAITING_CONFIRMATION
    assert TELLING.search(_shown(home, ticket)) is None
    report = submissions.report_of(home.db, home.store, home.actor, submission_id=ticket.submission_id)
    names = [file.name for file in report.inputs]
    assert TELLING.search(" ".join(names)) is None
    assert TELLING.search(" ".join(f"{each['message']} {each['file']}" for each in report.findings)) is None
    assert any(name.endswith("/notes.txt") for name in names)
    assert len(set(names)) == len(named) + 1


def test_names_in_an_archive__and_its_own_tell_nobody_whose_it_is(home: Installation) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in small_cfrt_files().items():
            if name.startswith("RP"):
                archive.writestr(f"{FOLDER}/{name}", data)
    shown = _shown(home, _checked(home, {f"{FOLDER}.zip": packed.getvalue(), f"{FOLDER}.txt": b"no DICOM"}))
    assert "(hidden).zip" in shown
    assert TELLING.search(shown) is None


def test_names_of_files_of_two_patients__tell_nobody_whose_they_are(home: Installation) -> None:
    made = small_course_files(faults=[Fault.TWO_PATIENTS])
    files = {f"{FOLDER}/{name}": data for name, data in made.items()}
    ticket = _checked(home, files)
    assert home.summary(ticket).state is SubmissionState.REFUSED
    assert TELLING.search(_shown(home, ticket)) is None
