"""Uploads: receive the files of a submission in resumable chunks, then hand them to a job."""

from __future__ import annotations

from typing import Protocol

from trial_core.db.session import Database
from trial_core.domain.access import Actor
from trial_core.domain.plan import JobTicket, UploadProgress
from trial_core.store import Store


class ByteSource(Protocol):
    """Anything with `read(size)`: a file, a request's input stream."""

    def read(self, size: int, /) -> bytes:
        """Give at most `size` bytes; b"" at the end."""


def begin_submission(db: Database, actor: Actor, *, subject_code: str) -> str:
    """Open a submission for a subject and return its id.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectNotEligibleForPlan
    """
    raise NotImplementedError


def begin_file(
    db: Database, store: Store, actor: Actor, *, submission_id: str, name: str, size_bytes: int
) -> UploadProgress:
    """Announce a file, or find it again: the same name and size give the same upload with what it has received.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState, UnsafeFileName, UploadTooLarge, AlreadyExists
    """
    raise NotImplementedError


def append_chunk(
    db: Database, store: Store, actor: Actor, *, upload_id: str, offset_bytes: int, stream: ByteSource
) -> UploadProgress:
    """Append what `stream` gives, at constant memory; the last byte moves the file into the store.

    A stream that breaks off leaves what came; ask `upload_progress` (or send a wrong offset) and go on from there.

    Raises
    ------
    NotAuthorised, UnknownUpload, WrongOffset, UploadBusy, UploadTooLarge
    """
    raise NotImplementedError


def upload_progress(db: Database, actor: Actor, *, upload_id: str) -> UploadProgress:
    """Say how much of a file has arrived.

    Raises
    ------
    NotAuthorised, UnknownUpload
    """
    raise NotImplementedError


def complete_submission(db: Database, actor: Actor, *, submission_id: str) -> JobTicket:
    """Close the upload and write the plan-check job, in one transaction; again gives the same ticket.

    Ring `workers.queue` with the job's id afterwards; if nobody rings, the reconciler does.

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadIncomplete, WrongState, SubjectNotEligibleForPlan
    """
    raise NotImplementedError


def abandon_submission(db: Database, store: Store, actor: Actor, *, submission_id: str) -> None:
    """Give up a submission that is still receiving and remove what it staged.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState
    """
    raise NotImplementedError


def expire_uploads(db: Database, store: Store) -> tuple[str, ...]:
    """Abandon submissions nobody sent to for a day, sweep the staging area, and name the submissions."""
    raise NotImplementedError
