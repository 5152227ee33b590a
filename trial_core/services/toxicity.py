"""Adverse events: record, correct, take back, each with the safety rule in its transaction; worst grades."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from trial_core.db.repositories.forms import FormVersion, latest
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission, may_see_by_arm
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.clinical_record import ClinicalRecord
from trial_core.domain.conduct import Conduct
from trial_core.domain.protocol import Protocol
from trial_core.domain.subject import Subject
from trial_core.domain.toxicity import AdverseEvent, emergent_grade
from trial_core.domain.toxicity_table import ToxicityTable
from trial_core.errors import NotAuthorised
from trial_core.follow_up_errors import EventTwice, UnknownEvent
from trial_core.services.authorise import require, subject_at_site, subject_in_reach
from trial_core.services.clinical_entry import Enrolled, Place, put, remove
from trial_core.services.clinical_reading import standing_record
from trial_core.services.conduct_of import conduct_of
from trial_core.services.each_subject import each_enrolled
from trial_core.services.safety import apply_safety_rule
from trial_core.services.toxicity_tables import toxicity_table


@dataclass(frozen=True, kw_only=True)
class WorstGrade:
    """One term of one subject: the worst grade ever, and the worst that emerged under treatment (or None)."""

    version: str
    term: str
    ever: int
    emergent: int | None


def record_event(
    db: Database, protocol: Protocol, actor: Actor, *, code: str, event: AdverseEvent
) -> FormVersion:
    """Record an adverse event; its id and subject are set here. The same one again changes nothing.

    Raises
    ------
    NotAuthorised, UnknownSubject, NotEnrolled, EventTwice, TextUnusable, EntryImpossible
    """
    require(actor, Permission.REPORT_SAFETY)
    new = replace(event, id=uuid.uuid4().hex, subject=code)
    there = _same_event(db, actor, code, new)
    if there is not None:
        return there
    place = Place(code=code, kind=ClinicalForm.ADVERSE_EVENT, occasion=new.id)
    return _put(db, protocol, actor, place, new)


def correct_event(
    db: Database,
    protocol: Protocol,
    actor: Actor,
    *,
    code: str,
    event: AdverseEvent,
    reason: str,
    seen_version: int,
) -> FormVersion:
    """Correct an adverse event, or add a change of its grade, its end or its outcome.

    Raises
    ------
    NotAuthorised, UnknownSubject, UnknownEvent, EventTwice, TextUnusable, EntryImpossible,
    ReasonMissing, FormChangedMeanwhile
    """
    place = Place(
        code=code,
        kind=ClinicalForm.ADVERSE_EVENT,
        occasion=event.id,
        reason=reason,
        seen_version=seen_version,
    )
    return _put(db, protocol, actor, place, replace(event, subject=code), known=True)


def take_back_event(
    db: Database, protocol: Protocol, actor: Actor, *, code: str, event_id: str, reason: str
) -> FormVersion:
    """Take an adverse event back that should not have been recorded.

    Raises
    ------
    NotAuthorised, UnknownSubject, TextUnusable, EntryImpossible, ReasonMissing, NothingToTakeBack
    """
    place = Place(code=code, kind=ClinicalForm.ADVERSE_EVENT, occasion=event_id, reason=reason)
    return remove(
        db,
        conduct_of(protocol),
        actor,
        place,
        permission=Permission.REPORT_SAFETY,
        then=_safety_rule(db, protocol, actor),
    )


def worst_grades(db: Database, conduct: Conduct, actor: Actor, *, code: str) -> tuple[WorstGrade, ...]:
    """List the terms that a subject had, each with its worst grade.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectAtSeveralSites, FormUnreadable
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        subject_id, _subject = subject_in_reach(connection, actor, code)
        record = standing_record(connection, subject_id)
    return worst_grades_of(record, conduct.toxicity.window_days)


def toxicity_by_arm(db: Database, conduct: Conduct, actor: Actor) -> ToxicityTable:
    """Give today's table of emergent worst grades by arm, the run-in by itself.

    Raises
    ------
    NotAuthorised
        Until a data cut is released it is the statistician's alone, and a released cut has its own table.
    """
    if not may_see_by_arm(actor.role, cut_released=False):
        raise NotAuthorised(Permission.SEE_OUTCOME_BY_ARM.value, actor.role.value)
    with db.read() as connection:
        records = tuple(clinical_records(connection, db))
    return toxicity_table(records, conduct.toxicity)


def clinical_records(connection: Connection, db: Database) -> Iterator[ClinicalRecord]:
    """Give the standing record of every enrolled subject of every site, to a service that has authorised."""
    return each_enrolled(connection, db, None, None, _record)


def _record(connection: Connection, subject_id: str, _subject: Subject) -> ClinicalRecord:
    return standing_record(connection, subject_id)


def _safety_rule(db: Database, protocol: Protocol, actor: Actor) -> Callable[[Connection], None]:
    """Count grade 5 events anew and hold the study where the rule says so, before the commit."""

    def apply(connection: Connection) -> None:
        apply_safety_rule(connection, db, actor, protocol)

    return apply


def _put(
    db: Database,
    protocol: Protocol,
    actor: Actor,
    place: Place,
    event: AdverseEvent,
    *,
    known: bool = False,
) -> FormVersion:
    return put(
        db,
        conduct_of(protocol),
        actor,
        place,
        event,
        permission=Permission.REPORT_SAFETY,
        judges=[Enrolled("an adverse event"), _Judged(event, known=known)],
        then=_safety_rule(db, protocol, actor),
    )


class _Judged:
    """A judge: refuses a second event of one term and onset, and the correction of one not there."""

    def __init__(self, event: AdverseEvent, *, known: bool) -> None:
        self._event = event
        self._known = known

    def __call__(self, connection: Connection, subject_id: str, record: ClinicalRecord) -> None:
        event = self._event
        if self._known and not any(each.id == event.id for each in record.events):
            raise UnknownEvent(event.id)
        for each in record.events:
            if each.id != event.id and _is_same(each, event):
                raise EventTwice(event.term, event.onset)


def _is_same(one: AdverseEvent, other: AdverseEvent) -> bool:
    if not one.grades or not other.grades:
        return False
    same_term = one.term.strip().casefold() == other.term.strip().casefold()
    same_words = one.specified.strip().casefold() == other.specified.strip().casefold()
    return same_term and same_words and one.onset == other.onset


def _same_event(db: Database, actor: Actor, code: str, new: AdverseEvent) -> FormVersion | None:
    """The form of an event that says exactly the same; a form that is sent twice is one event."""
    with db.read() as connection:
        subject_id, _subject = subject_at_site(connection, actor, code)
        record = standing_record(connection, subject_id)
        same = [each for each in record.events if replace(each, id=new.id) == new]
        if not same:
            return None
        kind = ClinicalForm.ADVERSE_EVENT.value
        return latest(connection, subject_id=subject_id, kind=kind, occasion=same[0].id)


def worst_grades_of(record: ClinicalRecord, window_days: int) -> tuple[WorstGrade, ...]:
    """Give the terms of a record, each with its worst grade, by version and term."""
    worst: dict[tuple[str, str], WorstGrade] = {}
    for event in record.events:
        key = event.version, event.term.strip().casefold()
        found = worst.get(key, WorstGrade(version=event.version, term=event.term, ever=0, emergent=None))
        emerged = emergent_grade(event, record.exposure, window_days=window_days)
        grades = [each for each in (found.emergent, emerged) if each is not None]
        worst[key] = replace(
            found, ever=max(found.ever, event.worst_grade), emergent=max(grades, default=None)
        )
    return tuple(worst[key] for key in sorted(worst))
