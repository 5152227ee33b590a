"""Uploads: receive the files of a submission in resumable chunks, then hand them to a job."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
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
    TrialError,
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
from trial_core.services.batches import append_whole_files
from trial_core.services.chunks import append_chunk, upload_progress
from trial_core.services.journal import note
from trial_core.services.kept_bytes import forget_files, remove_unreferenced
from trial_core.store import Store

__all__ = [
    "FileToSend",
    "abandon_submission",
    "append_chunk",
    "append_whole_files",
    "begin_file",
    "begin_files",
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


@dataclass(frozen=True)
class FileToSend:
    """A file as its sender announces it.

    `fingerprint` (the browser's last-modified time, say) tells whether the file is still the same; if it
    changed, the upload starts anew under another id, for a file stitched from two versions would be neither.
    """

    name: str
    size_bytes: int
    fingerprint: str = ""


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

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadOfAnother, WrongState, UnsafeFileName, UploadTooLarge,
    AlreadyExists
    """
    file = FileToSend(name, size_bytes, fingerprint)
    (answer,) = begin_files(db, store, actor, submission_id=submission_id, files_to_send=[file])
    if isinstance(answer, TrialError):
        raise answer
    return answer


def begin_files(
    db: Database, store: Store, actor: Actor, *, submission_id: str, files_to_send: Sequence[FileToSend]
) -> tuple[UploadProgress | TrialError, ...]:
    """Announce several files in one transaction; where one is refused, its refusal stands in its place.

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadOfAnother, WrongState
    """
    require(actor, Permission.SUBMIT_PLAN)
    with db.transaction() as connection:
        receiving_submission(connection, actor, submission_id)
        volume = _Volume(*files.volume(connection, submission_id))
        answers = tuple(
            _begin_or_refuse(connection, store, submission_id, file, volume) for file in files_to_send
        )
        submissions.touch(connection, submission_id=submission_id, at=db.now())
    return answers


@dataclass
class _Volume:
    """What a submission has announced so far."""

    count: int
    announced_bytes: int

    def take(self, file: FileToSend) -> None:
        """Count one more file.

        Raises
        ------
        UploadTooLarge
        """
        if self.count >= MOST_FILES:
            raise UploadTooLarge(file.name, f"{MOST_FILES} files")
        if self.announced_bytes + file.size_bytes > MOST_BYTES:
            raise UploadTooLarge(file.name, "8 GiB in all")
        self.count += 1
        self.announced_bytes += file.size_bytes


def _begin_or_refuse(
    connection: Connection, store: Store, submission_id: str, file: FileToSend, volume: _Volume
) -> UploadProgress | TrialError:
    try:
        _check_file(file.name, file.size_bytes)
        return _begin(connection, store, submission_id, file, volume)
    except (UnsafeFileName, UploadTooLarge, AlreadyExists) as refusal:
        return refusal


def _begin(
    connection: Connection, store: Store, submission_id: str, file: FileToSend, volume: _Volume
) -> UploadProgress:
    fingerprint = hashlib.sha256(file.fingerprint.encode("utf-8", "surrogatepass")).hexdigest()
    known = files.by_name(connection, submission_id, file.name)
    upload_id = uuid.uuid4().hex
    if known is None:
        volume.take(file)
        new = files.Announced(upload_id, file.name, file.size_bytes, fingerprint)
        files.add(connection, submission_id=submission_id, new=new)
    elif known.size_bytes != file.size_bytes:
        raise AlreadyExists("file", file.name)
    elif known.fingerprint != fingerprint:
        _restart(connection, store, known, upload_id, fingerprint)
    else:
        upload_id = known.upload_id
    if file.size_bytes == 0:
        files.set_received(connection, upload_id=upload_id, received_bytes=0, sha256=_empty(store))
    return files.progress(connection, upload_id)


def _restart(
    connection: Connection, store: Store, known: files.Announced, upload_id: str, fingerprint: str
) -> None:
    was = files.progress(connection, known.upload_id)
    files.restart(connection, upload_id=known.upload_id, new_upload_id=upload_id, fingerprint=fingerprint)
    store.discard(known.upload_id)
    if was.sha256 is not None:
        remove_unreferenced(connection, store, [was.sha256])


def _empty(store: Store) -> str:
    sha256 = hashlib.sha256(b"").hexdigest()
    return sha256 if store.has(sha256) else store.put(b"")


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
    """Give up a submission that is still receiving and remove what it sent.

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadOfAnother, WrongState
    """
    require(actor, Permission.SUBMIT_PLAN)
    with db.transaction() as connection:
        receiving_submission(connection, actor, submission_id)
        _abandon(connection, db, store, actor, submission_id)


def expire_uploads(db: Database, store: Store) -> tuple[str, ...]:
    """Abandon submissions nobody sent to for a day, sweep the staging area, and name the submissions."""
    with db.read() as connection:
        candidates = submissions.untouched_since(connection, db.now() - STALE)
        left = files.abandoned_with_files(connection)
    stale = tuple(one for one in candidates if _expire(db, store, one))
    for one in left:
        with db.transaction() as connection:
            forget_files(connection, store, one)
    store.sweep(older_than_seconds=STALE.total_seconds())
    return stale


def _expire(db: Database, store: Store, submission_id: str) -> bool:
    # A transaction each, for one with thousands of files holds the other writers up.
    with db.transaction() as connection:
        if submission_id not in submissions.untouched_since(connection, db.now() - STALE):
            return False
        _abandon(connection, db, store, SYSTEM, submission_id)
    return True


def _check_file(name: str, size_bytes: int) -> None:
    reason = name_refusal(name)
    if reason is not None:
        raise UnsafeFileName(name, reason)
    if size_bytes < 0:
        raise UnsafeFileName(name, "its size is negative")
    if size_bytes > MOST_BYTES:
        raise UploadTooLarge(name, "8 GiB")


def _check_complete(sent: tuple[UploadProgress, ...]) -> None:
    missing = tuple(file.name for file in sent if not file.complete)
    if missing or not sent:
        raise UploadIncomplete(missing)
    clash = file_and_folder_at_once(file.name for file in sent)
    if clash is not None:
        raise UnsafeFileName(clash, "another file uses it as a folder")


def _abandon(connection: Connection, db: Database, store: Store, actor: Actor, submission_id: str) -> None:
    submissions.set_state(
        connection, submission_id=submission_id, state=SubmissionState.ABANDONED, finished_at=db.now()
    )
    note(connection, db, actor, action="abandon submission", entity="submission", entity_id=submission_id)
    for file in files.of_submission(connection, submission_id):
        store.discard(file.upload_id)
    forget_files(connection, store, submission_id)
