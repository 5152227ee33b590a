"""Whose files are these? A person confirms that they are the subject's, or another patient's."""

from __future__ import annotations

import hmac

from sqlalchemy import Connection

from trial_core.db.repositories import subjects, wrong_answers
from trial_core.db.repositories import submissions as rows
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.identity import PatientIdentity, hash_identity
from trial_core.domain.identity_findings import TO_CONFIRM
from trial_core.domain.plan import SubmissionFinding, SubmissionState
from trial_core.errors import IdentityNotConfirmed, MissingReason, TooManyWrongAnswers, TrialError
from trial_core.services.authorise import require, require_state, submission_at_site
from trial_core.services.journal import note

ANSWERS_ALLOWED = 5
"""Wrong PatientIDs that one person may give for one set: a slip of the pen, not a search."""
_DOUBT = "identity-in-doubt"


def confirm_identity(
    db: Database, actor: Actor, *, submission_id: str, identity_key: bytes, patient_id: str
) -> SubmissionState:
    """Confirm that a set is the subject's: the person gives the PatientID they know.

    It is compared as a keyed hash and neither kept nor shown. Other sets of this subject that wait with the
    same identity are confirmed with it, unless it leaves something out: then this set alone.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState, IdentityNotConfirmed, TooManyWrongAnswers
    """
    require(actor, Permission.CONFIRM_IDENTITY)
    given = hash_identity(PatientIdentity(patient_id, "", ""), identity_key).patient_id or ""
    with db.transaction() as connection:
        submission = submission_at_site(connection, actor, submission_id)
        require_state(submission, SubmissionState.AWAITING_CONFIRMATION)
        # A refusal is counted and put on the audit trail: it is raised after the commit.
        refusal = _refusal(connection, db, actor, submission_id, given)
        if refusal is None:
            for one in subjects.freed_by_confirmation(connection, submission_id=submission_id):
                _confirm(connection, db, actor, one)
    if refusal is not None:
        raise refusal
    return SubmissionState.CHECKED


def reject_identity(db: Database, actor: Actor, *, submission_id: str, reason: str) -> SubmissionState:
    """Say that a set is not the subject's: it is blocked and leaves no identity, object or result behind.

    Also after it was confirmed, for a confirmation can be wrong. Its verdict counts no longer, and its
    version number is not given again. The subject's other confirmed sets bear the same PatientID: each waits
    for a person again.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState, MissingReason
    """
    require(actor, Permission.CONFIRM_IDENTITY)
    if not reason.strip():
        raise MissingReason("reject a set")
    with db.transaction() as connection:
        submission = submission_at_site(connection, actor, submission_id)
        require_state(submission, SubmissionState.AWAITING_CONFIRMATION, SubmissionState.CHECKED)
        _take_off_record(connection, db, actor, submission, reason.strip())
        if submission.state is SubmissionState.CHECKED:
            for one in subjects.confirmed_sets(connection, subject_id=submission.subject_id):
                _doubt(connection, db, actor, one)
    return SubmissionState.BLOCKED


def _refusal(
    connection: Connection, db: Database, actor: Actor, submission_id: str, given: str
) -> TrialError | None:
    who = {"submission_id": submission_id, "user_id": actor.user_id}
    answers = wrong_answers.count(connection, **who)
    if answers >= ANSWERS_ALLOWED:
        _note_wrong(connection, db, actor, submission_id, answers, looked_at="no")
        return TooManyWrongAnswers(submission_id, answers)
    known = subjects.identity_of_set(connection, submission_id=submission_id).patient_id
    if hmac.compare_digest(given, known or "-"):
        return None
    answers = wrong_answers.add(connection, **who)
    _note_wrong(connection, db, actor, submission_id, answers, looked_at="yes")
    return IdentityNotConfirmed(submission_id, ANSWERS_ALLOWED - answers)


def _note_wrong(
    connection: Connection, db: Database, actor: Actor, submission_id: str, answers: int, *, looked_at: str
) -> None:
    note(
        connection,
        db,
        actor,
        action="identity not confirmed",
        entity="submission",
        entity_id=submission_id,
        wrong_answers=answers,
        looked_at=looked_at,
    )


def _confirm(connection: Connection, db: Database, actor: Actor, submission_id: str) -> None:
    at = db.now()
    subjects.confirm_set(connection, submission_id=submission_id, user_id=actor.user_id, at=at)
    rows.set_state(connection, submission_id=submission_id, state=SubmissionState.CHECKED)
    for code in (TO_CONFIRM, _DOUBT):
        rows.drop_finding(connection, submission_id=submission_id, code=code)
    note(connection, db, actor, action="confirm identity", entity="submission", entity_id=submission_id)


def _take_off_record(
    connection: Connection, db: Database, actor: Actor, submission: rows.Submission, reason: str
) -> None:
    row = rows.summary(connection, submission.id)
    was_checked = submission.state is SubmissionState.CHECKED
    subjects.remove_set(connection, submission_id=submission.id)
    left = (one for one in submission.findings if one.code not in (TO_CONFIRM, _DOUBT))
    said = _withdrawn(submission, row.verdict) if was_checked else _rejected()
    rows.set_findings(connection, submission_id=submission.id, findings=(said, *left))
    rows.set_state(connection, submission_id=submission.id, state=SubmissionState.BLOCKED)
    note(
        connection,
        db,
        actor,
        action="withdraw confirmed set" if was_checked else "reject identity",
        entity="submission",
        entity_id=submission.id,
        reason=reason,
        report=row.report_sha256,
        verdict=row.verdict,
    )


def _doubt(connection: Connection, db: Database, actor: Actor, submission_id: str) -> None:
    subjects.unconfirm_set(connection, submission_id=submission_id)
    submission = rows.find(connection, submission_id)
    findings = submission.findings if submission else ()
    rows.set_findings(connection, submission_id=submission_id, findings=(_doubtful(), *findings))
    rows.set_state(connection, submission_id=submission_id, state=SubmissionState.AWAITING_CONFIRMATION)
    note(connection, db, actor, action="doubt identity", entity="submission", entity_id=submission_id)


def _rejected() -> SubmissionFinding:
    return SubmissionFinding(
        code="identity-rejected",
        severity="error",
        message="A person said that these files are not this subject's. The set was blocked.",
        action="Find out whose files these are; submit this subject's own.",
    )


def _withdrawn(submission: rows.Submission, verdict: str | None) -> SubmissionFinding:
    alone = submission.records_only
    what = "these treatment records" if alone else f"version {submission.version}"
    counted = "they count" if alone else f"its verdict ({verdict}) counts"
    return SubmissionFinding(
        code="identity-withdrawn",
        severity="error",
        message=f"A person said, after {what} had been confirmed, that these files are not this "
        f"subject's. The set was blocked; {counted} no longer.",
        action="Find out whose files these are; submit this subject's own.",
    )


def _doubtful() -> SubmissionFinding:
    return SubmissionFinding(
        code=_DOUBT,
        severity="warning",
        message="Another set of this subject with the same PatientID turned out to be another patient's.",
        action="Compare with the subject's source documents anew, then confirm or reject.",
        element="PatientID",
    )
