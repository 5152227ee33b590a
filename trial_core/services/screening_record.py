"""What a subject's screening has come to: consents, answers with their judgement, signatures, failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain
from trial_core.db.repositories import forms
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.consent import Consent
from trial_core.domain.eligibility import Eligibility, GivenAnswer
from trial_core.domain.protocol import Protocol
from trial_core.domain.screening import EligibilityForm, ScreeningFailure, StrataForm
from trial_core.domain.signing import SignedState
from trial_core.domain.subject_forms import SubjectForm
from trial_core.services import milestones, signatures
from trial_core.services.authorise import require, subject_in_reach
from trial_core.services.screening import judged_eligibility


@dataclass(frozen=True, kw_only=True)
class ScreeningRecord:
    """The screening of one subject.

    Attributes
    ----------
    consent_versions
        Version of each consent's entry, by the version of the consent form.
    form_version, strata_version
        Version of the form that stands: what a correction or a signature has to name.
    eligibility
        None without a form, or where the protocol's questions have changed since.
    """

    consents: tuple[Consent, ...]
    consent_versions: Mapping[str, int]
    form_version: int | None
    answers: tuple[GivenAnswer, ...]
    eligibility: Eligibility | None
    signatures: tuple[SignedState, ...]
    strata: StrataForm | None
    strata_version: int | None
    failure: ScreeningFailure | None


def screening_record(db: Database, actor: Actor, *, code: str, protocol: Protocol) -> ScreeningRecord:
    """Give the screening of a subject in the actor's reach.

    Raises
    ------
    NotAuthorised, UnknownSubject, SubjectAtSeveralSites
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        subject_id, _ = subject_in_reach(connection, actor, code)
        return _record(connection, subject_id, protocol)


def _record(connection: Connection, subject_id: str, protocol: Protocol) -> ScreeningRecord:
    form = milestones.standing_form(connection, subject_id, SubjectForm.ELIGIBILITY)
    strata = milestones.standing_form(connection, subject_id, SubjectForm.STRATA)
    given = forms.standing(connection, subject_id=subject_id, kind=SubjectForm.CONSENT)
    return ScreeningRecord(
        consents=milestones.consents(connection, subject_id),
        consent_versions={each.occasion: each.version for each in given},
        form_version=None if form is None else form.version,
        answers=() if form is None else from_plain(form.content, EligibilityForm).answers,
        eligibility=judged_eligibility(connection, subject_id, protocol),
        signatures=() if form is None else signatures.form_signatures(connection, form),
        strata=None if strata is None else from_plain(strata.content, StrataForm),
        strata_version=None if strata is None else strata.version,
        failure=milestones.only(connection, subject_id, SubjectForm.SCREENING_FAILURE, ScreeningFailure),
    )
