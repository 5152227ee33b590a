"""Every subject in reach at a glance: open queries, worst grades, populations; derived once a change.

What is derived of a subject stays in memory (`trial_core.services.each_subject`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.conduct import Conduct
from trial_core.domain.populations import Membership, memberships
from trial_core.domain.protocol import Protocol
from trial_core.domain.subject import Phase, Subject
from trial_core.domain.subject_outcome import OpenQuery, derive_outcome
from trial_core.services import delivery_reading
from trial_core.services.authorise import reach_of, require
from trial_core.services.clinical_reading import standing_record
from trial_core.services.conduct_of import conduct_of
from trial_core.services.each_subject import each_enrolled
from trial_core.services.populations import facts_for_populations
from trial_core.services.toxicity import WorstGrade, clinical_records, worst_grades_of


@dataclass(frozen=True, kw_only=True)
class SubjectAtAGlance:
    """One enrolled subject: what is unclear of it, and the worst grade of each term it had."""

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
    with db.read() as connection:
        return tuple(_glances(connection, db, reach_of(actor), protocol))


def populations_of_everybody(
    db: Database, actor: Actor, *, protocol: Protocol
) -> tuple[SubjectPopulations, ...]:
    """Give the populations of every enrolled subject in reach, by site and code.

    Raises
    ------
    NotAuthorised, FormUnreadable
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        return tuple(_populations(connection, db, reach_of(actor), protocol))


def derive_everybody(db: Database, *, protocol: Protocol, goes_on: Callable[[], bool]) -> bool:
    """Derive of every enrolled subject what pages show, so that nobody waits for it; nothing is given out.

    Parameters
    ----------
    goes_on
        Asked after each subject; the rest is left where it says no.

    Returns
    -------
    Whether all is derived.

    Raises
    ------
    FormUnreadable, ProtocolLacks
    """
    with db.read() as connection:
        sources = (
            _glances(connection, db, None, protocol),
            _populations(connection, db, None, protocol),
            clinical_records(connection, db),
        )
        return all(goes_on() for source in sources for _ in source)


def _glances(
    connection: Connection, db: Database, reach: str | None, protocol: Protocol
) -> Iterator[SubjectAtAGlance]:
    conduct, today = conduct_of(protocol), db.today()

    def derive(connection: Connection, subject_id: str, subject: Subject) -> SubjectAtAGlance:
        return _glance(connection, conduct, subject_id, subject, today)

    return each_enrolled(connection, db, reach, (protocol.sha256, today), derive)


def _populations(
    connection: Connection, db: Database, reach: str | None, protocol: Protocol
) -> Iterator[SubjectPopulations]:
    def derive(connection: Connection, subject_id: str, subject: Subject) -> SubjectPopulations:
        facts = facts_for_populations(connection, db, subject_id, protocol)
        return SubjectPopulations(
            site=subject.site_code,
            code=subject.code,
            memberships=() if facts is None else memberships(facts),
        )

    return each_enrolled(connection, db, reach, (protocol.sha256, db.today()), derive)


def _glance(
    connection: Connection, conduct: Conduct, subject_id: str, subject: Subject, today: date
) -> SubjectAtAGlance:
    record = standing_record(connection, subject_id)
    return SubjectAtAGlance(
        site=subject.site_code,
        code=subject.code,
        phase=subject.phase or Phase.IIA,
        open_queries=(
            *derive_outcome(record, conduct, today=today).open_queries,
            *delivery_reading.view_of(connection, conduct, subject_id, today=today).open_queries,
        ),
        worst_grades=worst_grades_of(record, conduct.toxicity.window_days),
    )
