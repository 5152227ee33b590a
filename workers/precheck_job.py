"""The check before submitting as a job: what a submitted set goes through, nothing of it on the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trial_core.domain.plan import SubmissionFinding
from trial_core.protocols.reader import read_protocol
from trial_core.services.precheck_results import (
    finish_precheck,
    note_content,
    precheck_work,
    refuse_precheck,
)
from workers.pipelines.cleared_names import identities_of
from workers.pipelines.plan_check import check_with_doses
from workers.pipelines.set_content import set_content
from workers.pipelines.submitted_course import submitted_course
from workers.plan_check_job import SCRATCH, progress_of, read_stored
from workers.scratch import scratch_folder
from workers.usability import findings_of_refusal, why_unusable

if TYPE_CHECKING:
    from imaging.course import Course
    from trial_core.domain.precheck import PrecheckWork
    from trial_core.domain.report import CourseReport
    from workers.heartbeat import Heartbeat
    from workers.workplace import Tell, Workplace


def run_precheck(workplace: Workplace, heartbeat: Heartbeat, tell: Tell | None = None) -> None:
    """Look into one set and check it; ends its job.

    Raises
    ------
    LeaseLost, StoppedError
        the result was not written.
    """
    progress = progress_of(heartbeat, tell)
    work = precheck_work(workplace.db, claim=heartbeat.claim)
    if work is None:
        return
    protocol = read_protocol()
    with scratch_folder(workplace.settings.data_folder / SCRATCH) as scratch:
        course = read_stored(workplace.store, work.files, scratch, progress)
        content = set_content(course, protocol)
        note_content(workplace.db, claim=heartbeat.claim, work=work, content=content)
        checked = check_with_doses(course, protocol, names=work.names, progress=progress)
        _end(workplace, heartbeat, work, course, checked.report)


def _end(
    workplace: Workplace, heartbeat: Heartbeat, work: PrecheckWork, course: Course, report: CourseReport
) -> None:
    db, store = workplace.db, workplace.store
    if why_unusable(report, records_only=work.records_only):
        findings = [SubmissionFinding.from_mapping(finding) for finding in findings_of_refusal(report)]
        refuse_precheck(db, store, claim=heartbeat.claim, work=work, findings=findings)
        return
    finish_precheck(
        db,
        store,
        identity_key=workplace.settings.secrets().identity_key,
        claim=heartbeat.claim,
        work=work,
        report=report,
        identities=identities_of(course),
        sop_instance_uids=[file.sop_instance_uid for file in course.files if file.sop_instance_uid],
        course=submitted_course(course, report),
    )
