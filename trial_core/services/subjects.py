"""Subjects: register, list, and the record that their page shows."""

from __future__ import annotations

import uuid

from sqlalchemy import Connection

from trial_core.db.repositories import subjects as rows
from trial_core.db.repositories import submissions
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.names import CODE_RULE, is_code
from trial_core.domain.subject import Subject, SubjectRecord, SubjectStatus
from trial_core.errors import AlreadyExists, NotAName
from trial_core.services.authorise import new_plan_refusal, reach_of, require, site_of, subject_in_reach
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
        alike = _alike(connection, site_of(actor), code)
        if alike is not None:
            raise AlreadyExists("subject", alike)
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
            at=new.created_at,
        )
    return new


def _alike(connection: Connection, site_code: str, code: str) -> str | None:
    """Find a subject of the site whose code is this one, or another only by small and capital letters."""
    known = (subject.code for subject in rows.of_site(connection, site_code))
    return next((one for one in known if one.casefold() == code.casefold()), None)


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
            plan_refusal=new_plan_refusal(connection, subject_id),
        )
