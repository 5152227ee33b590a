"""Every subject in reach at a glance: open queries, worst grades, populations; derived once a change.

What is derived of a subject stays in memory until its forms, plans or allocation change, or the day does: the
record only ever grows, so how much of it there is, and when it last grew, tells whether it is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection

from trial_core.db.repositories import growth, subjects
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.conduct import Conduct
from trial_core.domain.populations import Membership, memberships
from trial_core.domain.protocol import Protocol
from trial_core.domain.subject import Phase, Subject
from trial_core.domain.subject_outcome import OpenQuery, derive_outcome
from trial_core.services.authorise import reach_of, require
from trial_core.services.clinical_reading import standing_record
from trial_core.services.conduct_of import conduct_of
from trial_core.services.populations import facts_for_populations
from trial_core.services.toxicity import WorstGrade, worst_grades_of

T = TypeVar("T")

_MOST_KEPT = 20_000
_kept: dict[Hashable, Any] = {}
_lock = Lock()


@dataclass(frozen=True, kw_only=True)
class SubjectAtAGlance:
    """One enrolled subject: what is unclear in its record, and the worst grade of each term it had."""

    site: str
    code: str
    phase: Phase
    open_queries: tuple[OpenQuery, ...]
    worst_grades: tuple[WorstGrade, ...]


@dataclass(frozen=True, kw_only=True)
class SubjectPopulations:
    """One enrolled subject with its analysis populations and the reasons."""

    site: str
    code: str
    memberships: tuple[Membership, ...]


def subjects_at_a_glance(db: Database, actor: Actor, *, protocol: Protocol) -> tuple[SubjectAtAGlance, ...]:
    """Give every enrolled subject in reach, by site and code.

    Raises
    ------
    NotAuthorised, FormUnreadable, ProtocolLacks
    """
    require(actor, Permission.SEE_SUBJECTS)
    conduct, today = conduct_of(protocol), db.now().date()

    def derive(connection: Connection, subject_id: str, subject: Subject) -> SubjectAtAGlance:
        return _glance(connection, conduct, subject_id, subject, today)

    with db.read() as connection:
        return tuple(_each(connection, db, reach_of(actor), (protocol.sha256, today), derive))


def populations_of_everybody(
    db: Database, actor: Actor, *, protocol: Protocol
) -> tuple[SubjectPopulations, ...]:
    """Give the populations of every enrolled subject in reach, by site and code.

    Raises
    ------
    NotAuthorised, FormUnreadable
    """
    require(actor, Permission.SEE_SUBJECTS)

    def derive(connection: Connection, subject_id: str, subject: Subject) -> SubjectPopulations:
        facts = facts_for_populations(connection, db, subject_id, protocol)
        return SubjectPopulations(
            site=subject.site_code,
            code=subject.code,
            memberships=() if facts is None else memberships(facts),
        )

    with db.read() as connection:
        key = (protocol.sha256, db.now().date())
        return tuple(_each(connection, db, reach_of(actor), key, derive))


def _each(
    connection: Connection,
    db: Database,
    reach: str | None,
    asked: Hashable,
    derive: Callable[[Connection, str, Subject], T],
) -> Iterator[T]:
    grown = growth.of_subjects(connection)
    found = [one for phase in Phase for one in subjects.of_phase(connection, phase)]
    for subject_id, subject in sorted(found, key=lambda one: (one[1].site_code, one[1].code)):
        if reach in (None, subject.site_code):
            key = (derive.__qualname__, str(db.engine.url), subject, grown.get(subject_id), asked)
            yield _remembered(key, lambda: derive(connection, subject_id, subject))  # noqa: B023 - called at once


def _remembered(key: Hashable, derive: Callable[[], T]) -> T:
    with _lock:
        if key in _kept:
            known: T = _kept[key]
            return known
    new = derive()
    with _lock:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[key] = new
    return new


def _glance(
    connection: Connection, conduct: Conduct, subject_id: str, subject: Subject, today: date
) -> SubjectAtAGlance:
    record = standing_record(connection, subject_id)
    return SubjectAtAGlance(
        site=subject.site_code,
        code=subject.code,
        phase=subject.phase or Phase.IIA,
        open_queries=derive_outcome(record, conduct, today=today).open_queries,
        worst_grades=worst_grades_of(record, conduct.toxicity.window_days),
    )
