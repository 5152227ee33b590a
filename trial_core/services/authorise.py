"""Who may act and on what: refusals shared by the services, before anything is read or written."""

from __future__ import annotations

from sqlalchemy import Connection

from trial_core.access_errors import OwnWork, SubjectAtSeveralSites
from trial_core.db.repositories import study, subjects, submissions
from trial_core.domain.access import CENTRAL_ROLES, SITE_ROLES, Actor, Permission, may
from trial_core.domain.names import is_code, is_id, site_and_code
from trial_core.domain.plan import SubmissionState
from trial_core.domain.study_state import StudyAction, allows
from trial_core.domain.subject import Subject, plan_refusal, records_refusal
from trial_core.errors import (
    NotAuthorised,
    SubjectNotEligibleForPlan,
    SubjectWithoutRecords,
    UnknownSubject,
    UnknownSubmission,
    UploadOfAnother,
    WrongState,
)
from trial_core.services import milestones

RECORDS_ALONE = ("one of treatment records alone", "one of plans")
"""What a submission is, and what a step on plans needs it to be."""


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
    if actor.role not in SITE_ROLES or actor.site_code is None:
        raise NotAuthorised("see or change anything of a site", actor.role.value)
    return actor.site_code


def reach_of(actor: Actor) -> str | None:
    """Give the one site whose subjects an actor sees; None for the central roles, who see those of all.

    Raises
    ------
    NotAuthorised
    """
    return None if actor.role in CENTRAL_ROLES else site_of(actor)


def refuse_own_work(actor: Actor, *, site_code: str, submitted_by: str | None = None) -> None:
    """Refuse somebody who would review or adjudicate their own submission, or one of their own site.

    Parameters
    ----------
    site_code
        Where the subject is.
    submitted_by
        User id of whoever submitted or entered what is judged.

    Raises
    ------
    OwnWork
    """
    if submitted_by == actor.user_id:
        raise OwnWork("what you submitted yourself")
    if actor.site_code == site_code:
        raise OwnWork("what comes from your own site")


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


def subject_in_reach(connection: Connection, actor: Actor, code: str) -> tuple[str, Subject]:
    """Find a subject to read: one of the actor's own site, or of any site for the central roles.

    These may name the site, too, as in `S1:001`, for two sites may have given the same code.

    Raises
    ------
    UnknownSubject, SubjectAtSeveralSites
    """
    if reach_of(actor) is not None:
        return subject_at_site(connection, actor, code)
    site, own_code = site_and_code(code)
    found = subjects.find_everywhere(connection, code=own_code) if is_code(own_code) else ()
    chosen = [(key, one) for key, one in found if site in ("", one.site_code)]
    if len(chosen) > 1:
        raise SubjectAtSeveralSites(code, tuple(one.site_code for _, one in chosen))
    if not chosen:
        raise UnknownSubject(code)
    return chosen[0]


def submission_in_reach(connection: Connection, actor: Actor, submission_id: str) -> submissions.Submission:
    """Find a submission to read: one of the actor's own site, or of any site for the central roles.

    Raises
    ------
    UnknownSubmission
    """
    if reach_of(actor) is not None:
        return submission_at_site(connection, actor, submission_id)
    found = submissions.find(connection, submission_id) if is_id(submission_id) else None
    if found is None:
        raise UnknownSubmission(submission_id)
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


def require_plans(submission: submissions.Submission) -> None:
    """Refuse a submission that is not checked, or that holds treatment records alone and nothing to judge.

    Raises
    ------
    WrongState
    """
    require_state(submission, SubmissionState.CHECKED)
    if submission.records_only:
        raise WrongState("submission", *RECORDS_ALONE)


def plan_refusal_of(subject: Subject) -> str | None:
    """Say why the trial takes no plan for a subject now, or None when it does."""
    return plan_refusal(subject.status, subject.phase, subject.arm)


def new_plan_refusal(connection: Connection, subject_id: str) -> str | None:
    """Say why the trial takes no new plan for a subject now, or None when it does."""
    reason = plan_refusal_of(subjects.by_id(connection, subject_id))
    ended = milestones.end_of_treatment(connection, subject_id)
    if reason is None and ended is not None:
        reason = f"study treatment is over since {ended.on} ({ended.kind})"
    if reason is None and not allows(study.current(connection), StudyAction.SUBMIT_PLAN):
        reason = "the study is terminated and takes no new plan"
    return reason


def require_eligible(connection: Connection, subject_id: str, *, records_only: bool = False) -> None:
    """Refuse a subject that the trial takes no new plan for; or no treatment records, where these come alone.

    Raises
    ------
    SubjectNotEligibleForPlan, SubjectWithoutRecords
    """
    subject = subjects.by_id(connection, subject_id)
    reason = records_refusal(subject.status) if records_only else new_plan_refusal(connection, subject_id)
    if reason is not None:
        refused = SubjectWithoutRecords if records_only else SubjectNotEligibleForPlan
        raise refused(subject.code, reason)
