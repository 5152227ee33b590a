"""Kinds of forms that say where a subject stands, and the contents that no other module of the domain has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from trial_core.domain.subject import Phase


class SubjectForm(StrEnum):
    """The value is the form's kind on record, what it holds stands beside it."""

    CONSENT = "consent"  # consent.Consent; occasion: its version
    ELIGIBILITY = "eligibility"  # screening.EligibilityForm
    SCREENING_FAILURE = "screening failure"  # screening.ScreeningFailure
    STRATA = "strata"  # screening.StrataForm
    ENROLMENT = "enrolment"  # Enrolment
    LEAVING = "leaving"  # leaving.Leaving; occasion: its kind
    SERIOUS_REPORT = (
        "serious event report"  # SeriousEventReport; occasion: the event's id, a slash, 1, 2, ...
    )
    ADJUDICATION = "adjudication"  # EventAdjudication; occasion: the event's id, a slash, the user's id


ONLY_ONE = "1"
"""The occasion of forms of which a subject has one."""


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """The day of registration in a phase, under a version of the protocol."""

    on: date
    phase: Phase
    protocol_version: str


@dataclass(frozen=True, kw_only=True)
class SeriousEventReport:
    """A report on a serious event: when the site became aware of it, and what is new, without any name."""

    event_id: str
    aware_at: datetime
    words: str


@dataclass(frozen=True, kw_only=True)
class EventAdjudication:
    """What one adjudicator decided of one version of a grade 5 event."""

    event_id: str
    event_sha256: str
    related: bool
    reason: str
