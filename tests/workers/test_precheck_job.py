"""A set is looked into before it is submitted: by the same code, and nothing of it is on the record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from tests.workers.installation import SUBJECT, Installation, MovedClock, installation, small_cfrt_files
from trial_core.domain.given_names import KIND, GivenName
from trial_core.domain.jobs import JobState
from trial_core.domain.plan import SubmissionState
from trial_core.domain.precheck import Precheck
from trial_core.domain.report import CourseReport, StructureStatus
from trial_core.protocols.reader import read_protocol
from trial_core.services import subjects, submissions, uploads
from trial_core.services.naming import name_structures
from trial_core.services.prechecks import precheck_of, precheck_report, request_precheck
from trial_core.submission_errors import NameNotGiven
from workers.jobs import run_job

HEART = "Structure 7"
"""What the site calls the heart: no name of the protocol's."""


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def home(tmp_path: Path, clock: MovedClock) -> Iterator[Installation]:
    with installation(tmp_path, now=clock) as made:
        yield made


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """A small course whose heart has a name that nobody knows."""
    whole = small_cfrt_files()
    return {name: _renamed(data) if "RS" in name else data for name, data in whole.items()}


@pytest.fixture(scope="module")
def seen(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> Iterator[tuple[Installation, str]]:
    with installation(tmp_path_factory.mktemp("seen")) as made:
        submission = made.send(files)
        _checked(made, submission)
        yield made, submission


def _renamed(data: bytes) -> bytes:
    structures = pydicom.dcmread(BytesIO(data))
    for roi in structures.StructureSetROISequence:
        roi.ROIName = HEART if roi.ROIName == "Heart" else roi.ROIName
    out = BytesIO()
    structures.save_as(out)
    return out.getvalue()


def _without_doses(files: dict[str, bytes]) -> dict[str, bytes]:
    """Plans and structures: quickly checked."""
    return {name: data for name, data in files.items() if "RP" in name or "RS" in name}


def _checked(home: Installation, submission: str) -> Precheck:
    ticket = request_precheck(home.db, home.actor, submission_id=submission)
    run_job(home.workplace, ticket.job_id)
    found = precheck_of(home.db, home.actor, submission_id=submission)
    assert found is not None
    return found


def _report(home: Installation, submission: str) -> CourseReport:
    return precheck_report(home.db, home.store, home.actor, submission_id=submission)


def _status(report: CourseReport, name: str) -> StructureStatus:
    return next(each.status for each in report.structures if each.name == name)


def test_a_precheck__says_what_is_there_and_what_submitting_would_come_to_and_leaves_no_trace(
    seen: tuple[Installation, str],
) -> None:
    home, submission = seen
    found = precheck_of(home.db, home.actor, submission_id=submission)
    assert found is not None
    assert found.content is not None
    assert [plan.regimen for plan in found.content.plans] == ["CFRT"]
    assert all(ct.is_complete and ct.named == ct.named_here for ct in found.content.ct)
    unknown = {roi.name for one in found.content.structure_sets for roi in one.rois if not roi.known_as}
    assert HEART in unknown
    assert found.expected_state is SubmissionState.AWAITING_CONFIRMATION
    assert _status(_report(home, submission), "Heart") is StructureStatus.NOT_CONTOURED
    record = subjects.subject_record(home.db, home.actor, code=SUBJECT)
    assert [(row.state, row.version, row.verdict) for row in record.submissions] == [
        (SubmissionState.RECEIVING, None, None)
    ]


def test_a_given_name__is_an_input_of_the_check_and_stands_in_the_report_with_whose_word_it_is(
    home: Installation, files: dict[str, bytes]
) -> None:
    submission = home.send(_without_doses(files))
    _checked(home, submission)
    names = [GivenName(HEART, "Heart")]
    ticket = name_structures(home.db, home.actor, read_protocol(), submission_id=submission, names=names)
    run_job(home.workplace, ticket.job_id)
    before = _report(home, submission)
    assert _status(before, "Heart") is StructureStatus.FOUND
    ticket = uploads.complete_submission(home.db, home.actor, submission_id=submission)
    run_job(home.workplace, ticket.job_id)
    after = submissions.report_of(home.db, home.store, home.actor, submission_id=submission)
    assert after == before
    (given,) = [each for each in after.inputs if each.kind == KIND]
    provenance = submissions.submission_view(home.db, home.actor, submission_id=submission).provenance
    assert provenance is not None
    assert given.sha256 in provenance.input_sha256
    (said,) = [each for each in after.findings if each["code"] == "structure-named-by-a-person"]
    assert said["message"].startswith(f"'{HEART}' is Heart of the protocol, said An oncologist, ")


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ([GivenName(HEART, "Hart of oak")], "the protocol has no structure 'Hart of oak'"),
        ([GivenName(HEART, "Lungs")], "Lungs is made from other structures: give the names of those"),
        ([GivenName("Nothing", "Heart")], "no structure set of these files has a structure of this name"),
        ([GivenName("Liver", "Heart")], "by its name it is Liver already"),
        ([GivenName(HEART, "Heart")] * 2, "it is named twice"),
        ([GivenName(HEART, "Heart"), GivenName(HEART, "Stomach")], "it can be one of them"),
        ([GivenName(HEART, "Liver")], "'Liver' of the same structure set is Liver already"),
    ],
    ids=["unknown", "made", "absent", "known", "double", "contradictory", "there already"],
)
def test_a_name__that_is_wrong_double_or_contradictory_is_refused(
    seen: tuple[Installation, str], names: list[GivenName], problem: str
) -> None:
    home, submission = seen
    with pytest.raises(NameNotGiven, match=problem):
        name_structures(home.db, home.actor, read_protocol(), submission_id=submission, names=names)
    found = precheck_of(home.db, home.actor, submission_id=submission)
    assert found is not None
    assert found.names == ()


def test_a_file_that_comes_later__makes_the_check_one_of_other_files(
    home: Installation, files: dict[str, bytes]
) -> None:
    submission = home.send({"plan.dcm": next(data for name, data in files.items() if "RP" in name)})
    assert _checked(home, submission).is_current
    extra = uploads.begin_file(
        home.db, home.store, home.actor, submission_id=submission, name="more.dcm", size_bytes=1
    )
    uploads.append_chunk(
        home.db, home.store, home.actor, upload_id=extra.upload_id, offset_bytes=0, stream=BytesIO(b"x")
    )
    found = precheck_of(home.db, home.actor, submission_id=submission)
    assert found is not None
    assert not found.is_current


def test_files_that_cannot_be_used__are_named_before_anything_is_submitted(home: Installation) -> None:
    found = _checked(home, home.send({"letter.txt": b"Dear colleague"}))
    assert found.expected_state is SubmissionState.REFUSED
    assert "plan-missing" in [each.code for each in found.findings]
    assert [each.file for each in found.findings if each.file] == ["letter.txt"]


def test_a_set_that_is_submitted_meanwhile__is_not_checked_before_submitting(
    home: Installation,
) -> None:
    submission = home.send({"letter.txt": b"Dear colleague"})
    ticket = request_precheck(home.db, home.actor, submission_id=submission)
    uploads.complete_submission(home.db, home.actor, submission_id=submission)
    run_job(home.workplace, ticket.job_id)
    assert precheck_of(home.db, home.actor, submission_id=submission) is None
    view = submissions.submission_view(home.db, home.actor, submission_id=submission)
    assert view.summary.job is not None
    assert view.summary.job.state is JobState.WAITING


def test_a_precheck_nobody_goes_on_with__is_cleaned_away_with_its_report_and_files(
    home: Installation, files: dict[str, bytes], clock: MovedClock
) -> None:
    submission = home.send(_without_doses(files))
    found = _checked(home, submission)
    assert found.report_sha256 is not None
    assert home.store.has(found.report_sha256)
    clock.ahead = timedelta(days=1, minutes=1)
    assert uploads.expire_uploads(home.db, home.store) == (submission,)
    assert not home.store.has(found.report_sha256)
    assert precheck_of(home.db, home.actor, submission_id=submission) is None
