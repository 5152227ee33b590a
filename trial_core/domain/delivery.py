"""Delivery against plan: fractions, dose so far, missed days, overall time, gaps, class of deviation."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from trial_core.domain.delivered_fractions import DeliveredFraction
from trial_core.domain.queries import Query, QueryCode, in_order


class DeviationClass(StrEnum):
    """Deviation of the delivered dose from the prescription (PMC5240783)."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"


@dataclass(frozen=True, kw_only=True)
class DeliveryRules:
    """When treatment is given, and what a deviation is.

    Attributes
    ----------
    weekdays
        Days of treatment, Monday being 0.
    minor_above_percent, major_above_percent
        A deviation of exactly so much belongs to the class below.
    """

    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    holidays: frozenset[date] = frozenset()
    minor_above_percent: float = 5.0
    major_above_percent: float = 10.0

    def is_treatment_day(self, on: date) -> bool:
        """Whether treatment is scheduled on a day."""
        return on.weekday() in self.weekdays and on not in self.holidays


@dataclass(frozen=True, kw_only=True)
class PlannedCourse:
    """Fractions that are given one after another: one plan, or plans that replace one another.

    Attributes
    ----------
    plans
        They share the fractions: 20 of plan 1 and 8 of plan 2 are 28.
    dose_gy
        Planned for all fractions together.
    prescribed_gy
        By the protocol.
    """

    regimen: str
    plans: tuple[str, ...]
    fractions: int
    dose_gy: float
    prescribed_gy: float

    def __post_init__(self) -> None:
        if self.fractions < 1 or not (self.dose_gy > 0 and self.prescribed_gy > 0):
            raise ValueError(f"{self.regimen}: a course has at least one fraction and a dose above 0 Gy")


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Treatment days in a row on which nothing was given; `until` None: it goes on."""

    after: date
    until: date | None
    missed_days: int


@dataclass(frozen=True, kw_only=True)
class DeliverySummary:
    """Delivery of one course.

    Attributes
    ----------
    partial
        Fractions that count but were not delivered in full, as (plan, number).
    delivered_dose_gy
        Planned x delivered / planned fractions.
    difference_percent
        Of the delivered dose from the prescription; negative: less.
    deviation
        Its class; None while treatment goes on.
    overall_days, planned_overall_days
        From the first to the last fraction, both included; planned from the first day on the same calendar.
    """

    course: PlannedCourse
    delivered_fractions: int
    partial: tuple[tuple[str, int], ...]
    delivered_dose_gy: float
    difference_percent: float
    deviation: DeviationClass | None
    first_on: date | None
    last_on: date | None
    overall_days: int | None
    planned_overall_days: int | None
    missed_days: tuple[date, ...]
    gaps: tuple[Gap, ...]
    queries: tuple[Query, ...]


def summarise_delivery(
    course: PlannedCourse,
    fractions: Sequence[DeliveredFraction],
    rules: DeliveryRules,
    *,
    today: date,
    ended: bool,
    died_on: date | None = None,
) -> DeliverySummary:
    """Summarise what was delivered of a course.

    Parameters
    ----------
    fractions
        Of any plan; those of other plans are left out.
    today
        Missed days are counted up to yesterday while the course goes on.
    ended
        The course is over, whether complete or not.
    """
    given = [each for each in fractions if each.plan in course.plans]
    days = sorted({each.on for each in given if each.on is not None})
    share = Fraction(len(given), course.fractions)
    dose_gy, prescribed_gy = _exact(course.dose_gy) * share, _exact(course.prescribed_gy)
    difference = 100 * (dose_gy - prescribed_gy) / prescribed_gy
    over = ended or len(given) >= course.fractions
    missed = _missed_days(days, rules, None if over else today)
    return DeliverySummary(
        course=course,
        delivered_fractions=len(given),
        partial=tuple((each.plan, each.fraction) for each in given if each.partial),
        delivered_dose_gy=float(dose_gy),
        difference_percent=float(difference),
        deviation=deviation_class(difference, rules) if over else None,
        first_on=days[0] if days else None,
        last_on=days[-1] if days else None,
        overall_days=(days[-1] - days[0]).days + 1 if days else None,
        planned_overall_days=planned_overall_days(days[0], course.fractions, rules) if days else None,
        missed_days=missed,
        gaps=_gaps(days, missed),
        queries=in_order(_doubts(course, given, today, died_on)),
    )


def deviation_class(difference_percent: Fraction, rules: DeliveryRules) -> DeviationClass:
    """The class of a deviation, on the exact quotient; up or down alike."""
    if abs(difference_percent) > _exact(rules.major_above_percent):
        return DeviationClass.MAJOR
    if abs(difference_percent) > _exact(rules.minor_above_percent):
        return DeviationClass.MINOR
    return DeviationClass.NONE


def planned_overall_days(first_on: date, fractions: int, rules: DeliveryRules) -> int:
    """Days from the first to the last fraction, one on every treatment day from the first one on."""
    left, on = fractions - 1, first_on
    while left > 0:
        on += timedelta(days=1)
        left -= rules.is_treatment_day(on)
    return (on - first_on).days + 1


def _exact(value: float) -> Fraction:
    return Fraction(repr(float(value)))


def _missed_days(days: Sequence[date], rules: DeliveryRules, today: date | None) -> tuple[date, ...]:
    if not days:
        return ()
    end = days[-1] if today is None else max(days[-1], today)
    return tuple(on for on in _between(days[0], end) if rules.is_treatment_day(on) and on not in days)


def _between(first: date, end: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((end - first).days))


def _gaps(days: Sequence[date], missed: Collection[date]) -> tuple[Gap, ...]:
    gaps = []
    for after, until in zip(days, [*days[1:], None], strict=False):
        inside = [on for on in missed if on > after and (until is None or on < until)]
        if inside:
            gaps.append(Gap(after=after, until=until, missed_days=len(inside)))
    return tuple(gaps)


def _doubts(
    course: PlannedCourse, given: Sequence[DeliveredFraction], today: date, died_on: date | None
) -> Iterator[Query]:
    if len(given) > course.fractions:
        yield Query(
            code=QueryCode.FRACTION_NUMBER,
            about=f"regimen {course.regimen}",
            message=f"{len(given)} fractions were delivered, {course.fractions} are planned",
            action="Compare with the record-and-verify system.",
        )
    on_day: dict[date, list[DeliveredFraction]] = {}
    for each in given:
        if each.on is not None:
            on_day.setdefault(each.on, []).append(each)
    for on, fractions in on_day.items():
        if len(fractions) > 1:
            yield _doubt(QueryCode.FRACTION_DAYS, on, f"{len(fractions)} fractions of {course.regimen}")
        if died_on is not None and on > died_on:
            yield _doubt(QueryCode.AFTER_DEATH, on, f"a fraction after the death of {died_on}")
        if on > today:
            yield _doubt(QueryCode.IN_FUTURE, on, "a fraction in the future")


def _doubt(code: QueryCode, on: date, message: str) -> Query:
    return Query(
        code=code, about=f"treatment of {on}", message=message, action="Correct the record that is wrong."
    )
