"""Who may act and on what: refusals shared by the services, before anything is read or written."""

from __future__ import annotations

from sqlalchemy import Connection

from trial_core.db.repositories import subjects, submissions
from trial_core.domain.access import Actor, Permission, may
from trial_core.domain.names import is_code, is_id
from trial_core.domain.plan import SubmissionState
from trial_core.domain.subject import Subject, plan_refusal
from trial_core.errors import (
    NotAuthorised,
    SubjectNotEligibleForPlan,
    UnknownSubject,
    UnknownSubmission,
    UploadOfAnother,
    WrongState,
)


def require(actor: Actor, permission: Permission) -> None:
    """Refuse an actor whose role lacks the permission.

    Raises
    ------
    NotAuthorised
    """
    if not may(actor.role, permission):
        raise NotAuthorised(permission.value, actor.role.value)


def site_of(actor: Actor) -> str:
    """Give the site an actor works for; clinical roles have one.

    Raises
    ------
    NotAuthorised
    """
    if actor.site_code is None:
        raise NotAuthorised("see or change anything of a site", actor.role.value)
    return actor.site_code


def subject_at_site(connection: Connection, actor: Actor, code: str) -> tuple[str, Subject]:
    """Find a subject of the actor's own site: (id, subject).

    Raises
    ------
    UnknownSubject
        None of this code, or another site's: the same answer.
    """
    found = subjects.find(connection, site_code=site_of(actor), code=code) if is_code(code) else None
    if found is None:
        raise UnknownSubject(code)
    return found


def submission_at_site(connection: Connection, actor: Actor, submission_id: str) -> submissions.Submission:
    """Find a submission of the actor's own site.

    Raises
    ------
    UnknownSubmission
        None of this id, or another site's: the same answer.
    """
    found = submissions.find(connection, submission_id) if is_id(submission_id) else None
    if found is None or found.site_code != site_of(actor):
        raise UnknownSubmission(submission_id)
    return found


def own_submission(connection: Connection, actor: Actor, submission_id: str) -> submissions.Submission:
    """Find a submission that the actor began.

    Raises
    ------
    UnknownSubmission, UploadOfAnother
    """
    submission = submission_at_site(connection, actor, submission_id)
    if submission.submitted_by != actor.user_id:
        raise UploadOfAnother(submission_id)
    return submission


def receiving_submission(connection: Connection, actor: Actor, submission_id: str) -> submissions.Submission:
    """Find a submission that the actor began and that still takes files.

    Raises
    ------
    UnknownSubmission, UploadOfAnother, WrongState
    """
    submission = own_submission(connection, actor, submission_id)
    require_state(submission, SubmissionState.RECEIVING)
    return submission


def require_state(submission: submissions.Submission, *wanted: SubmissionState) -> None:
    """Refuse a submission that is in none of the states.

    Raises
    ------
    WrongState
    """
    if submission.state not in wanted:
        raise WrongState("submission", submission.state.value, " or ".join(state.value for state in wanted))


def plan_refusal_of(subject: Subject) -> str | None:
    """Say why the trial takes no plan for a subject now, or None when it does."""
    return plan_refusal(subject.status, subject.phase, subject.arm)


def require_eligible(subject: Subject) -> None:
    """Refuse a subject that the trial takes no plan for.

    Raises
    ------
    SubjectNotEligibleForPlan
    """
    reason = plan_refusal_of(subject)
    if reason is not None:
        raise SubjectNotEligibleForPlan(subject.code, reason)
