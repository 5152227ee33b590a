"""Adverse events: grades over time, attribution, and which of them emerged under treatment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from trial_core.domain.ctcae import HIGHEST_GRADE, CtcaeCatalogue, GradeNotAllowed, UnknownTerm

TREATMENT_EMERGENT_DAYS = 90
"""Assumed: how long after the last treatment an event still counts as treatment-emergent."""


class Treatment(StrEnum):
    """What an event is attributed to, each by itself."""

    LDRT = "LDRT"
    CFRT = "CFRT"
    PD1 = "PD-1 inhibitor"
    CHEMOTHERAPY = "chemotherapy"


class Attribution(StrEnum):
    """How likely a treatment caused an event, in rising order."""

    NONE = "none"
    UNLIKELY = "unlikely"
    POSSIBLE = "possible"
    PROBABLE = "probable"
    DEFINITE = "definite"

    @property
    def is_related(self) -> bool:
        """Possible, probable or definite."""
        return self in (Attribution.POSSIBLE, Attribution.PROBABLE, Attribution.DEFINITE)


class Outcome(StrEnum):
    """How an event ended."""

    RECOVERED = "recovered"
    RECOVERED_WITH_SEQUELAE = "recovered with sequelae"
    RECOVERING = "recovering"
    NOT_RECOVERED = "not recovered"
    FATAL = "fatal"
    UNKNOWN = "unknown"


def asks_what(term: str) -> bool:
    """Whether a term is its class's "Other, specify": CTCAE has the event named beside it."""
    return term.strip().casefold().endswith("other, specify")


@dataclass(frozen=True, kw_only=True, order=True)
class GradeFrom:
    """The grade of an event from a day on."""

    on: date
    grade: int


@dataclass(frozen=True, kw_only=True)
class AdverseEvent:
    """One adverse event of one subject.

    Attributes
    ----------
    version, term
        Of CTCAE; the version stays with the event.
    grades
        The grade at onset and its changes, in any order; the earliest day is the onset.
    ended_on
        None: goes on.
    baseline_grade
        0: not there at baseline.
    attribution
        A treatment that is not in it has not been assessed.
    specified
        What it was, of a term that is "... - Other, specify"; empty of every other term.
    """

    id: str
    subject: str
    version: str
    term: str
    grades: tuple[GradeFrom, ...]
    ended_on: date | None = None
    baseline_grade: int = 0
    attribution: Mapping[Treatment, Attribution] = field(default_factory=dict)
    serious: bool = False
    outcome: Outcome = Outcome.UNKNOWN
    specified: str = ""

    @property
    def onset(self) -> date:
        """The first day."""
        return min(self.grades).on

    @property
    def worst_grade(self) -> int:
        """The highest grade it ever had."""
        return max(each.grade for each in self.grades)

    @property
    def is_related(self) -> bool:
        """Whether it was possibly, probably or definitely caused by any treatment."""
        return any(each.is_related for each in self.attribution.values())

    @property
    def is_assessed(self) -> bool:
        """Whether its attribution to every treatment was given, or one is enough to call it related."""
        return self.is_related or set(self.attribution) == set(Treatment)


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """First and last day of study treatment of a subject; `last_on` None: treatment goes on."""

    first_on: date | None
    last_on: date | None = None


@dataclass(frozen=True, kw_only=True, order=True)
class EventProblem:
    """What cannot be in an event: its field, what is wrong, and what to do."""

    field: str
    message: str
    action: str


def event_problems(
    event: AdverseEvent, catalogue: CtcaeCatalogue, *, died_on: date | None = None
) -> tuple[EventProblem, ...]:
    """All that cannot be; empty where the event can be entered as it is."""
    if not event.grades:
        return (EventProblem(field="grades", message="there is none", action="Enter the grade at onset."),)
    problems = [
        *_about_term(event),
        *_about_grades(event, catalogue),
        *_about_days(event, died_on),
        *_about_death(event, died_on),
    ]
    return tuple(sorted(set(problems)))


def emergent_grade(
    event: AdverseEvent, exposure: Exposure, *, window_days: int = TREATMENT_EMERGENT_DAYS
) -> int | None:
    """The worst grade that emerged under treatment, or None where none did.

    Emerged: a grade reached from the first day of treatment to the last one + window that is worse than the
    baseline grade and than the grade right before the first treatment.
    """
    if exposure.first_on is None or not event.grades:
        return None
    before = [each for each in sorted(event.grades) if each.on < exposure.first_on]
    start = max(event.baseline_grade, before[-1].grade if before else 0)
    worst = max(
        (each.grade for each in event.grades if _is_within(each.on, exposure, window_days)), default=0
    )
    return worst if worst > start else None


def _is_within(on: date, exposure: Exposure, window_days: int) -> bool:
    if exposure.first_on is None or on < exposure.first_on:
        return False
    return exposure.last_on is None or on <= exposure.last_on + timedelta(days=window_days)


def _about_term(event: AdverseEvent) -> Iterator[EventProblem]:
    if asks_what(event.term) and not event.specified.strip():
        message = f"'{event.term}' does not say what it was"
        yield EventProblem(field="specified", message=message, action="Write the event in your own words.")
    if not asks_what(event.term) and event.specified.strip():
        message = f"'{event.term}' says what it was by itself"
        yield EventProblem(
            field="specified",
            message=message,
            action="Leave it empty, or choose the class's term 'Other, specify'.",
        )


def _about_grades(event: AdverseEvent, catalogue: CtcaeCatalogue) -> Iterator[EventProblem]:
    grades = {"grades": [each.grade for each in event.grades], "baseline grade": [event.baseline_grade]}
    for name, values in grades.items():
        for grade in values:
            if name == "baseline grade" and grade == 0:
                continue
            try:
                catalogue.graded(event.version, event.term, grade)
            except UnknownTerm as error:
                yield EventProblem(field="term", message=str(error), action="Choose a term of the list.")
            except GradeNotAllowed as error:
                yield EventProblem(field=name, message=str(error), action="Choose a grade of the term.")
    if event.baseline_grade == HIGHEST_GRADE:
        yield EventProblem(
            field="baseline grade", message="nobody is dead at baseline", action="Correct the grade."
        )


def _about_days(event: AdverseEvent, died_on: date | None) -> Iterator[EventProblem]:
    days = [each.on for each in event.grades]
    if len(set(days)) < len(days):
        yield EventProblem(field="grades", message="two grades on one day", action="Keep the worse one.")
    if event.ended_on is not None and event.ended_on < max(days):
        message = f"{event.ended_on} lies before a grade of {max(days)}"
        yield EventProblem(field="end", message=message, action="Correct the date that is wrong.")
    if died_on is not None and max(days) > died_on:
        message = f"a grade of {max(days)} lies after the death of {died_on}"
        yield EventProblem(field="grades", message=message, action="Correct the date that is wrong.")


def _about_death(event: AdverseEvent, died_on: date | None) -> Iterator[EventProblem]:
    fatal = [each for each in event.grades if each.grade == HIGHEST_GRADE]
    if bool(fatal) != (event.outcome is Outcome.FATAL):
        message = "grade 5 and outcome 'fatal' belong together"
        yield EventProblem(field="outcome", message=message, action="Correct the grade or the outcome.")
    if not fatal:
        return
    if max(event.grades).grade != HIGHEST_GRADE or len(fatal) > 1:
        yield EventProblem(
            field="grades", message="grade 5 is the last one", action="Remove what follows it."
        )
    if died_on is None:
        yield EventProblem(field="grades", message="grade 5 without a death", action="Enter the death.")
    elif fatal[0].on != died_on:
        message = f"grade 5 of {fatal[0].on}, but the death was on {died_on}"
        yield EventProblem(field="grades", message=message, action="Correct the date that is wrong.")
    if not event.serious:
        yield EventProblem(field="serious", message="a death is always serious", action="Mark it as serious.")
