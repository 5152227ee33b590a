"""Leaving: end of treatment, withdrawal from treatment, follow-up or data use, and loss to follow-up."""

from __future__ import annotations

from sqlalchemy import Connection

from trial_core.db.repositories import subjects
from trial_core.db.repositories.forms import FormVersion
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.leaving import Leaving, LeavingKind, leaving_problem
from trial_core.domain.subject import SubjectStatus
from trial_core.domain.subject_forms import SubjectForm
from trial_core.enrolment_errors import FormRefused
from trial_core.services import forms, milestones
from trial_core.services.authorise import require, subject_at_site
from trial_core.services.readable import require_readable


def leave(
    db: Database,
    actor: Actor,
    *,
    code: str,
    leaving: Leaving,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Record one way of leaving; it ends what its name says, and nothing that is recorded goes away.

    Parameters
    ----------
    reason, seen_version
        To correct one: why, and the version of the entry that the person had before their eyes.

    Raises
    ------
    NotAuthorised, UnknownSubject, FormRefused, ReasonMissing, FormChangedMeanwhile
    """
    require(actor, Permission.MANAGE_SUBJECTS)
    require_readable("words", leaving.words)
    with db.transaction() as connection:
        subject_id, _ = subject_at_site(connection, actor, code)
        given = milestones.leavings(connection, subject_id)
        if seen_version is not None:
            given = tuple(each for each in given if each.kind is not leaving.kind)
        problem = leaving_problem(
            given,
            leaving,
            enrolled_on=milestones.enrolled_on(connection, subject_id),
            today=db.today(),
            died_on=milestones.died_on(connection, subject_id),
        )
        if problem is not None:
            raise FormRefused(leaving.kind.value, problem)
        entered = forms.enter(
            connection,
            db,
            actor,
            subject_id=subject_id,
            kind=SubjectForm.LEAVING,
            occasion=leaving.kind.value,
            content=leaving,
            reason=reason,
            seen_version=seen_version,
        )
        _set_status(connection, subject_id)
        return entered


def take_leaving_back(
    db: Database, actor: Actor, *, code: str, kind: LeavingKind, reason: str
) -> FormVersion:
    """Take back a way of leaving that was entered by mistake.

    Raises
    ------
    NotAuthorised, UnknownSubject, NothingToTakeBack, ReasonMissing
    """
    require(actor, Permission.MANAGE_SUBJECTS)
    with db.transaction() as connection:
        subject_id, _ = subject_at_site(connection, actor, code)
        taken = forms.take_back(
            connection,
            db,
            actor,
            subject_id=subject_id,
            kind=SubjectForm.LEAVING,
            occasion=kind.value,
            reason=reason,
        )
        _set_status(connection, subject_id)
        return taken


def _set_status(connection: Connection, subject_id: str) -> None:
    kinds = {each.kind for each in milestones.leavings(connection, subject_id)}
    gone = LeavingKind.WITHDRAWAL_OF_DATA_USE in kinds
    status = SubjectStatus.WITHDRAWN if gone else SubjectStatus.ENROLLED
    now = subjects.by_id(connection, subject_id)
    subjects.set_status(connection, subject_id=subject_id, status=status, phase=now.phase, arm=now.arm)
