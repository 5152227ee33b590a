"""Uploads: receive the files of a submission in resumable chunks, then hand them to a job."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta

from sqlalchemy import Connection

from trial_core.db.repositories import files, jobs, subjects, submissions
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Permission
from trial_core.domain.file_names import file_and_folder_at_once, name_refusal
from trial_core.domain.jobs import JobKind
from trial_core.domain.plan import JobTicket, SubmissionState, UploadProgress
from trial_core.errors import (
    AlreadyExists,
    UnsafeFileName,
    UploadIncomplete,
    UploadTooLarge,
)
from trial_core.services.authorise import (
    own_submission,
    receiving_submission,
    require,
    require_eligible,
    subject_at_site,
)
from trial_core.services.chunks import append_chunk, upload_progress
from trial_core.services.journal import note
from trial_core.store import Store

__all__ = [
    "abandon_submission",
    "append_chunk",
    "begin_file",
    "begin_submission",
    "complete_submission",
    "expire_uploads",
    "upload_progress",
]

MOST_FILES = 20_000
MOST_BYTES = 8 * 1024**3
STALE = timedelta(days=1)


def begin_submission(db: Database, actor: Actor, *, subject_code: str) -> str:
    """Open a submission for a subject and return its id.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectNotEligibleForPlan
    """
    require(actor, Permission.SUBMIT_PLAN)
    with db.transaction() as connection:
        subject_id, subject = subject_at_site(connection, actor, subject_code)
        require_eligible(subject)
        submission_id, at = uuid.uuid4().hex, db.now()
        submissions.add(
            connection, submission_id=submission_id, subject_id=subject_id, user_id=actor.user_id, at=at
        )
        note(connection, db, actor, action="begin submission", entity="submission", entity_id=submission_id)
    return submission_id


def begin_file(
    db: Database,
    store: Store,
    actor: Actor,
    *,
    submission_id: str,
    name: str,
    size_bytes: int,
    fingerprint: str = "",
) -> UploadProgress:
    """Announce a file, or find it again: the same name and size give the same upload as far as it came.

    `fingerprint` (the browser's last-modified time, say) tells whether the file is still the same; if it
    changed, the upload starts anew, for a file stitched from two versions would be neither.

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadOfAnother, WrongState, UnsafeFileName, UploadTooLarge,
    AlreadyExists
    """
    require(actor, Permission.SUBMIT_PLAN)
    _check_file(name, size_bytes)
    fingerprint = hashlib.sha256(fingerprint.encode("utf-8", "surrogatepass")).hexdigest()
    with db.transaction() as connection:
        receiving_submission(connection, actor, submission_id)
        known = files.by_name(connection, submission_id, name)
        if known is None:
            _check_volume(connection, submission_id, name, size_bytes)
            known = files.add(
                connection,
                submission_id=submission_id,
                new=files.Announced(uuid.uuid4().hex, name, size_bytes, fingerprint),
            )
        _check_same(known, size_bytes)
        if known.fingerprint != fingerprint:
            files.restart(connection, upload_id=known.upload_id, fingerprint=fingerprint)
        if size_bytes == 0:
            files.set_received(connection, upload_id=known.upload_id, received_bytes=0, sha256=store.put(b""))
        submissions.touch(connection, submission_id=submission_id, at=db.now())
        return files.progress(connection, known.upload_id)


def complete_submission(db: Database, actor: Actor, *, submission_id: str) -> JobTicket:
    """Close the upload and write the plan-check job, in one transaction; again gives the same ticket.

    Ring `workers.queue` with the job's id afterwards; if nobody rings, the reconciler does.

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadOfAnother, UploadIncomplete, WrongState,
    SubjectNotEligibleForPlan, UnsafeFileName
    """
    require(actor, Permission.SUBMIT_PLAN)
    with db.transaction() as connection:
        submission = own_submission(connection, actor, submission_id)
        job_id = jobs.of_submission(connection, submission_id)
        if job_id is not None:
            return JobTicket(submission_id, job_id)
        receiving_submission(connection, actor, submission_id)
        require_eligible(subjects.by_id(connection, submission.subject_id))
        _check_complete(files.of_submission(connection, submission_id))
        job_id, at = uuid.uuid4().hex, db.now()
        submissions.set_state(
            connection, submission_id=submission_id, state=SubmissionState.SUBMITTED, submitted_at=at
        )
        jobs.add(connection, job_id=job_id, kind=JobKind.PLAN_CHECK, submission_id=submission_id, at=at)
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


def abandon_submission(db: Database, store: Store, actor: Actor, *, submission_id: str) -> None:
    """Give up a submission that is still receiving and remove what it staged.

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadOfAnother, WrongState
    """
    require(actor, Permission.SUBMIT_PLAN)
    with db.transaction() as connection:
        receiving_submission(connection, actor, submission_id)
        uploads = _abandon(connection, db, actor, submission_id)
    for upload_id in uploads:
        store.discard(upload_id)


def expire_uploads(db: Database, store: Store) -> tuple[str, ...]:
    """Abandon submissions nobody sent to for a day, sweep the staging area, and name the submissions."""
    with db.transaction() as connection:
        stale = submissions.untouched_since(connection, db.now() - STALE)
        uploads = [upload for one in stale for upload in _abandon(connection, db, SYSTEM, one)]
    for upload_id in uploads:
        store.discard(upload_id)
    store.sweep(older_than_seconds=STALE.total_seconds())
    return stale


def _check_file(name: str, size_bytes: int) -> None:
    reason = name_refusal(name)
    if reason is not None:
        raise UnsafeFileName(name, reason)
    if size_bytes < 0:
        raise UnsafeFileName(name, "its size is negative")
    if size_bytes > MOST_BYTES:
        raise UploadTooLarge(name, "8 GiB")


def _check_same(known: files.Announced, size_bytes: int) -> None:
    if known.size_bytes != size_bytes:
        raise AlreadyExists("file", known.name)


def _check_volume(connection: Connection, submission_id: str, name: str, size_bytes: int) -> None:
    count, announced_bytes = files.volume(connection, submission_id)
    if count >= MOST_FILES:
        raise UploadTooLarge(name, f"{MOST_FILES} files")
    if announced_bytes + size_bytes > MOST_BYTES:
        raise UploadTooLarge(name, "8 GiB in all")


def _check_complete(sent: tuple[UploadProgress, ...]) -> None:
    missing = tuple(file.name for file in sent if not file.complete)
    if missing or not sent:
        raise UploadIncomplete(missing)
    clash = file_and_folder_at_once(file.name for file in sent)
    if clash is not None:
        raise UnsafeFileName(clash, "another file uses it as a folder")


def _abandon(connection: Connection, db: Database, actor: Actor, submission_id: str) -> tuple[str, ...]:
    submissions.set_state(
        connection, submission_id=submission_id, state=SubmissionState.ABANDONED, finished_at=db.now()
    )
    note(connection, db, actor, action="abandon submission", entity="submission", entity_id=submission_id)
    return tuple(file.upload_id for file in files.of_submission(connection, submission_id))
