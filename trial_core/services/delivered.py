"""What was delivered to a subject: records of every version on record and typed fractions, joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain
from trial_core.db.repositories import forms, results, submissions
from trial_core.db.repositories.forms import FormVersion
from trial_core.db.repositories.submissions import Submission
from trial_core.db.session import local_time
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.delivered_fractions import DeliveredFraction, delivered_fractions
from trial_core.domain.delivery_deviations import PlanStanding
from trial_core.domain.delivery_forms import TypedFraction, as_record, typed_otherwise
from trial_core.domain.plan_review import PlanDecision, ReviewForm
from trial_core.domain.plan_standing import StandingEvent, StandingEventKind, plan_standings
from trial_core.domain.queries import Query, in_order
from trial_core.domain.submitted_course import SubmittedCourse


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """Delivered fractions of a subject.

    Attributes
    ----------
    newest
        The course of the newest version on record; None where there is none, or it was checked before
        records were kept (`unread`).
    unread
        Versions whose plans and records are not known: they have to be checked again.
    """

    fractions: tuple[DeliveredFraction, ...]
    queries: tuple[Query, ...]
    newest: SubmittedCourse | None
    newest_version: int | None
    standings: dict[str, PlanStanding]
    unread: tuple[int, ...]


def delivered_to(connection: Connection, subject_id: str) -> Delivered:
    """Join everything that is known of a subject's fractions; versions that do not count are left out."""
    checked = submissions.checked_of(connection, subject_id)
    courses = {each.id: _course(connection, each) for each in checked}
    alone = [_course(connection, each) for each in submissions.records_of(connection, subject_id)]
    records = [record for course in (*courses.values(), *alone) if course for record in course.records]
    records += [as_record(typed) for typed in _typed(connection, subject_id)]
    known = [course.planned_beams for course in courses.values() if course]
    planned = {uid: beams for each in known for uid, beams in each.items()}
    fractions, queries = delivered_fractions(records, planned)
    newest = checked[-1] if checked else None
    return Delivered(
        fractions=fractions,
        queries=in_order([*queries, *typed_otherwise(records)]),
        newest=courses[newest.id] if newest else None,
        newest_version=newest.version if newest else None,
        standings=plan_standings(
            event
            for each in checked
            for event in _events(connection, subject_id, each, courses[each.id] or SubmittedCourse())
        ),
        unread=tuple(each.version or 0 for each in checked if courses[each.id] is None),
    )


def fraction_days(connection: Connection, subject_id: str) -> tuple[date, ...]:
    """List the days on which a subject got radiotherapy, each once."""
    fractions = delivered_to(connection, subject_id).fractions
    return tuple(sorted({each.on for each in fractions if each.on is not None}))


def _typed(connection: Connection, subject_id: str) -> Iterator[TypedFraction]:
    for form in forms.standing(connection, subject_id=subject_id, kind=ClinicalForm.FRACTION):
        yield from_plain(form.content, TypedFraction)


def _course(connection: Connection, submission: Submission) -> SubmittedCourse | None:
    found = results.of_submission(connection, submission.id)
    if not found or found[-1].course is None:
        return None
    return from_plain(found[-1].course, SubmittedCourse)


def _events(
    connection: Connection, subject_id: str, submission: Submission, course: SubmittedCourse
) -> Iterator[StandingEvent]:
    """The events of one version in their order; a re-check that changed nothing is none."""
    plans = {plan.uid: plan.file_sha256 for plan in course.plans}
    decided = forms.history(
        connection, subject_id=subject_id, kind=ReviewForm.DECISION, occasion=submission.id
    )
    contents = _contents(connection, submission.id)
    for number, (from_at, judged) in enumerate(contents):
        kind = StandingEventKind.VOID if number else StandingEventKind.HANDED_OVER
        yield StandingEvent(
            at=local_time(connection, from_at), version=submission.version or 0, kind=kind, plans=plans
        )
        until_at = contents[number + 1][0] if number + 1 < len(contents) else None
        before = [form for form in decided if form.entered_at < from_at][-1:]
        within = [form for form in decided if from_at <= form.entered_at and _is_before(form, until_at)]
        for form in (*before, *within):
            decision = from_plain(form.content, PlanDecision)
            if decision.judged_sha256 == judged:
                accepts = decision.outcome.accepts
                kind = StandingEventKind.ACCEPTED if accepts else StandingEventKind.REJECTED
                at = local_time(connection, max(from_at, form.entered_at))
                yield StandingEvent(at=at, version=submission.version or 0, kind=kind, plans=plans)


def _contents(connection: Connection, submission_id: str) -> list[tuple[datetime, str]]:
    """From when which content stood; results that say the same are one."""
    found: list[tuple[datetime, str]] = []
    for result in results.of_submission(connection, submission_id):
        if not found or found[-1][1] != result.judged_sha256:
            found.append((result.created_at, result.judged_sha256))
    return found


def _is_before(form: FormVersion, moment: datetime | None) -> bool:
    return moment is None or form.entered_at < moment
