"""A subject's days and standing forms, as other use cases need them, read in their transaction."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain
from trial_core.db.repositories import forms
from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.clinical_forms import DEATH_OCCASION, ClinicalForm, Death
from trial_core.domain.consent import Consent
from trial_core.domain.leaving import Leaving, LeavingKind
from trial_core.domain.subject_forms import ONLY_ONE, Enrolment, SubjectForm

T = TypeVar("T")

_ENDS_TREATMENT = (
    LeavingKind.END_OF_TREATMENT,
    LeavingKind.WITHDRAWAL_FROM_TREATMENT,
    LeavingKind.WITHDRAWAL_OF_DATA_USE,
)


def only(connection: Connection, subject_id: str, kind: str, content: type[T]) -> T | None:
    """Give the content of the one form of a kind, None where none stands."""
    form = standing_form(connection, subject_id, kind)
    return None if form is None else from_plain(form.content, content)


def standing_form(
    connection: Connection, subject_id: str, kind: str, occasion: str = ONLY_ONE
) -> FormVersion | None:
    """Give the standing version of a form, None where there is none or it was taken back."""
    form = forms.latest(connection, subject_id=subject_id, kind=kind, occasion=occasion)
    return None if form is None or form.void else form


def all_of(connection: Connection, subject_id: str, kind: str, content: type[T]) -> tuple[T, ...]:
    """Give the contents of every standing form of a kind, by occasion."""
    found = forms.standing(connection, subject_id=subject_id, kind=kind)
    return tuple(from_plain(form.content, content) for form in found)


def consents(connection: Connection, subject_id: str) -> tuple[Consent, ...]:
    """Give the subject's consents, oldest first."""
    return tuple(sorted(all_of(connection, subject_id, SubjectForm.CONSENT, Consent)))


def enrolled_on(connection: Connection, subject_id: str) -> date | None:
    """Give the day of registration."""
    enrolment = only(connection, subject_id, SubjectForm.ENROLMENT, Enrolment)
    return None if enrolment is None else enrolment.on


def leavings(connection: Connection, subject_id: str) -> tuple[Leaving, ...]:
    """Give how the subject left treatment, follow-up or the trial's data."""
    return all_of(connection, subject_id, SubjectForm.LEAVING, Leaving)


def end_of_treatment(connection: Connection, subject_id: str) -> Leaving | None:
    """Give what ended the subject's study treatment, the earliest; None while it goes on."""
    ends = [each for each in leavings(connection, subject_id) if each.kind in _ENDS_TREATMENT]
    return min(ends, key=lambda each: each.on, default=None)


def was_entered(connection: Connection, subject_id: str, kind: str, occasion: str = ONLY_ONE) -> bool:
    """Tell whether a form has ever been on record, also one that was taken back."""
    return forms.latest(connection, subject_id=subject_id, kind=kind, occasion=occasion) is not None


def died_on(connection: Connection, subject_id: str) -> date | None:
    """Give the day of death."""
    form = standing_form(connection, subject_id, ClinicalForm.DEATH, DEATH_OCCASION)
    return None if form is None else from_plain(form.content, Death).on
