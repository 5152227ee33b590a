"""Subjects: register, enrol, withdraw, list, and the record that their page shows."""

from __future__ import annotations

import uuid

from trial_core.db.repositories import subjects as rows
from trial_core.db.repositories import submissions
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.names import CODE_RULE, is_code
from trial_core.domain.subject import Arm, Phase, Subject, SubjectRecord, SubjectStatus, plan_refusal
from trial_core.errors import AlreadyExists, ArmNotAllowed, NotAName, WrongState
from trial_core.services.authorise import reach_of, require, site_of, subject_at_site, subject_in_reach
from trial_core.services.journal import note


def create_subject(db: Database, actor: Actor, *, code: str) -> Subject:
    """Register a subject at the actor's site, in screening.

    Raises
    ------
    NotAuthorised, AlreadyExists, NotAName
    """
    require(actor, Permission.MANAGE_SUBJECTS)
    if not is_code(code):
        raise NotAName("subject code", code, CODE_RULE)
    with db.transaction() as connection:
        if rows.find(connection, site_code=site_of(actor), code=code):
            raise AlreadyExists("subject", code)
        subject_id = uuid.uuid4().hex
        new = Subject(code, site_of(actor), SubjectStatus.SCREENING, None, None, db.now())
        rows.add(connection, subject_id=subject_id, new=new)
        note(
            connection,
            db,
            actor,
            action="register subject",
            entity="subject",
            entity_id=subject_id,
            code=code,
        )
    return new


def enrol_subject(db: Database, actor: Actor, *, code: str, phase: Phase, arm: Arm | None = None) -> Subject:
    """Enrol a subject that is in screening; IIb needs an arm, IIa has none.

    Raises
    ------
    NotAuthorised, UnknownSubject, WrongState, ArmNotAllowed
    """
    require(actor, Permission.MANAGE_SUBJECTS)
    if (phase is Phase.IIB) != (arm is not None):
        raise ArmNotAllowed(phase.value, arm.value if arm else None)
    with db.transaction() as connection:
        subject_id, subject = subject_at_site(connection, actor, code)
        if subject.status is not SubjectStatus.SCREENING:
            raise WrongState("subject", subject.status.value, SubjectStatus.SCREENING.value)
        status = SubjectStatus.ENROLLED
        rows.set_status(connection, subject_id=subject_id, status=status, phase=phase, arm=arm)
        note(
            connection,
            db,
            actor,
            action="enrol subject",
            entity="subject",
            entity_id=subject_id,
            phase=phase.value,
            arm=arm.value if arm else None,
        )
        return rows.by_id(connection, subject_id)


def withdraw_subject(db: Database, actor: Actor, *, code: str, reason: str) -> Subject:
    """Withdraw a subject; what is recorded stays.

    Raises
    ------
    NotAuthorised, UnknownSubject, WrongState
    """
    require(actor, Permission.MANAGE_SUBJECTS)
    with db.transaction() as connection:
        subject_id, subject = subject_at_site(connection, actor, code)
        if subject.status is SubjectStatus.WITHDRAWN:
            raise WrongState("subject", subject.status.value, "screening or enrolled")
        status = SubjectStatus.WITHDRAWN
        rows.set_status(
            connection, subject_id=subject_id, status=status, phase=subject.phase, arm=subject.arm
        )
        note(
            connection,
            db,
            actor,
            action="withdraw subject",
            entity="subject",
            entity_id=subject_id,
            reason=reason,
        )
        return rows.by_id(connection, subject_id)


def list_subjects(db: Database, actor: Actor) -> tuple[Subject, ...]:
    """List the subjects of the actor's site by code; for the central roles those of every site.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        return rows.of_site(connection, reach_of(actor))


def subject_record(db: Database, actor: Actor, *, code: str) -> SubjectRecord:
    """Give a subject with all its submissions, newest first.

    Raises
    ------
    NotAuthorised, UnknownSubject
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        subject_id, subject = subject_in_reach(connection, actor, code)
        return SubjectRecord(
            subject=subject,
            submissions=submissions.summaries_of_subject(connection, subject_id),
            plan_refusal=plan_refusal(subject.status, subject.phase, subject.arm),
        )
