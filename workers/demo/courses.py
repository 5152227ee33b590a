"""The demo's synthetic courses: sent, checked, confirmed, from wherever an earlier start was cut off."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trial_core.domain.plan import SubmissionState
from trial_core.services import jobs, subjects, submissions, uploads
from workers.own_worker import note_worker, take_back_from_killed
from workers.worker_name import new_worker_name

if TYPE_CHECKING:
    from pathlib import Path

    from trial_core.db.session import Database
    from trial_core.domain.access import Actor
    from trial_core.domain.plan import SubmissionSummary
    from workers.workplace import Tell, Workplace


RECORDS = "records/"
"""Where a synthetic course has its treatment records."""
_MOST_LOOKS = 1200


class Part(StrEnum):
    """What of a course's files is handed over: all, or plans first and their treatment records later."""

    ALL = "all"
    PLANS = "plans"
    RECORDS = "records"

    def has(self, name: str) -> bool:
        """Whether a file belongs to it."""
        return self is Part.ALL or (self is Part.RECORDS) is name.startswith(RECORDS)


@dataclass(frozen=True)
class DemoCourse:
    """A course of the demo: whose it is, and which of the subject's sets.

    Attributes
    ----------
    number
        1 for the first set that was not given up. What comes after the demo's own is people's.
    patient_id
        PatientID in its files: what its site confirms it by.
    """

    code: str
    patient_id: str
    number: int = 1
    part: Part = Part.ALL


def bring_on_course(
    workplace: Workplace, actor: Actor, course: DemoCourse, folder: Path, tell: Tell | None = None
) -> None:
    """Bring a course's submission to its end; `folder` holds its files."""
    db, store = workplace.db, workplace.store
    own = own_submission(db, actor, course)
    if own and own.state is SubmissionState.RECEIVING:
        uploads.abandon_submission(db, store, actor, submission_id=own.submission_id)
        own = None
    if own is None:
        _submit(workplace, actor, course, folder)
    if own and own.state is SubmissionState.FAILED:
        jobs.check_again(db, actor, submission_id=own.submission_id)
    own = own_submission(db, actor, course)
    if own and own.state is SubmissionState.SUBMITTED and own.job:
        _run(workplace, own.job.job_id, tell)
        own = own_submission(db, actor, course)
    if own and own.state is SubmissionState.AWAITING_CONFIRMATION:
        submissions.confirm_identity(
            db,
            actor,
            submission_id=own.submission_id,
            identity_key=workplace.settings.secrets().identity_key,
            patient_id=course.patient_id,
        )


def own_submission(db: Database, actor: Actor, course: DemoCourse) -> SubmissionSummary | None:
    """Give the course's submission; None while there is none."""
    record = subjects.subject_record(db, actor, code=course.code)
    tried = [row for row in record.submissions if row.state is not SubmissionState.ABANDONED]
    return tried[-course.number] if len(tried) >= course.number else None


def _run(workplace: Workplace, job_id: str, tell: Tell | None) -> None:
    from workers.jobs import run_job  # noqa: PLC0415 - the dose engine is loaded at the first run alone

    take_back_from_killed(workplace.settings.data_folder, workplace.db)
    name = new_worker_name()
    note_worker(workplace.settings.data_folder, name)
    _let_it_come_due(workplace.db, job_id)
    run_job(workplace, job_id, tell=tell, worker=name)


def _let_it_come_due(db: Database, job_id: str) -> None:
    """Look until a job may be claimed, within reason.

    One that an earlier start left in the middle waits by the demo's clock, which goes on at each look.
    """
    for _ in range(_MOST_LOOKS):
        if job_id in jobs.due(db):
            return


def _submit(workplace: Workplace, actor: Actor, course: DemoCourse, folder: Path) -> None:
    db, store = workplace.db, workplace.store
    submission = uploads.begin_submission(
        db, actor, subject_code=course.code, records_only=course.part is Part.RECORDS
    )
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if not course.part.has(name):
            continue
        upload = uploads.begin_file(
            db, store, actor, submission_id=submission, name=name, size_bytes=path.stat().st_size
        )
        with path.open("rb") as file:
            uploads.append_chunk(db, store, actor, upload_id=upload.upload_id, offset_bytes=0, stream=file)
    uploads.complete_submission(db, actor, submission_id=submission)
