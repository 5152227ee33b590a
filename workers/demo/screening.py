"""From registration to enrolment or failure of a demo subject, wherever that stopped before."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING

from trial_core.domain.consent import Consent
from trial_core.domain.eligibility import EligibilityQuestion, GivenAnswer
from trial_core.domain.subject import SubjectStatus
from trial_core.enrolment_errors import FormRefused
from trial_core.errors import AlreadyExists
from trial_core.services import enrolment, screening, subjects
from trial_core.services.conduct_of import conduct_of
from workers.demo.calendar import AMENDED_CONSENT_ON, CONSENT_FORM_ON
from workers.demo.subjects import DemoSubject, Fate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from trial_core.db.session import Database
    from trial_core.domain.access import Actor
    from trial_core.domain.protocol import Protocol

CONSENT_VERSIONS = {"1.0": CONSENT_FORM_ON, "2.0": AMENDED_CONSENT_ON}
"""Each version of the consent form with the day from which it is in use, oldest first."""
_TOO_ILL = {"ECOG": 2.0}
_ONLY_VERSION = 1  # the form is entered once, and not corrected before it is signed


def bring_on(
    db: Database,
    staff: Actor,
    investigator: Actor,
    subject: DemoSubject,
    *,
    password: str,
    protocol: Protocol,
) -> None:
    """Register, screen and enrol (or fail) a subject; `password` is the investigator's, who signs."""
    with suppress(AlreadyExists):
        subjects.create_subject(db, staff, code=subject.code)
    now = subjects.subject_record(db, staff, code=subject.code).subject.status
    if now is not SubjectStatus.SCREENING:
        return
    with suppress(FormRefused):  # an earlier start was cut off after this step
        consent = Consent(on=subject.screened_on, version=_version_in_use(subject.screened_on))
        screening.enter_consent(db, staff, code=subject.code, consent=consent)
    if subject.fate is Fate.IN_SCREENING:
        return
    failed = subject.fate is Fate.SCREENING_FAILURE
    values = {**_values(subject), **(_TOO_ILL if failed else {})}
    answers = [_given(question, values) for question in conduct_of(protocol).questions]
    screening.enter_eligibility(db, staff, code=subject.code, protocol=protocol, answers=answers)
    if failed:
        screening.fail_screening(db, staff, code=subject.code, protocol=protocol, on=subject.screened_on)
        return
    screening.sign_eligibility(
        db, investigator, code=subject.code, protocol=protocol, password=password, seen_version=_ONLY_VERSION
    )
    enrolment.enrol_subject(db, staff, code=subject.code, protocol=protocol)


def consent_again(db: Database, staff: Actor, subject: DemoSubject, *, on: date) -> None:
    """Let a subject who is still followed consent to the amended form."""
    with suppress(FormRefused):  # an earlier start was cut off after this step
        consent = Consent(on=on, version=_version_in_use(on))
        screening.enter_consent(db, staff, code=subject.code, consent=consent)


def _version_in_use(on: date) -> str:
    return [version for version, from_on in CONSENT_VERSIONS.items() if from_on <= on][-1]


def _values(subject: DemoSubject) -> dict[str, float]:
    draw = random.Random(f"values {subject.code}")  # noqa: S311 - reproducible, and no secret
    return {
        "age": float(draw.randint(44, 76)),
        "ECOG": float(draw.randint(0, 1)),
        "PG-SGA": float(draw.randint(0, 7)),
    }


def _given(question: EligibilityQuestion, values: Mapping[str, float]) -> GivenAnswer:
    if question.measure is None:
        return GivenAnswer(question=question.id, answer=question.wanted)
    value = values[question.id]
    return GivenAnswer(question=question.id, answer=question.measure.means(value), value=value)
