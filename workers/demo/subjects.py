"""The 48 synthetic subjects: when and where each was screened, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from workers.demo.calendar import DEMO_DAY, FIRST_IIB_SUBJECT_ON, FIRST_SUBJECT_ON, working_day
from workers.demo.people import SITES

RUN_IN_EVERY_DAYS = 5
IIB_EVERY_DAYS = 9
CHECKED_SUBJECT = "D01-001"
"""The first subject, whose plans are really checked."""
RESUBMITTED_SUBJECT = "D02-001"
"""The second one, whose plans were rejected and came again; both were treated as their records say."""


class Fate(StrEnum):
    """What becomes of a subject, all of them made up."""

    IN_SCREENING = "in screening"
    SCREENING_FAILURE = "screening failure"
    NOT_RANDOMISED = "enrolled in IIb, not randomised yet"
    IN_TREATMENT = "randomised of late, in treatment"
    FOLLOWED = "followed without progression"
    PROGRESSED = "progressed, alive"
    DIED_OF_DISEASE = "progressed, died of the disease"
    DIED_OF_TREATMENT = "died of treatment"
    DIED_OTHERWISE = "died of something else"
    NEW_THERAPY = "new therapy before progression"
    LOST = "lost to follow-up"
    LEFT_TREATMENT = "withdrew from treatment"
    LEFT_FOLLOW_UP = "withdrew from follow-up"
    LEFT_TRIAL = "withdrew the use of data"


@dataclass(frozen=True, kw_only=True)
class DemoSubject:
    """One subject; `typed_fractions`: its radiotherapy is typed in, fraction by fraction."""

    code: str
    site: str
    screened_on: date
    fate: Fate
    typed_fractions: bool = False


# One death of treatment; a death of something else holds the study until it is adjudicated.
_RUN_IN = (
    Fate.FOLLOWED,
    Fate.PROGRESSED,
    Fate.DIED_OF_DISEASE,
    Fate.FOLLOWED,
    Fate.DIED_OF_TREATMENT,
    Fate.PROGRESSED,
    Fate.LOST,
    Fate.DIED_OF_DISEASE,
    Fate.PROGRESSED,
    Fate.LEFT_FOLLOW_UP,
    Fate.DIED_OF_DISEASE,
    Fate.FOLLOWED,
    Fate.DIED_OTHERWISE,
    Fate.PROGRESSED,
    Fate.NEW_THERAPY,
    Fate.DIED_OF_DISEASE,
    Fate.LEFT_TREATMENT,
    Fate.PROGRESSED,
    Fate.FOLLOWED,
    Fate.DIED_OF_DISEASE,
    Fate.PROGRESSED,
    Fate.LOST,
    Fate.FOLLOWED,
    Fate.DIED_OF_DISEASE,
    Fate.PROGRESSED,
)
_IIB = (
    Fate.PROGRESSED,
    Fate.FOLLOWED,
    Fate.DIED_OF_DISEASE,
    Fate.PROGRESSED,
    Fate.FOLLOWED,
    Fate.DIED_OF_DISEASE,
    Fate.PROGRESSED,
    Fate.LEFT_TRIAL,
    Fate.FOLLOWED,
    Fate.LOST,
    Fate.NEW_THERAPY,
)
_LATE_SITE = "D04"
"""Randomises nobody before these: of the first four of a list, whose blocks are of 4 or 6, one at least is in
arm A, so that a plan waits at the end of the demo, however the lists were drawn."""
_LATE_DAYS = (-26, -19, -12, -6)
_TYPED_IN_RUN_IN = (3,)  # on a plan that nobody submitted: the demo has that deviation once


def demo_subjects() -> tuple[DemoSubject, ...]:
    """Give all subjects by the day of screening, numbered at each site in that order."""
    numbers: Counter[str] = Counter()
    found = []
    for index, (on, fate, typed) in enumerate(sorted(_screened(), key=lambda each: each[0])):
        site = _site(index, on, fate)
        numbers[site] += 1
        found.append(
            DemoSubject(
                code=f"{site}-{numbers[site]:03d}",
                site=site,
                screened_on=on,
                fate=fate,
                typed_fractions=typed,
            )
        )
    return tuple(found)


def _site(index: int, on: date, fate: Fate) -> str:
    if fate is Fate.IN_TREATMENT:
        return _LATE_SITE
    sites = [site for site in SITES if site != _LATE_SITE or on < FIRST_IIB_SUBJECT_ON]
    return sites[(index + index // len(sites)) % len(sites)]  # fates go round, and sites otherwise


def _screened() -> Iterator[tuple[date, Fate, bool]]:
    for index, fate in enumerate(_RUN_IN):
        yield _day(FIRST_SUBJECT_ON, index * RUN_IN_EVERY_DAYS), fate, index in _TYPED_IN_RUN_IN
    for index, fate in enumerate(_IIB):
        yield _day(FIRST_IIB_SUBJECT_ON, index * IIB_EVERY_DAYS), fate, False
    for days in _LATE_DAYS:
        yield _day(DEMO_DAY, days), Fate.IN_TREATMENT, False
    for days in (12, 66, 240, 300):
        yield _day(FIRST_SUBJECT_ON, days), Fate.SCREENING_FAILURE, False
    yield _day(DEMO_DAY, -9), Fate.NOT_RANDOMISED, False
    for days in (-6, -4, -1):
        yield _day(DEMO_DAY, days), Fate.IN_SCREENING, False


def _day(first: date, days: int) -> date:
    return working_day(first + timedelta(days=days))
