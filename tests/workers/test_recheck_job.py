"""A real course is checked, explained by a reviewer, checked again with it, and its records are delivery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest

from tests.support.small_course import small_course_files
from tests.trial_core import enrolling
from tests.workers.installation import SUBJECT, Installation, installation, small_cfrt_files
from trial_core.domain.access import Actor, Role
from trial_core.domain.criteria import Verdict
from trial_core.domain.plan import SubmissionState
from trial_core.domain.report import CourseReport
from trial_core.protocols.reader import read_protocol
from trial_core.services import submissions
from trial_core.services.delivery import delivery_view
from trial_core.services.plan_review import give_word
from trial_core.services.recheck import results_of
from workers.jobs import run_job


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        yield made


def _checked(home: Installation, files: dict[str, bytes]) -> str:
    """Check a course and confirm whose it is: the submission's id."""
    ticket = home.submit(files)
    run_job(home.workplace, ticket.job_id)
    submissions.confirm_identity(
        home.db,
        home.actor,
        submission_id=ticket.submission_id,
        identity_key=home.settings.secrets().identity_key,
        patient_id=str(pydicom.dcmread(_first(home, files)).PatientID),
    )
    assert home.summary(ticket).state is SubmissionState.CHECKED
    return ticket.submission_id


def _first(home: Installation, files: dict[str, bytes]) -> Path:
    path = home.settings.data_folder / "one.dcm"
    path.write_bytes(next(data for name, data in files.items() if name.endswith(".dcm")))
    return path


def _report(home: Installation, submission: str) -> CourseReport:
    return submissions.report_of(home.db, home.store, home.actor, submission_id=submission)


def _scaled(files: dict[str, bytes], folder: Path, factor: float) -> dict[str, bytes]:
    """The same course with a scaled CFRT dose."""
    (name,) = [each for each in files if each.endswith("RD.CFRT.dcm")]
    path = folder / "dose.dcm"
    path.write_bytes(files[name])
    dose = pydicom.dcmread(path)
    dose.DoseGridScaling = f"{float(dose.DoseGridScaling) * factor:.10g}"
    dose.save_as(path)
    return {**files, name: path.read_bytes()}


def test_an_explained_dose__is_judged_by_the_recheck_and_the_old_verdict_stays(
    home: Installation, tmp_path: Path
) -> None:
    files = _scaled(small_cfrt_files(), tmp_path, 1.3)
    submission = _checked(home, files)
    (item,) = _report(home, submission).open_items
    reviewer: Actor = enrolling.add_person(home.db, Role.CENTRAL_REVIEWER)
    ticket = give_word(
        home.db,
        home.store,
        reviewer,
        submission_id=submission,
        item=item.key,
        words="a boost that the protocol file does not know",
        password=enrolling.PASSWORD,
    )
    run_job(home.workplace, ticket.job_id)
    found = results_of(home.db, home.actor, submission_id=submission)
    assert [each.number for each in found] == [1, 2]
    plan = _report(home, submission).plans[0]
    assert plan.verdict is Verdict.UNACCEPTABLE_DEVIATION
    assert found[0].plan_verdicts[0][1] == Verdict.NOT_EVALUABLE


def test_treatment_records__of_a_checked_course_become_its_delivery(home: Installation) -> None:
    _checked(home, small_course_files())
    conduct = read_protocol().conduct
    assert conduct is not None
    view = delivery_view(home.db, conduct, home.actor, code=SUBJECT)
    planned = [
        (each.course.fractions, round(each.course.dose_gy, 9), round(each.course.prescribed_gy, 9))
        for each in view.courses
    ]
    assert planned == [(5, 10.0, 10.0), (28, 50.4, 50.4)]
    facts = _report_facts(home)
    assert [each.delivered_fractions for each in view.courses] == [
        fact.delivered_fractions for fact in facts.delivery
    ]
    assert sum(each.delivered_fractions for each in view.courses) == len(view.fractions) > 0
    assert view.other_fractions == ()


def _report_facts(home: Installation) -> CourseReport:
    (row,) = submissions.worklist(home.db, home.actor)
    return _report(home, row.submission_id)
