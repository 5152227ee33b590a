"""The plan check as a job: stored bytes to a private folder, the pipeline, the result onto the record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imaging.course import Course
from imaging.intake import take_in
from trial_core.domain.jobs import Stage
from trial_core.domain.plan import SubmissionFinding, SubmissionState, SubmittedFile
from trial_core.domain.records_alone import findings_of_records
from trial_core.protocols.reader import read_protocol
from trial_core.services.jobs import work_of
from trial_core.services.results import finish_plan_check, refuse_plan_check
from workers.picture_job import keep_pictures
from workers.pipelines.cleared_names import identities_of, read_cleared
from workers.pipelines.plan_check import check_with_doses
from workers.pipelines.submitted_course import submitted_course
from workers.scratch import scratch_folder
from workers.usability import findings_of_refusal, why_unusable

if TYPE_CHECKING:
    from trial_core.domain.report import CourseReport
    from trial_core.store import Store
    from workers.heartbeat import Heartbeat
    from workers.workplace import Tell, Workplace

SCRATCH = "scratch"
WITH_REPORT = (SubmissionState.CHECKED, SubmissionState.AWAITING_CONFIRMATION)


def run_plan_check(workplace: Workplace, heartbeat: Heartbeat, tell: Tell | None = None) -> None:
    """Check one submission and end its job, together with its result, in one transaction.

    Raises
    ------
    LeaseLost, StoppedError
        nothing was written.
    """
    progress = progress_of(heartbeat, tell)
    work = work_of(workplace.db, claim=heartbeat.claim)
    with scratch_folder(workplace.settings.data_folder / SCRATCH) as scratch:
        course = read_stored(workplace.store, work.files, scratch, progress)
        checked = check_with_doses(course, read_protocol(), names=work.names, progress=progress)
        state = _end(workplace, heartbeat, course, checked.report, records_only=work.records_only)
        if state in WITH_REPORT and not work.records_only:
            keep_pictures(workplace.store, checked)


def progress_of(heartbeat: Heartbeat, tell: Tell | None) -> Tell:
    """Give the one to tell of progress: the job's row, and `tell` where there is one."""

    def progress(stage: str, done: int, total: int) -> None:
        heartbeat.note(stage, done, total)
        if tell:
            tell(stage, done, total)

    return progress


def lay_out(store: Store, files: tuple[SubmittedFile, ...], folder: Path) -> None:
    """Copy stored bytes into an empty folder under the names the user gave.

    Raises
    ------
    ValueError
        a name that leaves the folder. The upload refuses such names; this is a second lock.
    """
    for file in files:
        target = folder / file.name
        if not target.resolve().is_relative_to(folder.resolve()):
            raise ValueError("a stored file name leaves its folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        store.copy_to(file.sha256, target)


def read_stored(store: Store, files: tuple[SubmittedFile, ...], scratch: Path, progress: Tell) -> Course:
    """Lay the stored bytes out in a scratch folder and read them as a course."""
    progress(Stage.COPYING, 0, len(files))
    given, inflated = scratch / "given", scratch / "inflated"
    given.mkdir()
    inflated.mkdir()
    lay_out(store, files, given)
    progress(Stage.TAKING_IN, 0, len(files))
    intake = take_in([given], inflated)
    progress(Stage.READING, 0, len(intake.files))
    return read_cleared(intake)


def _end(
    workplace: Workplace, heartbeat: Heartbeat, course: Course, report: CourseReport, *, records_only: bool
) -> SubmissionState:
    if why_unusable(report, records_only=records_only):
        findings = [SubmissionFinding.from_mapping(finding) for finding in findings_of_refusal(report)]
        return refuse_plan_check(
            workplace.db, claim=heartbeat.claim, findings=findings, identities=identities_of(course)
        )
    return finish_plan_check(
        workplace.db,
        workplace.store,
        identity_key=workplace.settings.secrets().identity_key,
        claim=heartbeat.claim,
        report=report,
        identities=identities_of(course),
        sop_instance_uids=[file.sop_instance_uid for file in course.files if file.sop_instance_uid],
        findings=_beside_no_report(report) if records_only else (),
        course=submitted_course(course, report),
    )


def _beside_no_report(report: CourseReport) -> list[SubmissionFinding]:
    """What was found in records alone: their report is shown nowhere, for it judges nothing."""
    return [SubmissionFinding.from_mapping(each) for each in findings_of_records(report.findings)]
