"""The demo study's subjects: registered, screened and enrolled by services, wherever that stopped before."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from trial_core.domain.consent import Consent
from trial_core.domain.eligibility import EligibilityQuestion, GivenAnswer
from trial_core.domain.subject import SubjectStatus
from trial_core.enrolment_errors import FormRefused
from trial_core.errors import AlreadyExists
from trial_core.protocols.reader import read_protocol
from trial_core.services import enrolment, screening, subjects
from trial_core.services.conduct_of import conduct_of
from trial_core.services.screening_record import screening_record

if TYPE_CHECKING:
    from trial_core.db.session import Database
    from trial_core.domain.access import Actor
    from trial_core.domain.protocol import Protocol

CONSENT_VERSION = "1.0"
_CONSENT_FROM = date(2023, 8, 1)
_VALUES = {"age": 61.0, "ECOG": 1.0, "PG-SGA": 3.0}
_TOO_ILL = {"ECOG": 2.0}


@dataclass(frozen=True)
class PlannedSubject:
    """A subject of the demo study and how far it is to come."""

    code: str
    status: SubjectStatus


@dataclass(frozen=True)
class Site:
    """Who works at a site: who enters, and who signs, with the password that signing asks for."""

    staff: Actor
    investigator: Actor
    password: str


def use_consent_form(db: Database, office: Actor) -> None:
    """Put the consent form in use, once."""
    with suppress(AlreadyExists):
        screening.register_consent_form(db, office, version=CONSENT_VERSION, from_on=_CONSENT_FROM)


def bring_on(db: Database, site: Site, planned: PlannedSubject) -> None:
    """Register a subject and bring it as far as planned; what is done already is not done again."""
    protocol = read_protocol()
    with suppress(AlreadyExists):
        subjects.create_subject(db, site.staff, code=planned.code)
    now = subjects.subject_record(db, site.staff, code=planned.code).subject.status
    if now is not SubjectStatus.SCREENING or planned.status is SubjectStatus.SCREENING:
        return
    _consent(db, site.staff, planned.code)
    if planned.status is SubjectStatus.ENROLLED:
        _enrol(db, site, planned.code, protocol)
    else:
        _fail(db, site.staff, planned.code, protocol)


def _consent(db: Database, staff: Actor, code: str) -> None:
    consent = Consent(on=db.now().date(), version=CONSENT_VERSION)
    with suppress(FormRefused):  # an earlier start was cut off after this step
        screening.enter_consent(db, staff, code=code, consent=consent)


def _enrol(db: Database, site: Site, code: str, protocol: Protocol) -> None:
    _answer(db, site.staff, code, protocol, _VALUES)
    seen = screening_record(db, site.investigator, code=code, protocol=protocol)
    screening.sign_eligibility(
        db,
        site.investigator,
        code=code,
        protocol=protocol,
        password=site.password,
        seen_version=seen.form_version or 1,
    )
    enrolment.enrol_subject(db, site.staff, code=code, protocol=protocol)


def _fail(db: Database, staff: Actor, code: str, protocol: Protocol) -> None:
    _answer(db, staff, code, protocol, {**_VALUES, **_TOO_ILL})
    screening.fail_screening(db, staff, code=code, protocol=protocol, on=db.now().date())


def _answer(db: Database, staff: Actor, code: str, protocol: Protocol, values: Mapping[str, float]) -> None:
    answers = [_given(question, values) for question in conduct_of(protocol).questions]
    screening.enter_eligibility(db, staff, code=code, protocol=protocol, answers=answers)


def _given(question: EligibilityQuestion, values: Mapping[str, float]) -> GivenAnswer:
    if question.measure is None:
        return GivenAnswer(question=question.id, answer=question.wanted)
    value = values[question.id]
    return GivenAnswer(question=question.id, answer=question.measure.means(value), value=value)
