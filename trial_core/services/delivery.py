"""Delivery of radiotherapy: fractions typed in, courses ended, deviations explained."""

from __future__ import annotations

from sqlalchemy import Connection

from trial_core.db.repositories.forms import FormVersion
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.clinical_record import ClinicalRecord
from trial_core.domain.conduct import Conduct
from trial_core.domain.delivery_forms import (
    DeviationAcknowledged,
    RadiotherapyEnd,
    TypedFraction,
    fraction_problem,
)
from trial_core.follow_up_errors import TextUnusable
from trial_core.review_errors import FractionImpossible, UnknownDeviation
from trial_core.services import milestones
from trial_core.services.authorise import require, subject_in_reach
from trial_core.services.clinical_entry import Enrolled, Place, put, remove
from trial_core.services.delivered import delivered_to
from trial_core.services.delivery_reading import DeliveryView, planned_of, view_of
from trial_core.services.readable import LONGEST_TEXT


def enter_fraction(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    code: str,
    fraction: TypedFraction,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Type in a fraction of which there is no machine record; where one comes later, that one counts.

    Also in arm B: what was given is recorded, and is a deviation.

    Raises
    ------
    NotAuthorised, UnknownSubject, NotEnrolled, FractionImpossible, TextUnusable, EntryImpossible,
    ReasonMissing, FormChangedMeanwhile
    """

    def judge(connection: Connection, subject_id: str, record: ClinicalRecord) -> None:
        problem = fraction_problem(
            fraction,
            consents=milestones.consents(connection, subject_id),
            enrolled_on=record.subject.enrolled_on,
            died_on=record.died_on,
            today=db.today(),
        )
        if problem is not None:
            raise FractionImpossible(*problem)

    place = Place(
        code=code,
        kind=ClinicalForm.FRACTION,
        occasion=f"{fraction.plan}/{fraction.fraction:03d}",
        reason=reason,
        seen_version=seen_version,
    )
    return put(db, conduct, actor, place, fraction, judges=[Enrolled("a fraction"), judge])


def take_back_fraction(
    db: Database, conduct: Conduct, actor: Actor, *, code: str, plan: str, fraction: int, reason: str
) -> FormVersion:
    """Take a typed fraction back; the records of a machine stay as they are.

    Raises
    ------
    NotAuthorised, UnknownSubject, TextUnusable, EntryImpossible, ReasonMissing, NothingToTakeBack
    """
    occasion = f"{plan}/{fraction:03d}"
    place = Place(code=code, kind=ClinicalForm.FRACTION, occasion=occasion, reason=reason)
    return remove(db, conduct, actor, place)


def end_radiotherapy(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    code: str,
    end: RadiotherapyEnd,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Enter that a course will not go on; its deviation from the prescription is judged from then on.

    Raises
    ------
    NotAuthorised, UnknownSubject, NotEnrolled, FractionImpossible, TextUnusable, EntryImpossible,
    ReasonMissing, FormChangedMeanwhile
    """

    def judge(connection: Connection, subject_id: str, _record: ClinicalRecord) -> None:
        delivered = delivered_to(connection, subject_id)
        known = {course.regimen for course in planned_of(delivered)[0]}
        if end.regimen not in known:
            raise FractionImpossible("course", f"{end.regimen!r} is not planned. Choose one that is.")
        if end.on > db.today():
            raise FractionImpossible("day", f"{end.on} lies in the future. Correct it.")

    if not end.words.strip():
        raise TextUnusable("words", LONGEST_TEXT)
    place = Place(
        code=code,
        kind=ClinicalForm.RADIOTHERAPY_END,
        occasion=end.regimen,
        reason=reason,
        seen_version=seen_version,
    )
    return put(db, conduct, actor, place, end, judges=[Enrolled("the end of a course"), judge])


def delivery_view(db: Database, conduct: Conduct, actor: Actor, *, code: str) -> DeliveryView:
    """Give delivered against planned, dose so far, missed days, gaps, deviations and queries.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectAtSeveralSites
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        subject_id, _subject = subject_in_reach(connection, actor, code)
        return view_of(connection, conduct, subject_id, today=db.today())


def acknowledge_deviation(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    code: str,
    key: str,
    words: str,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Say why a deviation happened, for its fractions as they are now; later ones are open again.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectAtSeveralSites, UnknownDeviation, TextUnusable, EntryImpossible,
    ReasonMissing, FormChangedMeanwhile
    """
    require(actor, Permission.ACKNOWLEDGE_DEVIATION)
    if not words.strip():
        raise TextUnusable("words", LONGEST_TEXT)
    view = delivery_view(db, conduct, actor, code=code)
    found = next((each for each in view.deviations if each.key == key), None)
    if found is None:
        raise UnknownDeviation(key)
    content = DeviationAcknowledged(
        kind=found.deviation.kind,
        plan=found.deviation.plan,
        fractions=found.deviation.fractions,
        words=words,
    )
    place = Place(
        code=code, kind=ClinicalForm.DEVIATION, occasion=key, reason=reason, seen_version=seen_version
    )
    return put(db, conduct, actor, place, content, permission=Permission.ACKNOWLEDGE_DEVIATION)
