"""Checks before submitting: asked for, done by a worker, shown to whoever began the set, and cleaned away.

The worker does what it does for a submitted set, and `check_outcome` applies the same rules; nothing of it is
on the subject's record, and the set itself is not before `uploads.complete_submission`.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from trial_core.db.form_content import content_sha256, from_plain, to_plain
from trial_core.db.repositories import files, given_names, jobs, prechecks, submissions
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Permission
from trial_core.domain.given_names import SaidName
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.jobs import Claim, JobKind, JobState
from trial_core.domain.plan import JobTicket, SubmissionFinding, SubmissionState
from trial_core.domain.precheck import Precheck, PrecheckWork, inputs_sha256
from trial_core.domain.report import CourseReport
from trial_core.domain.report_json import report_from_json, report_to_json
from trial_core.domain.set_content import SetContent
from trial_core.domain.submitted_course import SubmittedCourse
from trial_core.errors import LeaseLost, WrongState
from trial_core.services.authorise import own_submission, receiving_submission, require, require_eligible
from trial_core.services.check_outcome import Outcome, checked_set, outcome_of
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
        return JobTicket(submission_id, done or queue_precheck(connection, db, actor, submission_id))


def queue_precheck(connection: Connection, db: Database, actor: Actor, submission_id: str) -> str:
    """Let the set's one check before submitting wait for a worker, within the transaction of a use case."""
    at = db.now()
    prechecks.ask(connection, submission_id=submission_id, asked_sha256=_inputs(connection, submission_id))
    submissions.touch(connection, submission_id=submission_id, at=at)
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


def precheck_work(db: Database, *, claim: Claim) -> PrecheckWork | None:
    """Give the files and names of the claimed check; None where the set was submitted or given up meanwhile.

    Then the job is over.

    Raises
    ------
    LeaseLost
    """
    with db.transaction() as connection:
        submission = _held(connection, claim)
        kept = prechecks.find(connection, claim.submission_id)
        if submission.state is not SubmissionState.RECEIVING or kept is None:
            _end(connection, db, claim)
            return None
        return PrecheckWork(
            submission_id=claim.submission_id,
            files=files.kept(connection, claim.submission_id),
            names=given_names.of_submission(connection, claim.submission_id),
            asked_sha256=_inputs(connection, claim.submission_id),
            records_only=submission.records_only,
        )


def note_content(db: Database, *, claim: Claim, content: SetContent) -> None:
    """Keep what is in the set as soon as it is read: the person sees it while the check goes on.

    Raises
    ------
    LeaseLost
    """
    with db.transaction() as connection:
        if _held(connection, claim).state is SubmissionState.RECEIVING:
            prechecks.set_content(connection, submission_id=claim.submission_id, content=to_plain(content))


def finish_precheck(
    db: Database,
    store: Store,
    *,
    identity_key: bytes,
    claim: Claim,
    work: PrecheckWork,
    report: CourseReport,
    identities: Sequence[PatientIdentity],
    sop_instance_uids: Sequence[str],
    course: SubmittedCourse | None = None,
) -> SubmissionState | None:
    """Keep the report and what submitting would come to; ends the job.

    None: it is done once more, or the set was submitted or given up meanwhile.

    Raises
    ------
    LeaseLost
    """
    checked = checked_set(
        report,
        identities=identities,
        identity_key=identity_key,
        sop_instance_uids=sop_instance_uids,
        findings=(),
        course=course,
    )
    with db.transaction() as connection:
        submission = _held(connection, claim)
        if not _goes_on(connection, db, claim, submission, work):
            return None
        outcome = outcome_of(connection, submission, checked)
        _keep(connection, db, store, claim, outcome, report=report_to_json(report))
        return outcome.state


def refuse_precheck(
    db: Database, store: Store, *, claim: Claim, work: PrecheckWork, findings: Sequence[SubmissionFinding]
) -> SubmissionState | None:
    """Keep that the files could not be used at all; the findings say why.

    Raises
    ------
    LeaseLost
    """
    with db.transaction() as connection:
        submission = _held(connection, claim)
        if not _goes_on(connection, db, claim, submission, work):
            return None
        _keep(connection, db, store, claim, Outcome(SubmissionState.REFUSED, tuple(findings)), report=None)
        return SubmissionState.REFUSED


def is_current(connection: Connection, kept: prechecks.PrecheckRow, submission_id: str) -> bool:
    """Tell whether a check was asked for the files and names of now."""
    return kept.asked_sha256 == _inputs(connection, submission_id)


def forget_precheck(connection: Connection, store: Store, submission_id: str) -> None:
    """Forget the check of a set, with its report's bytes; `connection` must be writing."""
    _forget_report(connection, store, submission_id)
    prechecks.forget(connection, submission_id)


def _forget_report(connection: Connection, store: Store, submission_id: str) -> None:
    kept = prechecks.find(connection, submission_id)
    if kept is not None and kept.report_sha256 is not None:
        prechecks.forget_report(connection, submission_id)
        remove_unreferenced(connection, store, [kept.report_sha256])


def _content_key(content: dict[str, Any] | None, names: Sequence[SaidName]) -> str:
    said = [[one.name.site_name, one.name.structure, one.at.isoformat()] for one in names]
    return "" if content is None else content_sha256([content, said])


def _done(connection: Connection, submission_id: str) -> str | None:
    """Give the id of the job whose result is of the files and names of now."""
    kept = prechecks.find(connection, submission_id)
    if kept is None or kept.finished_at is None or not is_current(connection, kept, submission_id):
        return None
    return jobs.of_submission(connection, submission_id, JobKind.PRECHECK)


def _inputs(connection: Connection, submission_id: str) -> str:
    said = given_names.of_submission(connection, submission_id)
    return inputs_sha256(files.kept(connection, submission_id), [one.name for one in said])


def _held(connection: Connection, claim: Claim) -> submissions.Submission:
    submission = submissions.find(connection, claim.submission_id)
    if submission is None or not jobs.held(connection, claim):
        raise LeaseLost(claim.job_id)
    return submission


def _goes_on(
    connection: Connection,
    db: Database,
    claim: Claim,
    submission: submissions.Submission,
    work: PrecheckWork,
) -> bool:
    """Whether the result is of what is asked for now; else the job is over, or is done once more."""
    if submission.state is not SubmissionState.RECEIVING:
        _end(connection, db, claim)
        return False
    if _inputs(connection, claim.submission_id) != work.asked_sha256:
        jobs.put_back(connection, job_id=claim.job_id, at=db.now())
        return False
    return True


def _keep(
    connection: Connection,
    db: Database,
    store: Store,
    claim: Claim,
    outcome: Outcome,
    *,
    report: bytes | None,
) -> None:
    _forget_report(connection, store, claim.submission_id)
    prechecks.finish(
        connection,
        submission_id=claim.submission_id,
        expected_state=outcome.state,
        findings=outcome.findings,
        report_sha256=None if report is None else store.put(report),
        at=db.now(),
    )
    _end(connection, db, claim)


def _end(connection: Connection, db: Database, claim: Claim) -> None:
    jobs.release(connection, job_id=claim.job_id, state=JobState.DONE, finished_at=db.now())
    note(
        connection,
        db,
        SYSTEM,
        action="finish check before submitting",
        entity="submission",
        entity_id=claim.submission_id,
    )
