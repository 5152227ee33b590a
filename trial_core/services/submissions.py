"""Submissions as people see them: the work list, one submission, its report, and whose files these are."""

from __future__ import annotations

import hmac

from sqlalchemy import Connection

from trial_core.db.repositories import files, results, subjects
from trial_core.db.repositories import submissions as rows
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission, may
from trial_core.domain.identity import PatientIdentity, hash_identity
from trial_core.domain.identity_findings import TO_CONFIRM
from trial_core.domain.plan import SubmissionFinding, SubmissionState, SubmissionSummary, SubmissionView
from trial_core.domain.report import CourseReport
from trial_core.domain.report_json import report_from_json
from trial_core.errors import IdentityNotConfirmed, WrongState
from trial_core.services.authorise import require, site_of, submission_at_site
from trial_core.services.journal import note
from trial_core.store import Store


def worklist(db: Database, actor: Actor, *, limit: int = 200) -> tuple[SubmissionSummary, ...]:
    """List the site's submissions, newest first.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        return rows.summaries_of_site(connection, site_of(actor), limit=limit)


def submission_view(db: Database, actor: Actor, *, submission_id: str) -> SubmissionView:
    """Give one submission with its files, findings and job progress.

    Raises
    ------
    NotAuthorised, UnknownSubmission
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        submission = submission_at_site(connection, actor, submission_id)
        waits = submission.state is SubmissionState.AWAITING_CONFIRMATION
        return SubmissionView(
            summary=rows.summary(connection, submission_id),
            files=files.kept(connection, submission_id),
            uploads=files.of_submission(connection, submission_id),
            findings=submission.findings,
            provenance=results.provenance_of(connection, submission_id),
            may_confirm=waits and may(actor.role, Permission.CONFIRM_IDENTITY),
        )


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
        submission = submission_at_site(connection, actor, submission_id)
        report_sha256 = rows.summary(connection, submission_id).report_sha256
    if report_sha256 is None or submission.version is None:
        raise WrongState("submission", submission.state.value, SubmissionState.CHECKED.value)
    return store.read(report_sha256)


def confirm_identity(
    db: Database, actor: Actor, *, submission_id: str, identity_key: bytes, patient_id: str
) -> SubmissionState:
    """Confirm that a set is the subject's: the person gives the PatientID they know.

    It is compared as a keyed hash and neither kept nor shown. Other sets of this subject that wait with the
    same identity are confirmed with it.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState, IdentityNotConfirmed
    """
    require(actor, Permission.CONFIRM_IDENTITY)
    given = hash_identity(PatientIdentity(patient_id, "", ""), identity_key).patient_id or ""
    with db.transaction() as connection:
        submission = _awaiting(connection, actor, submission_id)
        hashes = subjects.identity_of_set(connection, submission_id=submission_id)
        agrees = hmac.compare_digest(given, hashes.patient_id or "-")
        if agrees:
            for one in subjects.unconfirmed_sets(connection, subject_id=submission.subject_id, hashes=hashes):
                _confirm(connection, db, actor, one)
        else:
            note(
                connection,
                db,
                actor,
                action="identity not confirmed",
                entity="submission",
                entity_id=submission_id,
            )
    if not agrees:
        raise IdentityNotConfirmed(submission_id)
    return SubmissionState.CHECKED


def reject_identity(db: Database, actor: Actor, *, submission_id: str, reason: str) -> SubmissionState:
    """Say that a set is not the subject's: it is blocked and leaves no identity, object or result behind.

    Its version number is not given again.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState
    """
    require(actor, Permission.CONFIRM_IDENTITY)
    with db.transaction() as connection:
        submission = _awaiting(connection, actor, submission_id)
        report_sha256 = rows.summary(connection, submission_id).report_sha256
        subjects.remove_set(connection, submission_id=submission_id)
        findings = (_rejected(), *(one for one in submission.findings if one.code != TO_CONFIRM))
        rows.set_findings(connection, submission_id=submission_id, findings=findings)
        rows.set_state(connection, submission_id=submission_id, state=SubmissionState.BLOCKED)
        note(
            connection,
            db,
            actor,
            action="reject identity",
            entity="submission",
            entity_id=submission_id,
            reason=reason,
            report=report_sha256,
        )
    return SubmissionState.BLOCKED


def _awaiting(connection: Connection, actor: Actor, submission_id: str) -> rows.Submission:
    submission = submission_at_site(connection, actor, submission_id)
    wanted = SubmissionState.AWAITING_CONFIRMATION
    if submission.state is not wanted:
        raise WrongState("submission", submission.state.value, wanted.value)
    return submission


def _confirm(connection: Connection, db: Database, actor: Actor, submission_id: str) -> None:
    at = db.now()
    subjects.confirm_set(connection, submission_id=submission_id, user_id=actor.user_id, at=at)
    rows.set_state(connection, submission_id=submission_id, state=SubmissionState.CHECKED)
    rows.drop_finding(connection, submission_id=submission_id, code=TO_CONFIRM)
    note(connection, db, actor, action="confirm identity", entity="submission", entity_id=submission_id)


def _rejected() -> SubmissionFinding:
    return SubmissionFinding(
        code="identity-rejected",
        severity="error",
        message="A person said that these files are not this subject's. The set was blocked.",
        action="Find out whose files these are; submit this subject's own.",
    )
