"""Uploads: receive the files of a submission in resumable chunks, then hand them to a job."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from trial_core.db.repositories import files, given_names, jobs, prechecks, submissions
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Permission
from trial_core.domain.jobs import JobKind
from trial_core.domain.plan import JobTicket, SubmissionState
from trial_core.services.announcing import MOST_BYTES, MOST_FILES, FileToSend, begin_file, begin_files
from trial_core.services.authorise import (
    own_submission,
    receiving_submission,
    require,
    require_eligible,
    subject_at_site,
)
from trial_core.services.batches import append_whole_files
from trial_core.services.chunks import append_chunk, upload_progress
from trial_core.services.complete import require_complete
from trial_core.services.journal import note
from trial_core.services.kept_bytes import forget_files, remove_loose
from trial_core.services.prechecks import forget_precheck
from trial_core.services.seen_set import require_seen
from trial_core.store import Store

__all__ = [
    "MOST_BYTES",
    "MOST_FILES",
    "FileToSend",
    "abandon_submission",
    "append_chunk",
    "append_whole_files",
    "begin",
    "begin_file",
    "begin_files",
    "begin_submission",
    "complete",
    "complete_submission",
    "expire_uploads",
    "upload_progress",
]

STALE = timedelta(days=1)

_log = logging.getLogger(__name__)


def begin_submission(db: Database, actor: Actor, *, subject_code: str, records_only: bool = False) -> str:
    """Open a submission for a subject and return its id.

    Parameters
    ----------
    records_only
        Treatment records without a plan: of any enrolled subject, also in the arm without radiotherapy,
        whose treatment they make a protocol deviation.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectNotEligibleForPlan, SubjectWithoutRecords
    """
    require(actor, Permission.SUBMIT_PLAN)
    with db.transaction() as connection:
        return begin(connection, db, actor, subject_code=subject_code, records_only=records_only)


def begin(
    connection: Connection, db: Database, actor: Actor, *, subject_code: str, records_only: bool = False
) -> str:
    """Open a submission within a transaction, as a step of a use case that has authorised.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectNotEligibleForPlan, SubjectWithoutRecords
    """
    subject_id, _ = subject_at_site(connection, actor, subject_code)
    require_eligible(connection, subject_id, records_only=records_only)
    submission_id, at = uuid.uuid4().hex, db.now()
    submissions.add(
        connection,
        submission_id=submission_id,
        subject_id=subject_id,
        user_id=actor.user_id,
        at=at,
        records_only=records_only,
    )
    note(
        connection,
        db,
        actor,
        action="begin records" if records_only else "begin submission",
        entity="submission",
        entity_id=submission_id,
        at=at,
        subject=subject_id,
    )
    return submission_id


def complete_submission(
    db: Database, actor: Actor, *, submission_id: str, seen_sha256: str | None = None
) -> JobTicket:
    """Close the upload and write the plan-check job, in one transaction; again gives the same ticket.

    Ring `workers.queue` with the job's id afterwards; if nobody rings, the reconciler does.

    Parameters
    ----------
    seen_sha256
        The set's hash as the person's page had it (`Precheck.set_sha256`): what they did not see is not
        submitted. None where no page stands between.

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadOfAnother, UploadIncomplete, WrongState,
    SubjectNotEligibleForPlan, SubjectWithoutRecords, UnsafeFileName, SetChanged, SubmittedOtherwise
    """
    require(actor, Permission.SUBMIT_PLAN)
    with db.transaction() as connection:
        return complete(connection, db, actor, submission_id=submission_id, seen_sha256=seen_sha256)


def complete(
    connection: Connection,
    db: Database,
    actor: Actor,
    *,
    submission_id: str,
    seen_sha256: str | None = None,
) -> JobTicket:
    """Close an upload within a transaction, as a step of a use case that has authorised.

    Raises
    ------
    UnknownSubmission, UploadOfAnother, UploadIncomplete, WrongState, SubjectNotEligibleForPlan,
    SubjectWithoutRecords, UnsafeFileName, SetChanged, SubmittedOtherwise
    """
    submission = own_submission(connection, actor, submission_id)
    require_seen(connection, submission, seen_sha256)
    job_id = jobs.of_submission(connection, submission_id)
    if job_id is not None:
        return JobTicket(submission_id, job_id)
    receiving_submission(connection, actor, submission_id)
    require_eligible(connection, submission.subject_id, records_only=submission.records_only)
    require_complete(files.of_submission(connection, submission_id))
    job_id, at = uuid.uuid4().hex, db.now()
    submissions.set_state(
        connection, submission_id=submission_id, state=SubmissionState.SUBMITTED, submitted_at=at
    )
    due_at = db.lease_now(connection)
    jobs.add(connection, job_id=job_id, kind=JobKind.PLAN_CHECK, submission_id=submission_id, at=due_at)
    note(
        connection,
        db,
        actor,
        action="submit plan",
        entity="submission",
        entity_id=submission_id,
        job=job_id,
    )
    return JobTicket(submission_id, job_id)


def abandon_submission(
    db: Database, store: Store, actor: Actor, *, submission_id: str, seen_sha256: str | None = None
) -> None:
    """Give up a submission that is still receiving and remove what it sent.

    Parameters
    ----------
    seen_sha256
        The set's hash as the person's page had it: files and names that they did not see stay. None where
        no page stands between.

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadOfAnother, WrongState, SetChanged
    """
    require(actor, Permission.SUBMIT_PLAN)
    with db.transaction() as connection:
        require_seen(connection, receiving_submission(connection, actor, submission_id), seen_sha256)
        _abandon(connection, db, store, actor, submission_id)


def expire_uploads(db: Database, store: Store) -> tuple[str, ...]:
    """Abandon submissions nobody sent to for a day, with the checks before them, and name them.

    Checks before a submission that came to pass are forgotten; what was staged, or kept and never named on
    record, is swept.
    """
    with db.read() as connection:
        candidates = submissions.untouched_since(connection, db.now() - STALE)
        left = files.abandoned_with_files(connection)
        over = prechecks.of_submitted(connection)
    stale = _each(candidates, lambda one: _expire(db, store, one))
    _each(left, lambda one: _forget_files(db, store, one))
    _each(over, lambda one: _forget_precheck(db, store, one))
    store.sweep(older_than_seconds=STALE.total_seconds())
    remove_loose(db, store, older_than_seconds=STALE.total_seconds())
    return stale


def _each(ids: Iterable[str], act: Callable[[str], bool]) -> tuple[str, ...]:
    """Do it for each, and name those for which it was done; one that cannot be done holds no other one up."""
    done = []
    for one in ids:
        try:
            if act(one):
                done.append(one)
        except (SQLAlchemyError, OSError) as problem:
            _log.warning("Submission %s could not be tidied up (%s).", one, type(problem).__name__)
    return tuple(done)


def _expire(db: Database, store: Store, submission_id: str) -> bool:
    # A transaction each, for one with thousands of files holds the other writers up.
    with db.transaction() as connection:
        if submission_id not in submissions.untouched_since(connection, db.now() - STALE):
            return False
        _abandon(connection, db, store, SYSTEM, submission_id)
    return True


def _forget_files(db: Database, store: Store, submission_id: str) -> bool:
    with db.transaction() as connection:
        forget_files(connection, store, submission_id)
    return True


def _forget_precheck(db: Database, store: Store, submission_id: str) -> bool:
    with db.transaction() as connection:
        forget_precheck(connection, store, submission_id)
    return True


def _abandon(connection: Connection, db: Database, store: Store, actor: Actor, submission_id: str) -> None:
    submissions.set_state(
        connection, submission_id=submission_id, state=SubmissionState.ABANDONED, finished_at=db.now()
    )
    note(connection, db, actor, action="abandon submission", entity="submission", entity_id=submission_id)
    for file in files.of_submission(connection, submission_id):
        store.discard(file.upload_id)
    forget_files(connection, store, submission_id)
    given_names.forget(connection, submission_id)
    forget_precheck(connection, store, submission_id)
