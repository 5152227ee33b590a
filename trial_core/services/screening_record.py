"""What a subject's screening has come to: consents, answers with their judgement, signatures, failure."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain
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
    form_version
        Version of the eligibility form that stands: what a correction or a signature has to name.
    eligibility
        None without a form, or where the protocol's questions have changed since.
    """

    consents: tuple[Consent, ...]
    form_version: int | None
    answers: tuple[GivenAnswer, ...]
    eligibility: Eligibility | None
    signatures: tuple[SignedState, ...]
    strata: StrataForm | None
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
    return ScreeningRecord(
        consents=milestones.consents(connection, subject_id),
        form_version=None if form is None else form.version,
        answers=() if form is None else from_plain(form.content, EligibilityForm).answers,
        eligibility=judged_eligibility(connection, subject_id, protocol),
        signatures=() if form is None else signatures.form_signatures(connection, form),
        strata=milestones.only(connection, subject_id, SubjectForm.STRATA, StrataForm),
        failure=milestones.only(connection, subject_id, SubjectForm.SCREENING_FAILURE, ScreeningFailure),
    )
