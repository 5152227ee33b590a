"""The job table's verbs: claim, renew, release, fail, expire, try again; finishing is in `results`."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from trial_core.db.repositories import files, given_names, submissions
from trial_core.db.repositories import jobs as rows
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Permission
from trial_core.domain.jobs import LEASE, Claim, JobKind, JobProgress, JobState, backoff
from trial_core.domain.names import is_id
from trial_core.domain.plan import JobTicket, PlanCheckWork, SubmissionFinding, SubmissionState
from trial_core.errors import LeaseLost, UnknownJob, WrongState
from trial_core.services import presence
from trial_core.services.authorise import require, require_eligible, require_state, submission_at_site
from trial_core.services.journal import note

_WORKER_STOPPED = "The worker stopped in the middle of this job each time it was tried."


def claim(db: Database, *, job_id: str, worker: str) -> Claim | None:
    """Take a waiting job that is due, or None when it is not to be had. Of many claimers one wins."""
    if not is_id(job_id):
        return None
    with db.transaction() as connection:
        at = db.lease_now(connection)
        taken = rows.take(
            connection,
            job_id=job_id,
            worker=worker,
            token=secrets.token_hex(16),
            at=at,
            lease_expires_at=at + LEASE,
        )
        if taken is not None:
            note(
                connection,
                db,
                SYSTEM,
                action="claim job",
                entity="job",
                entity_id=job_id,
                worker=worker,
                attempt=taken.attempt,
            )
    return taken


def renew(db: Database, *, claim: Claim, stage: str | None = None, done: int = 0, total: int = 0) -> Claim:
    """Heartbeat: prolong the lease; with a stage, note the progress. Call at least every 20 s.

    A heartbeat leaves no audit entry: it changes nothing that anyone answers for.

    Raises
    ------
    LeaseLost
    """
    progress = {} if stage is None else {"stage": stage, "done": done, "total": total}
    with db.transaction() as connection:
        at = db.lease_now(connection)
        if not rows.prolong(connection, claim, at=at, lease_expires_at=at + LEASE, **progress):
            raise LeaseLost(claim.job_id)
    return replace(claim, lease_expires_at=at + LEASE)


def work_of(db: Database, *, claim: Claim) -> PlanCheckWork:
    """Give the files of the claimed plan check (bytes by `store.copy_to`), and the names of their structures.

    Raises
    ------
    LeaseLost
    """
    with db.read() as connection:
        submission = submissions.find(connection, claim.submission_id)
        if submission is None or not rows.held(connection, claim):
            raise LeaseLost(claim.job_id)
        sent = files.kept(connection, claim.submission_id)
        names = given_names.of_submission(connection, claim.submission_id)
    return PlanCheckWork(claim.submission_id, submission.subject_code, sent, submission.records_only, names)


def release(db: Database, *, claim: Claim) -> None:
    """Give a claimed job back because its worker was told to end: it waits again, and no attempt is counted.

    Raises
    ------
    LeaseLost
    """
    with db.transaction() as connection:
        if not rows.held(connection, claim):
            raise LeaseLost(claim.job_id)
        rows.put_back(connection, job_id=claim.job_id, at=db.lease_now(connection))
        note(connection, db, SYSTEM, action="give job back", entity="job", entity_id=claim.job_id)


def fail(db: Database, *, claim: Claim, error: str, again: bool = True) -> JobState:
    """Note a failure: waiting (after a pause) while attempts are left and `again`, else failed for good.

    `error` is shown to people: no names, no paths.

    Raises
    ------
    LeaseLost
    """
    with db.transaction() as connection:
        job = rows.find(connection, claim.job_id)
        if job is None or not rows.held(connection, claim):
            raise LeaseLost(claim.job_id)
        at = db.lease_now(connection)
        if again and job.attempts < job.attempts_cap:
            pause = backoff(job.attempts)
            rows.release(
                connection, job_id=claim.job_id, state=JobState.WAITING, error=error, not_before=at + pause
            )
            note(
                connection,
                db,
                SYSTEM,
                action="try job again",
                entity="job",
                entity_id=claim.job_id,
                error=error,
            )
            return JobState.WAITING
        _fail_for_good(connection, db, claim.job_id, claim.submission_id, error)
    return JobState.FAILED


def expire(db: Database) -> tuple[str, ...]:
    """Take jobs back whose lease ran out; returns the ids to ring again. Over the cap they fail for good."""
    return _take_back(db, worker=None)


def expire_worker(db: Database, *, worker: str) -> tuple[str, ...]:
    """Take back at once what a worker held, told by the process that saw it die; else as `expire`."""
    presence.say_gone(db, name=worker)
    return _take_back(db, worker=worker)


def release_worker(db: Database, *, worker: str) -> tuple[str, ...]:
    """Take back what a worker held, told by the process that ended it: no attempt is counted."""
    presence.say_gone(db, name=worker)
    with db.transaction() as connection:
        at = db.lease_now(connection)
        held = tuple(job_id for job_id, *_ in rows.expired(connection, at, worker=worker))
        for job_id in held:
            rows.put_back(connection, job_id=job_id, at=at)
            note(connection, db, SYSTEM, action="give job back", entity="job", entity_id=job_id)
    return held


def check_again(db: Database, actor: Actor, *, submission_id: str) -> JobTicket:
    """Let a check that failed for good wait for a worker again, with all its attempts.

    Ring `workers.queue` with the job's id afterwards, as after `complete_submission`.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState, SubjectNotEligibleForPlan, SubjectWithoutRecords
    """
    require(actor, Permission.SUBMIT_PLAN)
    with db.transaction() as connection:
        submission = submission_at_site(connection, actor, submission_id)
        job_id = rows.of_submission(connection, submission_id)
        require_state(submission, SubmissionState.FAILED)
        if job_id is None:
            raise WrongState("job", "absent", JobState.FAILED.value)
        require_eligible(connection, submission.subject_id, records_only=submission.records_only)
        rows.renew_attempts(connection, job_id=job_id, at=db.lease_now(connection))
        submissions.set_findings(connection, submission_id=submission_id, findings=())
        submissions.set_state(
            connection, submission_id=submission_id, state=SubmissionState.SUBMITTED, finished_at=None
        )
        note(connection, db, actor, action="check again", entity="submission", entity_id=submission_id)
    return JobTicket(submission_id, job_id)


def due(db: Database) -> tuple[str, ...]:
    """List the ids of waiting jobs that may be claimed now, oldest first."""
    with db.read() as connection:
        return rows.due(connection, db.lease_now(connection))


def workers_at_work(db: Database) -> frozenset[str]:
    """Name the workers that hold a job now."""
    with db.read() as connection:
        return rows.workers_at_work(connection, db.lease_now(connection))


def job_progress(db: Database, *, job_id: str) -> JobProgress:
    """Give state and progress of a job, for workers and the command line.

    Raises
    ------
    UnknownJob
    """
    with db.read() as connection:
        job = rows.find(connection, job_id) if is_id(job_id) else None
    if job is None:
        raise UnknownJob(job_id)
    return job


def _take_back(db: Database, *, worker: str | None) -> tuple[str, ...]:
    ring: list[str] = []
    with db.transaction() as connection:
        at = db.lease_now(connection)
        for job_id, submission_id, attempts, cap in rows.expired(connection, at, worker=worker):
            if attempts >= cap:
                _fail_for_good(connection, db, job_id, submission_id, _WORKER_STOPPED)
                continue
            rows.release(connection, job_id=job_id, state=JobState.WAITING, not_before=at)
            note(
                connection,
                db,
                SYSTEM,
                action="take job back",
                entity="job",
                entity_id=job_id,
                attempts=attempts,
            )
            ring.append(job_id)
    return tuple(ring)


def _fail_for_good(connection: Connection, db: Database, job_id: str, submission_id: str, error: str) -> None:
    over_at = db.lease_now(connection)
    rows.release(connection, job_id=job_id, state=JobState.FAILED, error=error, finished_at=over_at)
    if rows.kind_of(connection, job_id) is JobKind.PLAN_CHECK:
        _fail_submission(connection, submission_id, error, db.now())
    note(connection, db, SYSTEM, action="give job up", entity="job", entity_id=job_id, error=error)


def _fail_submission(connection: Connection, submission_id: str, error: str, at: datetime) -> None:
    finding = SubmissionFinding(
        code="check-failed",
        severity="error",
        message=f"The plan check could not be finished. {error}",
        action="Have it checked again; if it fails again, tell the trial office this submission's id.",
    )
    submissions.set_findings(connection, submission_id=submission_id, findings=[finding])
    submissions.set_state(
        connection, submission_id=submission_id, state=SubmissionState.FAILED, finished_at=at
    )
