"""Fractions of several days typed in at once, as a treatment chart has them: all are taken or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sqlalchemy import Connection

from trial_core.db.repositories import forms
from trial_core.db.repositories.forms import FormVersion
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.clinical_record import ClinicalRecord
from trial_core.domain.conduct import Conduct
from trial_core.domain.delivery_forms import TypedFraction, fraction_problem
from trial_core.review_errors import FractionOfWeekImpossible
from trial_core.services import milestones
from trial_core.services.authorise import require, subject_at_site
from trial_core.services.clinical_entry import Enrolled, Judge, Place, put_within

MOST_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class DayGiven:
    """A day of treatment, and whether its fraction was delivered in part only."""

    on: date
    partial: bool = False


def enter_week(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    code: str,
    plan: str,
    first: int,
    days: Sequence[DayGiven],
) -> tuple[FormVersion, ...]:
    """Type in the fractions of up to seven days of one plan, numbered from `first` in the order of the days.

    Where a machine record comes later, that one counts. A fraction on record is corrected in its form.

    Raises
    ------
    NotAuthorised, UnknownSubject, NotEnrolled, FractionOfWeekImpossible, TextUnusable, EntryImpossible
    """
    require(actor, Permission.ENTER_CLINICAL)
    with db.transaction() as connection:
        subject_at_site(connection, actor, code)
        _require_order(days)
        return tuple(
            _enter(connection, db, conduct, actor, code=code, at=at, fraction=fraction)
            for at, fraction in enumerate(_fractions(plan, first, days), 1)
        )


def _require_order(days: Sequence[DayGiven]) -> None:
    if not days:
        raise FractionOfWeekImpossible(1, "there is no day. Enter the days on which fractions were given.")
    if len(days) > MOST_DAYS:
        raise FractionOfWeekImpossible(MOST_DAYS + 1, f"these are more than {MOST_DAYS} days. Enter fewer.")
    for at, (before, after) in enumerate(pairwise(days), 2):
        if after.on <= before.on:
            problem = f"{after.on} is not after {before.on}. Enter each day once, in order."
            raise FractionOfWeekImpossible(at, problem)


def _fractions(plan: str, first: int, days: Sequence[DayGiven]) -> list[TypedFraction]:
    return [
        TypedFraction(plan=plan, fraction=number, on=day.on, partial=day.partial)
        for number, day in enumerate(days, first)
    ]


def _enter(
    connection: Connection,
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    code: str,
    at: int,
    fraction: TypedFraction,
) -> FormVersion:
    def judge(connection: Connection, subject_id: str, record: ClinicalRecord) -> None:
        problem = fraction_problem(
            fraction,
            consents=milestones.consents(connection, subject_id),
            enrolled_on=record.subject.enrolled_on,
            died_on=record.died_on,
            today=db.today(),
        )
        if problem is not None:
            raise FractionOfWeekImpossible(at, problem[1])
        if _is_on_record(connection, subject_id, fraction):
            number = fraction.fraction
            words = f"fraction {number} is on record already. Correct it there, or begin with another number."
            raise FractionOfWeekImpossible(at, words)

    place = Place(code=code, kind=ClinicalForm.FRACTION, occasion=f"{fraction.plan}/{fraction.fraction:03d}")
    judges: tuple[Judge, ...] = (Enrolled("a fraction"), judge)
    return put_within(connection, db, conduct, actor, place=place, content=fraction, judges=judges)


def _is_on_record(connection: Connection, subject_id: str, fraction: TypedFraction) -> bool:
    occasion = f"{fraction.plan}/{fraction.fraction:03d}"
    found = forms.standing(connection, subject_id=subject_id, kind=ClinicalForm.FRACTION)
    return any(each.occasion == occasion for each in found)
