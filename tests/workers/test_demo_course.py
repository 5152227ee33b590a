"""The demo course is submitted once; what people submit for its subject afterwards is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trial_core import enrolling
from tests.web.installation import PATIENT_ID, Installation, build_in_run_in, open_installation
from trial_core.domain.access import Actor
from trial_core.domain.plan import SubmissionState, SubmissionSummary
from trial_core.services import subjects, uploads
from workers.demo.courses import DemoCourse, bring_on_course
from workers.demo.subjects import CHECKED_SUBJECT
from workers.workplace import Workplace


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Installation]:
    """The demo's subject, enrolled, without a course."""
    people = build_in_run_in(tmp_path / "data")
    made = open_installation(tmp_path / "data", people)
    enrolling.enrol(made.db, people["oncologist"], people["investigator"], CHECKED_SUBJECT, enrolling.SHORT)
    yield made
    made.db.close()


@pytest.fixture
def home(bare: Installation) -> Installation:
    """The demo's subject, whose own course is on record as version 1."""
    submission_id, job_id = bare.submit(CHECKED_SUBJECT, {"a.dcm": b"a"})
    bare.check(job_id)
    bare.confirm(submission_id)
    return bare


def _submissions(home: Installation) -> list[SubmissionSummary]:
    record = subjects.subject_record(home.db, home.people["oncologist"], code=CHECKED_SUBJECT)
    return list(record.submissions)


def _start_again(home: Installation, course: Path) -> None:
    workplace = Workplace(home.settings, home.db, home.store)
    demo = DemoCourse(CHECKED_SUBJECT, PATIENT_ID)
    bring_on_course(workplace, home.people["oncologist"], demo, course)


@pytest.mark.parametrize("who", ["oncologist", "physicist"])
def test_unfinished_upload_of_a_person__is_left_alone_at_the_next_start(
    home: Installation, tmp_path: Path, who: str
) -> None:
    person: Actor = home.people[who]
    uploads.begin_submission(home.db, person, subject_code=CHECKED_SUBJECT)
    before = _submissions(home)
    _start_again(home, tmp_path)
    assert _submissions(home) == before
    assert before[0].state is SubmissionState.RECEIVING


def test_set_of_a_person__is_neither_checked_nor_confirmed_at_the_next_start(
    home: Installation, tmp_path: Path
) -> None:
    home.submit(CHECKED_SUBJECT, {"b.dcm": b"b"})
    before = _submissions(home)
    _start_again(home, tmp_path)
    assert _submissions(home) == before
    assert before[0].state is SubmissionState.SUBMITTED


def test_demo_course__that_was_cut_off_while_it_was_sent_is_sent_anew(
    bare: Installation, tmp_path: Path
) -> None:
    uploads.begin_submission(bare.db, bare.people["oncologist"], subject_code=CHECKED_SUBJECT)
    course = tmp_path / "course"
    course.mkdir()
    (course / "a.txt").write_text("no DICOM")
    _start_again(bare, course)
    states = [row.state for row in _submissions(bare)]
    assert states == [SubmissionState.REFUSED, SubmissionState.ABANDONED]
