"""A subject's forms read as one clinical record; the same for today's record and for a data cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain
from trial_core.db.repositories import forms
from trial_core.domain.clinical_forms import (
    BaselineForm,
    ClinicalForm,
    ClinicalProgression,
    Contact,
    Death,
    EligibilityViolation,
    QueryAnswer,
)
from trial_core.domain.clinical_record import ClinicalRecord, SubjectFacts
from trial_core.domain.consent import Consent
from trial_core.domain.leaving import Leaving
from trial_core.domain.pfs_history import Therapy
from trial_core.domain.readings import Visit
from trial_core.domain.response import SetByHand
from trial_core.domain.subject_forms import Enrolment, SubjectForm
from trial_core.domain.systemic import Cycle
from trial_core.domain.toxicity import AdverseEvent
from trial_core.follow_up_errors import FormUnreadable
from trial_core.services.delivered import fraction_days
from trial_core.services.subject_facts import facts_of

T = TypeVar("T")


class StandingForm(Protocol):
    """A form that stands: its kind, occasion and plain content."""

    @property
    def kind(self) -> str:
        """Which form."""

    @property
    def occasion(self) -> str:
        """Which one of them."""

    @property
    def content(self) -> dict[str, Any]:
        """What it holds, plain."""


def standing_record(connection: Connection, subject_id: str) -> ClinicalRecord:
    """Read a subject's record as it stands now.

    Raises
    ------
    FormUnreadable
    """
    standing = forms.standing(connection, subject_id=subject_id)
    days = fraction_days(connection, subject_id)
    return record_of(facts_of(connection, subject_id), standing, days)


def record_of(
    facts: SubjectFacts, standing: Iterable[StandingForm], days_of_radiotherapy: tuple[date, ...]
) -> ClinicalRecord:
    """Read standing forms as one record; forms that are not clinical are left aside.

    Raises
    ------
    FormUnreadable
    """
    forms_here = tuple(standing)
    enrolments = _all(forms_here, SubjectForm.ENROLMENT, Enrolment)
    baselines = _all(forms_here, ClinicalForm.BASELINE, BaselineForm)
    deaths = _all(forms_here, ClinicalForm.DEATH, Death)
    return ClinicalRecord(
        subject=replace(facts, enrolled_on=enrolments[0].on if enrolments else None),
        consents=_all(forms_here, SubjectForm.CONSENT, Consent),
        baseline=baselines[0] if baselines else None,
        visits=_all(forms_here, ClinicalForm.VISIT, Visit),
        by_hand=_all(forms_here, ClinicalForm.RESPONSE_BY_HAND, SetByHand),
        therapies=_all(forms_here, ClinicalForm.THERAPY, Therapy),
        contacts=_all(forms_here, ClinicalForm.CONTACT, Contact),
        death=deaths[0] if deaths else None,
        clinical_progressions=_all(forms_here, ClinicalForm.CLINICAL_PROGRESSION, ClinicalProgression),
        cycles=_all(forms_here, ClinicalForm.CYCLE, Cycle),
        events=_all(forms_here, ClinicalForm.ADVERSE_EVENT, AdverseEvent),
        fraction_days=days_of_radiotherapy,
        leavings=_all(forms_here, SubjectForm.LEAVING, Leaving),
        violations=_all(forms_here, ClinicalForm.VIOLATION, EligibilityViolation),
        answers=_all(forms_here, ClinicalForm.QUERY_ANSWER, QueryAnswer),
    )


def _all(standing: Iterable[StandingForm], kind: StrEnum, content: type[T]) -> tuple[T, ...]:
    return tuple(_read(form, content) for form in standing if form.kind == kind)


def _read(form: StandingForm, content: type[T]) -> T:
    try:
        return from_plain(form.content, content)
    except ValueError as error:
        raise FormUnreadable(form.kind, form.occasion) from error
