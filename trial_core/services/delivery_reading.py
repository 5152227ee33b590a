"""What is known of a subject's delivery, against what was planned: derived within other use cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain
from trial_core.db.repositories import forms
from trial_core.domain.clinical_forms import ClinicalForm, QueryAnswer
from trial_core.domain.conduct import Conduct
from trial_core.domain.delivered_fractions import DeliveredFraction
from trial_core.domain.delivery import DeliverySummary, PlannedCourse, summarise_delivery
from trial_core.domain.delivery_deviations import delivery_deviations
from trial_core.domain.delivery_forms import (
    DeviationAcknowledged,
    ListedDeviation,
    RadiotherapyEnd,
    day_queries,
    listed,
)
from trial_core.domain.pfs_history import Therapy, therapies_against_arm
from trial_core.domain.planned_courses import planned_courses
from trial_core.domain.queries import Query, in_order
from trial_core.domain.subject_outcome import OpenQuery, unanswered
from trial_core.domain.submitted_course import SubmittedCourse
from trial_core.services import milestones
from trial_core.services.delivered import Delivered, delivered_to
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


def view_of(connection: Connection, conduct: Conduct, subject_id: str, *, today: date) -> DeliveryView:
    """Derive a subject's delivery within a transaction of another use case."""
    delivered = delivered_to(connection, subject_id)
    planned, unclear = planned_of(delivered)
    courses = _summaries(connection, conduct, subject_id, planned, delivered, today=today)
    others = _others(planned, delivered.fractions)
    days = _queries_of_days(connection, subject_id, delivered, others, today=today)
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


def planned_of(delivered: Delivered) -> tuple[tuple[PlannedCourse, ...], tuple[Query, ...]]:
    """Give the courses that the newest version plans, and what of them is unclear."""
    return planned_courses((delivered.newest or SubmittedCourse()).plans)


def _summaries(
    connection: Connection,
    conduct: Conduct,
    subject_id: str,
    planned: tuple[PlannedCourse, ...],
    delivered: Delivered,
    *,
    today: date,
) -> tuple[DeliverySummary, ...]:
    died_on = milestones.died_on(connection, subject_id)
    ended = _ended(connection, subject_id)
    over = died_on is not None or milestones.end_of_treatment(connection, subject_id) is not None
    return tuple(
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


def _queries_of_days(
    connection: Connection,
    subject_id: str,
    delivered: Delivered,
    others: tuple[DeliveredFraction, ...],
    *,
    today: date,
) -> list[Query]:
    asked = partial(
        day_queries,
        consents=milestones.consents(connection, subject_id),
        enrolled_on=milestones.enrolled_on(connection, subject_id),
    )
    # What lies after death or in the future is said for a course by its own summary.
    inside = [each for each in delivered.fractions if each not in others]
    died_on = milestones.died_on(connection, subject_id)
    return [*asked(inside, died_on=None, today=date.max), *asked(others, died_on=died_on, today=today)]


def _answers(connection: Connection, subject_id: str) -> tuple[QueryAnswer, ...]:
    found = forms.standing(connection, subject_id=subject_id, kind=ClinicalForm.QUERY_ANSWER)
    return tuple(from_plain(form.content, QueryAnswer) for form in found)


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
