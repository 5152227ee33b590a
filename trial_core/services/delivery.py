"""Delivery of radiotherapy: fractions typed in, delivered against planned, and the deviations it shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain
from trial_core.db.repositories import forms
from trial_core.db.repositories.forms import FormVersion
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.clinical_forms import ClinicalForm, QueryAnswer
from trial_core.domain.clinical_record import ClinicalRecord
from trial_core.domain.conduct import Conduct
from trial_core.domain.delivered_fractions import DeliveredFraction
from trial_core.domain.delivery import DeliverySummary, PlannedCourse, summarise_delivery
from trial_core.domain.delivery_deviations import delivery_deviations
from trial_core.domain.delivery_forms import (
    DeviationAcknowledged,
    ListedDeviation,
    RadiotherapyEnd,
    TypedFraction,
    day_queries,
    fraction_problem,
    listed,
)
from trial_core.domain.pfs_history import Therapy, therapies_against_arm
from trial_core.domain.planned_courses import planned_courses
from trial_core.domain.queries import Query, in_order
from trial_core.domain.subject_outcome import OpenQuery, unanswered
from trial_core.domain.submitted_course import SubmittedCourse
from trial_core.follow_up_errors import TextUnusable
from trial_core.review_errors import FractionImpossible, UnknownDeviation
from trial_core.services import milestones
from trial_core.services.authorise import require, subject_in_reach
from trial_core.services.clinical_entry import Enrolled, Place, put, remove
from trial_core.services.delivered import Delivered, delivered_to
from trial_core.services.readable import LONGEST_TEXT
from trial_core.services.subject_facts import facts_of


@dataclass(frozen=True, kw_only=True)
class DeliveryView:
    """What was delivered to a subject against what was planned, derived when asked.

    Attributes
    ----------
    version
        The newest version on record, whose plans are the planned courses; None where there is none.
    queries, open_queries
        All that is unclear, and what of it nobody has answered (`outcomes.answer_query`).
    other_fractions
        Fractions on plans that are not in that version: in no dose here.
    against_arm
        Radiotherapy entered as a therapy that the subject's arm does not have: deviations, too.
    unread_versions
        Versions that have to be checked again before their records count.
    """

    version: int | None
    fractions: tuple[DeliveredFraction, ...]
    courses: tuple[DeliverySummary, ...]
    other_fractions: tuple[DeliveredFraction, ...]
    deviations: tuple[ListedDeviation, ...]
    against_arm: tuple[Therapy, ...]
    queries: tuple[Query, ...]
    open_queries: tuple[OpenQuery, ...]
    unread_versions: tuple[int, ...]


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
        known = {course.regimen for course in _planned(delivered)[0]}
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


def view_of(connection: Connection, conduct: Conduct, subject_id: str, *, today: date) -> DeliveryView:
    """Derive a subject's delivery within a transaction of another use case."""
    delivered = delivered_to(connection, subject_id)
    died_on = milestones.died_on(connection, subject_id)
    planned, unclear = _planned(delivered)
    ended = _ended(connection, subject_id)
    over = died_on is not None or milestones.end_of_treatment(connection, subject_id) is not None
    courses = tuple(
        summarise_delivery(
            course,
            delivered.fractions,
            conduct.delivery,
            today=today,
            ended=over or course.regimen in ended,
            died_on=died_on,
        )
        for course in planned
    )
    others = _others(planned, delivered.fractions)
    asked = partial(
        day_queries,
        consents=milestones.consents(connection, subject_id),
        enrolled_on=milestones.enrolled_on(connection, subject_id),
    )
    # What lies after death or in the future is said for a course by its own summary.
    inside = [each for each in delivered.fractions if each not in others]
    days = (
        *asked(inside, died_on=None, today=date.max),
        *asked(others, died_on=died_on, today=today),
    )
    own = [query for course in courses for query in course.queries]
    queries = in_order([*delivered.queries, *unclear, *own, *days])
    return DeliveryView(
        version=delivered.newest_version,
        fractions=delivered.fractions,
        courses=courses,
        other_fractions=others,
        deviations=_deviations(connection, subject_id, delivered),
        against_arm=_against_arm(connection, subject_id),
        queries=queries,
        open_queries=unanswered(_answers(connection, subject_id), queries),
        unread_versions=delivered.unread,
    )


def _answers(connection: Connection, subject_id: str) -> tuple[QueryAnswer, ...]:
    found = forms.standing(connection, subject_id=subject_id, kind=ClinicalForm.QUERY_ANSWER)
    return tuple(from_plain(form.content, QueryAnswer) for form in found)


def _planned(delivered: Delivered) -> tuple[tuple[PlannedCourse, ...], tuple[Query, ...]]:
    return planned_courses((delivered.newest or SubmittedCourse()).plans)


def _others(
    planned: tuple[PlannedCourse, ...], fractions: tuple[DeliveredFraction, ...]
) -> tuple[DeliveredFraction, ...]:
    known = {plan for course in planned for plan in course.plans}
    return tuple(each for each in fractions if each.plan not in known)


def _ended(connection: Connection, subject_id: str) -> frozenset[str]:
    found = forms.standing(connection, subject_id=subject_id, kind=ClinicalForm.RADIOTHERAPY_END)
    return frozenset(from_plain(form.content, RadiotherapyEnd).regimen for form in found)


def _against_arm(connection: Connection, subject_id: str) -> tuple[Therapy, ...]:
    entered = forms.standing(connection, subject_id=subject_id, kind=ClinicalForm.THERAPY)
    return therapies_against_arm(
        (from_plain(form.content, Therapy) for form in entered),
        arm_has_radiotherapy=facts_of(connection, subject_id).has_radiotherapy,
    )


def _deviations(connection: Connection, subject_id: str, delivered: Delivered) -> tuple[ListedDeviation, ...]:
    found = delivery_deviations(
        delivered.fractions,
        delivered.standings,
        arm_has_radiotherapy=facts_of(connection, subject_id).has_radiotherapy,
    )
    said = forms.standing(connection, subject_id=subject_id, kind=ClinicalForm.DEVIATION)
    return listed(found, (from_plain(form.content, DeviationAcknowledged) for form in said))
