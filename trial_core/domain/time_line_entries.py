"""What a subject's course is shown by: entries with their days, in lanes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trial_core.domain.delivered_fractions import DeliverySource
from trial_core.domain.response import OverallResponse


class Lane(StrEnum):
    """What an entry is drawn beside; radiotherapy has one for each course, toxicity one for each event."""

    TRIAL = "course of the trial"
    RADIOTHERAPY = "radiotherapy"
    SYSTEMIC = "systemic therapy"
    TOXICITY = "toxicity"
    RESPONSE = "scans and response"


class EntryKind(StrEnum):
    """What an entry is."""

    CONSENT = "consent"
    ENROLLED = "enrolled"
    RANDOMISED = "randomised"
    FRACTION = "fraction delivered"
    PARTIAL_FRACTION = "fraction delivered in part"
    MISSED_DAYS = "treatment days missed"
    PLANNED_FRACTION = "fraction planned"
    CYCLE_GIVEN = "cycle given"
    CYCLE_OMITTED = "cycle omitted"
    CYCLE_DUE = "cycle due"
    CYCLE_PLANNED = "cycle planned"
    GRADE = "toxicity grade"
    BASELINE = "baseline scan"
    ASSESSMENT = "tumour assessment"
    PROGRESSION = "progression"
    CLINICAL_PROGRESSION = "clinical progression without imaging"
    THERAPY = "other anticancer therapy"
    LEFT = "left treatment or follow-up"
    DEATH = "death"


@dataclass(frozen=True, kw_only=True)
class TimeLineEntry:
    """One thing that happened, or is planned.

    Attributes
    ----------
    row
        Which course or event of the lane; empty where the lane is one.
    on
        None: on record without a day.
    until
        Of a grade: the day on which it ended or changed; None: it goes on. Of missed days: the last of them.
    about
        Which one: a version, a number, a label, as it was entered; of missed days how many.
    """

    lane: Lane
    kind: EntryKind
    on: date | None
    row: str = ""
    until: date | None = None
    about: str = ""
    grade: int | None = None
    response: OverallResponse | None = None
    source: DeliverySource | None = None
    delay_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class TimeLine:
    """A subject's entries in the order of lanes and days.

    Attributes
    ----------
    start
        Of the subject's clock.
    known_until
        Today; the day of death or of leaving follow-up, where there is one.
    """

    start: date | None
    today: date
    known_until: date
    entries: tuple[TimeLineEntry, ...]

    def days_after_start(self, on: date | None) -> int | None:
        """Days from the start to a day; negative before it."""
        return None if on is None or self.start is None else (on - self.start).days
