"""Who may act and on what: refusals shared by the services, before anything is read or written."""

from __future__ import annotations

from sqlalchemy import Connection

from trial_core.db.repositories import subjects, submissions
from trial_core.domain.access import Actor, Permission, may
from trial_core.domain.names import is_code, is_id
from trial_core.domain.plan import SubmissionState
from trial_core.domain.subject import Subject
from trial_core.errors import NotAuthorised, UnknownSubject, UnknownSubmission, WrongState


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


def receiving_submission(connection: Connection, actor: Actor, submission_id: str) -> submissions.Submission:
    """Find a submission of the actor's own site that still takes files.

    Raises
    ------
    UnknownSubmission, WrongState
    """
    submission = submission_at_site(connection, actor, submission_id)
    wanted = SubmissionState.RECEIVING
    if submission.state is not wanted:
        raise WrongState("submission", submission.state.value, wanted.value)
    return submission
