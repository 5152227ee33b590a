"""The analysis populations of a subject, each with its reasons, computed from the record as it stands."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.populations import Membership, PopulationFacts, memberships
from trial_core.domain.protocol import Protocol
from trial_core.domain.subject_outcome import population_facts
from trial_core.services.authorise import require, subject_in_reach
from trial_core.services.clinical_reading import standing_record
from trial_core.services.conduct_of import conduct_of
from trial_core.services.major_deviations import major_deviations
from trial_core.services.screening import failed_criteria


def populations_of(db: Database, actor: Actor, *, code: str, protocol: Protocol) -> tuple[Membership, ...]:
    """Tell which populations a subject is in and why, or why not; none before enrolment.

    An eligibility form that was corrected after enrolment, and now fails a criterion, violates it.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectAtSeveralSites, FormUnreadable
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        subject_id, _ = subject_in_reach(connection, actor, code)
        facts = facts_for_populations(connection, db, subject_id, protocol)
    return () if facts is None else memberships(facts)


def facts_for_populations(
    connection: Connection, db: Database, subject_id: str, protocol: Protocol
) -> PopulationFacts | None:
    """Give what a subject's populations are decided by today; None before enrolment."""
    facts = population_facts(standing_record(connection, subject_id))
    if facts is None:
        return None
    failed = failed_criteria(connection, subject_id, protocol)
    violated = dict.fromkeys((*facts.violated_criteria, *failed))
    today = db.today()
    deviations = major_deviations(connection, conduct_of(protocol), subject_id, today=today)
    return replace(facts, violated_criteria=tuple(violated), major_deviations=deviations)
