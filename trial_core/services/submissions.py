"""Submissions as people see them: the work list, one submission, its report, and whose files these are."""

from __future__ import annotations

from trial_core.db.session import Database
from trial_core.domain.access import Actor
from trial_core.domain.plan import SubmissionState, SubmissionSummary, SubmissionView
from trial_core.domain.report import CourseReport
from trial_core.store import Store


def worklist(db: Database, actor: Actor, *, limit: int = 200) -> tuple[SubmissionSummary, ...]:
    """List the site's submissions, newest first.

    Raises
    ------
    NotAuthorised
    """
    raise NotImplementedError


def submission_view(db: Database, actor: Actor, *, submission_id: str) -> SubmissionView:
    """Give one submission with its files, findings and job progress.

    Raises
    ------
    NotAuthorised, UnknownSubmission
    """
    raise NotImplementedError


def report_of(db: Database, store: Store, actor: Actor, *, submission_id: str) -> CourseReport:
    """Give the report of a checked submission.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState
    """
    raise NotImplementedError


def report_bytes(db: Database, store: Store, actor: Actor, *, submission_id: str) -> bytes:
    """Give the report's JSON as it is kept, byte for byte.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState, StoredBytesChanged
    """
    raise NotImplementedError


def confirm_identity(
    db: Database,
    actor: Actor,
    *,
    submission_id: str,
    identity_key: bytes,
    patient_id: str,
) -> SubmissionState:
    """Confirm that a subject's first set is the subject's: the person gives the PatientID they know.

    It is compared as a keyed hash and neither kept nor shown.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState, IdentityNotConfirmed
    """
    raise NotImplementedError


def reject_identity(db: Database, actor: Actor, *, submission_id: str, reason: str) -> SubmissionState:
    """Say that a first set is not the subject's: it is blocked and leaves no identity behind.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState
    """
    raise NotImplementedError
