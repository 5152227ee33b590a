"""Queries: what stays unclear in a subject's history, and what somebody has to say about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class QueryCode(StrEnum):
    """What is unclear."""

    DATE_MISSING = "date missing"
    BEFORE_START = "dated before the start"
    PROGRESSION_BEFORE_START = "progression before the start"
    DEATH_BEFORE_START = "death before the start"
    IN_FUTURE = "dated in the future"
    AFTER_DEATH = "dated after death"
    NO_CONSENT = "no consent on that day"
    AFTER_LEAVING = "dated after the subject left follow-up"
    AFTER_PROGRESSION = "response after progression"
    SAME_DAY = "two assessments on one day contradict each other"
    PROGRESSION_DATE = "date of progression contradicts the assessments"
    CLINICAL_PROGRESSION = "clinical progression without imaging"
    PRIOR_THERAPY = "anticancer therapy before the start"
    RADIOTHERAPY_AGAINST_ARM = "radiotherapy in an arm without it"
    BASELINE = "baseline"
    UNKNOWN_LESION = "reading of an unknown lesion"
    CONTRADICTING_READINGS = "two readings of one lesion contradict each other"
    AFTER_COMPLETE_RESPONSE = "disease after complete response"
    EQUIVOCAL_LESION = "new lesion not certain"
    DELIVERY_TYPE = "treatment delivery type unknown"
    FRACTION_NUMBER = "fraction number missing or not planned"
    BEAM_NOT_PLANNED = "beam that the plan lacks"
    FRACTION_DAYS = "one fraction on two days, or two on one"
    METERSET = "metersets contradict each other"
    CYCLE = "systemic cycle"


@dataclass(frozen=True, kw_only=True, order=True)
class Query:
    """One query: the record and field it is about, what is unclear, and what to do."""

    code: QueryCode
    about: str
    message: str
    action: str


def in_order(queries: Iterable[Query]) -> tuple[Query, ...]:
    """Queries without repetition, in an order that does not depend on that of entry."""
    return tuple(sorted(set(queries)))
