"""Submissions as people see them: the work list, one submission, its report; and what people do with one."""

from __future__ import annotations

from sqlalchemy import Connection

from trial_core.db.repositories import files, given_names, results, subjects
from trial_core.db.repositories import submissions as rows
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission, may
from trial_core.domain.plan import SubmissionState, SubmissionSummary, SubmissionView, WhyConfirm
from trial_core.domain.precheck import Receipt, set_sha256
from trial_core.domain.report import CourseReport
from trial_core.domain.report_json import report_from_json
from trial_core.errors import WrongState
from trial_core.services.authorise import RECORDS_ALONE, reach_of, require, submission_in_reach
from trial_core.services.whose_files import confirm_identity, reject_identity
from trial_core.store import Store

__all__ = [
    "MOST_LISTED",
    "confirm_identity",
    "receipt_of",
    "reject_identity",
    "report_bytes",
    "report_of",
    "submission_view",
    "worklist",
]


MOST_LISTED = 200
"""Rows of the work list; what waits for a person is among them, however old it is."""


def worklist(db: Database, actor: Actor) -> tuple[SubmissionSummary, ...]:
    """List the site's submissions, newest first; for the central roles those of every site.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        return rows.summaries_of_site(connection, reach_of(actor), limit=MOST_LISTED)


def submission_view(db: Database, actor: Actor, *, submission_id: str) -> SubmissionView:
    """Give one submission with its files, findings and job progress.

    Raises
    ------
    NotAuthorised, UnknownSubmission
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        submission = submission_in_reach(connection, actor, submission_id)
        state = submission.state
        why = _why_confirm(connection, submission)
        return SubmissionView(
            summary=rows.summary(connection, submission_id),
            files=files.kept(connection, submission_id),
            uploads=files.of_submission(connection, submission_id),
            findings=submission.findings,
            provenance=results.provenance_of(connection, submission_id),
            why_confirm=why,
            may_confirm=why is not None and may(actor.role, Permission.CONFIRM_IDENTITY),
            may_withdraw=state is SubmissionState.CHECKED and may(actor.role, Permission.CONFIRM_IDENTITY),
            may_check_again=state is SubmissionState.FAILED and may(actor.role, Permission.SUBMIT_PLAN),
            may_send=state is SubmissionState.RECEIVING and submission.submitted_by == actor.user_id,
        )


def receipt_of(db: Database, actor: Actor, *, submission_id: str) -> Receipt:
    """Give the receipt of a submission.

    Raises
    ------
    NotAuthorised, UnknownSubmission
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        submission_in_reach(connection, actor, submission_id)
        row = rows.summary(connection, submission_id)
        sent = files.kept(connection, submission_id)
        said = given_names.of_submission(connection, submission_id)
    return Receipt(
        submission_id=submission_id,
        subject_code=row.subject_code,
        site_code=row.site_code,
        submitted_by=row.submitter_name or row.submitted_by,
        submitted_at=row.submitted_at,
        files=len(sent),
        size_bytes=sum(file.size_bytes for file in sent),
        set_sha256=set_sha256(sent, [one.name for one in said]),
        names=said,
    )


def _why_confirm(connection: Connection, submission: rows.Submission) -> WhyConfirm | None:
    if submission.state is not SubmissionState.AWAITING_CONFIRMATION:
        return None
    if not subjects.confirmed_sets(connection, subject_id=submission.subject_id):
        return WhyConfirm.FIRST
    if subjects.is_incomplete(connection, submission_id=submission.id):
        return WhyConfirm.INCOMPLETE
    return WhyConfirm.NAMES_MORE


def report_of(db: Database, store: Store, actor: Actor, *, submission_id: str) -> CourseReport:
    """Give the report of a checked submission.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState
    """
    return report_from_json(report_bytes(db, store, actor, submission_id=submission_id))


def report_bytes(db: Database, store: Store, actor: Actor, *, submission_id: str) -> bytes:
    """Give the report's JSON as it is kept, byte for byte.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState, StoredBytesChanged
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        submission = submission_in_reach(connection, actor, submission_id)
        report_sha256 = rows.summary(connection, submission_id).report_sha256
    if submission.records_only:
        raise WrongState("submission", *RECORDS_ALONE)
    if report_sha256 is None or submission.version is None:
        raise WrongState("submission", submission.state.value, SubmissionState.CHECKED.value)
    return store.read(report_sha256)
