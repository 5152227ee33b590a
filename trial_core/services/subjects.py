"""Subjects: register, enrol, withdraw, list, and the record that their page shows."""

from __future__ import annotations

from trial_core.db.session import Database
from trial_core.domain.access import Actor
from trial_core.domain.subject import Arm, Phase, Subject, SubjectRecord


def create_subject(db: Database, actor: Actor, *, code: str) -> Subject:
    """Register a subject at the actor's site, in screening.

    Raises
    ------
    NotAuthorised, AlreadyExists, NotAName
    """
    raise NotImplementedError


def enrol_subject(db: Database, actor: Actor, *, code: str, phase: Phase, arm: Arm | None = None) -> Subject:
    """Enrol a subject that is in screening; IIb needs an arm, IIa has none.

    Raises
    ------
    NotAuthorised, UnknownSubject, WrongState
    """
    raise NotImplementedError


def withdraw_subject(db: Database, actor: Actor, *, code: str, reason: str) -> Subject:
    """Withdraw a subject; what is recorded stays.

    Raises
    ------
    NotAuthorised, UnknownSubject, WrongState
    """
    raise NotImplementedError


def list_subjects(db: Database, actor: Actor) -> tuple[Subject, ...]:
    """List the subjects of the actor's site by code."""
    raise NotImplementedError


def subject_record(db: Database, actor: Actor, *, code: str) -> SubjectRecord:
    """Give a subject with all its submissions, newest first.

    Raises
    ------
    NotAuthorised, UnknownSubject
    """
    raise NotImplementedError
