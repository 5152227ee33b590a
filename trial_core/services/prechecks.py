"""Checks before submitting: asked for, done by a worker, shown to whoever began the set, and cleaned away.

The worker does what it does for a submitted set, and `check_outcome` applies the same rules; nothing of it is
on the subject's record, and the set itself is not before `uploads.complete_submission`.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from trial_core.db.form_content import content_sha256, from_plain
from trial_core.db.repositories import files, given_names, jobs, prechecks, submissions
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.given_names import SaidName
from trial_core.domain.jobs import JobKind, JobState
from trial_core.domain.plan import JobTicket, SubmissionState
from trial_core.domain.precheck import Precheck, inputs_sha256, set_sha256
from trial_core.domain.report import CourseReport
from trial_core.domain.report_json import report_from_json
from trial_core.domain.set_content import SetContent
from trial_core.errors import WrongState
from trial_core.services.authorise import own_submission, receiving_submission, require, require_eligible
from trial_core.services.complete import require_complete
from trial_core.services.journal import note
from trial_core.services.kept_bytes import remove_unreferenced
from trial_core.store import Store

_UNDER_WAY = (JobState.WAITING, JobState.RUNNING)


def request_precheck(db: Database, actor: Actor, *, submission_id: str) -> JobTicket:
    """Have a set that is complete and not submitted looked into and checked; ring `workers.queue` afterwards.

    While one waits or runs, no second one is made: it takes the files and names of now. One that is done for
    these very files and names is not done again.

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadOfAnother, WrongState, SubjectNotEligibleForPlan,
    SubjectWithoutRecords, UploadIncomplete, UnsafeFileName
    """
    require(actor, Permission.SUBMIT_PLAN)
    with db.transaction() as connection:
        submission = receiving_submission(connection, actor, submission_id)
        require_eligible(connection, submission.subject_id, records_only=submission.records_only)
        require_complete(files.of_submission(connection, submission_id))
        done = _done(connection, submission_id)
        if done is None:
            _forget_content_of_others(connection, submission_id)
        return JobTicket(submission_id, done or queue_precheck(connection, db, actor, submission_id))


def queue_precheck(connection: Connection, db: Database, actor: Actor, submission_id: str) -> str:
    """Let the set's one check before submitting wait for a worker, within the transaction of a use case."""
    at = db.lease_now(connection)
    prechecks.ask(connection, submission_id=submission_id, asked_sha256=inputs_of(connection, submission_id))
    submissions.touch(connection, submission_id=submission_id, at=db.now())
    job_id = jobs.of_submission(connection, submission_id, JobKind.PRECHECK)
    job = jobs.find(connection, job_id) if job_id else None
    if job is not None and job.state in _UNDER_WAY:
        return job.job_id
    if job is not None:
        jobs.renew_attempts(connection, job_id=job.job_id, at=at)
    else:
        job_id = uuid.uuid4().hex
        jobs.add(connection, job_id=job_id, kind=JobKind.PRECHECK, submission_id=submission_id, at=at)
    note(
        connection,
        db,
        actor,
        action="check before submitting",
        entity="submission",
        entity_id=submission_id,
    )
    return job.job_id if job else job_id or ""


def precheck_of(db: Database, actor: Actor, *, submission_id: str) -> Precheck | None:
    """Give what is known of a set before it is submitted, to whoever began it; None once it is, or before.

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadOfAnother
    """
    require(actor, Permission.SUBMIT_PLAN)
    with db.read() as connection:
        submission = own_submission(connection, actor, submission_id)
        kept = prechecks.find(connection, submission_id)
        if submission.state is not SubmissionState.RECEIVING or kept is None:
            return None
        job_id = jobs.of_submission(connection, submission_id, JobKind.PRECHECK)
        names = given_names.of_submission(connection, submission_id)
        return Precheck(
            job=jobs.find(connection, job_id) if job_id else None,
            is_current=is_current(connection, kept, submission_id),
            content=None if kept.content is None else from_plain(kept.content, SetContent),
            content_key=_content_key(kept.content, names),
            expected_state=kept.expected_state,
            findings=kept.findings,
            report_sha256=kept.report_sha256,
            finished_at=kept.finished_at,
            names=names,
            set_sha256=set_sha256(files.kept(connection, submission_id), [one.name for one in names]),
        )


def precheck_report(db: Database, store: Store, actor: Actor, *, submission_id: str) -> CourseReport:
    """Give the report of a check before submitting, to whoever began the set.

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadOfAnother, WrongState, StoredBytesChanged, StoredBytesMissing
    """
    found = precheck_of(db, actor, submission_id=submission_id)
    if found is None or found.expected_state is None or found.report_sha256 is None:
        raise WrongState("check before submitting", "without a report", "done")
    return report_from_json(store.read(found.report_sha256))


def is_current(connection: Connection, kept: prechecks.PrecheckRow, submission_id: str) -> bool:
    """Tell whether a check was asked for the files and names of now."""
    return kept.asked_sha256 == inputs_of(connection, submission_id)


def forget_precheck(connection: Connection, store: Store, submission_id: str) -> None:
    """Forget the check of a set, with its report's bytes; `connection` must be writing."""
    forget_report(connection, store, submission_id)
    prechecks.forget(connection, submission_id)


def forget_report(connection: Connection, store: Store, submission_id: str) -> None:
    """Forget the report of a check, with its bytes; `connection` must be writing."""
    kept = prechecks.find(connection, submission_id)
    if kept is not None and kept.report_sha256 is not None:
        prechecks.forget_report(connection, submission_id)
        remove_unreferenced(connection, store, [kept.report_sha256])


def _forget_content_of_others(connection: Connection, submission_id: str) -> None:
    """Forget what was in the set before a file came or went: nobody is to decide upon that."""
    kept = prechecks.find(connection, submission_id)
    if kept is not None and not is_current(connection, kept, submission_id):
        prechecks.forget_content(connection, submission_id)


def _content_key(content: dict[str, Any] | None, names: Sequence[SaidName]) -> str:
    said = [[one.name.site_name, one.name.structure, one.at.isoformat()] for one in names]
    return "" if content is None else content_sha256([content, said])


def _done(connection: Connection, submission_id: str) -> str | None:
    """Give the id of the job whose result is of the files and names of now."""
    kept = prechecks.find(connection, submission_id)
    if kept is None or kept.finished_at is None or not is_current(connection, kept, submission_id):
        return None
    return jobs.of_submission(connection, submission_id, JobKind.PRECHECK)


def inputs_of(connection: Connection, submission_id: str) -> str:
    """Hash the files and names of now."""
    said = given_names.of_submission(connection, submission_id)
    return inputs_sha256(files.kept(connection, submission_id), [one.name for one in said])
