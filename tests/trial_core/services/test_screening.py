"""Screening and enrolment: consent, signed eligibility, failures, and the phase by the study's state."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.trial_core import enrolling
from tests.trial_core.record import INVESTIGATOR, OFFICE, ONCOLOGIST, OTHER_INVESTIGATOR, STAFF, Record
from trial_core.db.repositories import subjects
from trial_core.domain.consent import Consent
from trial_core.domain.eligibility import Answer, EligibilityStatus, GivenAnswer
from trial_core.domain.subject import Phase, SubjectStatus
from trial_core.enrolment_errors import FormRefused, NotReady, SignatureRefused, StudyForbids
from trial_core.errors import (
    AlreadyExists,
    FormChangedMeanwhile,
    NotAuthorised,
    SignInRefused,
    UnknownSubject,
    WrongState,
)
from trial_core.follow_up_errors import TextUnusable
from trial_core.services import enrolment, screening
from trial_core.services.conduct_of import conduct_of
from trial_core.services.screening_record import screening_record
from trial_core.services.subjects import create_subject

TRIAL = enrolling.protocol_of()
CODE = "S1-001"


def _consent(record: Record, version: str = "1.0", on: date | None = None, seen: int | None = None) -> None:
    screening.enter_consent(
        record.db,
        STAFF,
        code=CODE,
        consent=Consent(on=on or record.clock().date(), version=version),
        reason="digits exchanged" if seen else None,
        seen_version=seen,
    )


def _answer(record: Record, *changed: GivenAnswer, seen: int | None = None) -> EligibilityStatus:
    answers = {each.question: each for each in enrolling.good_answers(TRIAL)}
    answers |= {each.question: each for each in changed}
    judged = screening.enter_eligibility(
        record.db,
        STAFF,
        code=CODE,
        protocol=TRIAL,
        answers=tuple(answers.values()),
        reason="read again" if seen else None,
        seen_version=seen,
    )
    return judged.status


def _sign(record: Record, seen: int = 1) -> None:
    screening.sign_eligibility(
        record.db,
        INVESTIGATOR,
        code=CODE,
        protocol=TRIAL,
        password=enrolling.PASSWORD,
        seen_version=seen,
    )


def _enrol(record: Record) -> Phase | None:
    return enrolment.enrol_subject(record.db, STAFF, code=CODE, protocol=TRIAL).phase


def _missing(record: Record) -> str:
    return "; ".join(enrolment.enrolment_conditions(record.db, STAFF, code=CODE, protocol=TRIAL))


@pytest.fixture
def screened(record: Record) -> Record:
    create_subject(record.db, STAFF, code=CODE)
    return record


@pytest.fixture
def ready(screened: Record) -> Record:
    _consent(screened)
    assert _answer(screened) is EligibilityStatus.ELIGIBLE
    _sign(screened)
    return screened


def test_consent__is_refused_twice_in_the_future_and_to_an_unknown_version(screened: Record) -> None:
    _consent(screened)
    with pytest.raises(FormRefused, match="there already"):
        _consent(screened)
    with pytest.raises(FormRefused, match="no form of version"):
        _consent(screened, "7")
    screening.register_consent_form(screened.db, OFFICE, version="2.0", from_on=screened.clock().date())
    with pytest.raises(FormRefused, match="future"):
        _consent(screened, "2.0", screened.clock().date() + timedelta(days=1))
    with pytest.raises(FormRefused, match="was in use from"):
        _consent(screened, "2.0", screened.clock().date() - timedelta(days=1))


def test_consent__is_corrected_with_a_reason_over_what_was_seen(screened: Record) -> None:
    _consent(screened)
    _consent(screened, on=date(2026, 2, 27), seen=1)
    with pytest.raises(FormChangedMeanwhile):
        _consent(screened, on=date(2026, 2, 26), seen=1)


def test_consent_form__of_a_new_version_asks_for_consent_again(ready: Record) -> None:
    assert _missing(ready) == ""
    screening.register_consent_form(ready.db, OFFICE, version="2.0", from_on=ready.clock().date())
    assert "ask the subject again" in _missing(ready)
    _consent(ready, "2.0")
    assert _enrol(ready) is Phase.IIA


def test_consent_form__is_put_in_use_once_and_by_the_office(record: Record) -> None:
    with pytest.raises(AlreadyExists):
        enrolling.use_consent_form(record.db, OFFICE)
    with pytest.raises(NotAuthorised):
        enrolling.use_consent_form(record.db, STAFF)


def test_enrolment__lists_everything_that_is_missing(screened: Record) -> None:
    with pytest.raises(NotReady) as caught:
        _enrol(screened)
    assert len(caught.value.missing) == 2
    _consent(screened)
    _answer(screened, GivenAnswer(question="pregnancy", answer=Answer.NOT_ANSWERED))
    assert "not answered: pregnancy" in _missing(screened)
    _answer(screened, seen=1)
    assert "has to sign" in _missing(screened)


def test_eligibility__refuses_a_value_that_contradicts_its_answer(screened: Record) -> None:
    too_young = GivenAnswer(question="age", answer=Answer.YES, value=17.0)
    with pytest.raises(FormRefused, match="age 17 years means 'no'"):
        _answer(screened, too_young)


def test_eligibility__of_an_ineligible_subject_cannot_be_signed(screened: Record) -> None:
    assert _answer(screened, GivenAnswer(question="ECOG", answer=Answer.NO, value=2.0)) == "not eligible"
    with pytest.raises(SignatureRefused, match="ECOG"):
        _sign(screened)


def test_signature__asks_for_the_password_the_role_and_the_site(screened: Record) -> None:
    _answer(screened)
    sign = partial(screening.sign_eligibility, screened.db, code=CODE, protocol=TRIAL, seen_version=1)
    with pytest.raises(SignInRefused):
        sign(INVESTIGATOR, password="guess")
    pretender = replace(INVESTIGATOR, full_name="Somebody else")
    with pytest.raises(SignInRefused):
        sign(pretender, password=enrolling.PASSWORD)
    with pytest.raises(NotAuthorised):
        sign(ONCOLOGIST, password=enrolling.PASSWORD)
    with pytest.raises(UnknownSubject):
        sign(OTHER_INVESTIGATOR, password=enrolling.PASSWORD)


def test_signature__is_void_once_the_form_changes_even_if_it_changes_back(ready: Record) -> None:
    _answer(ready, GivenAnswer(question="age", answer=Answer.YES, value=44.0), seen=1)
    assert "the signature on it is void" in _missing(ready)
    _answer(ready, seen=2)
    assert "void" in _missing(ready)
    seen = screening_record(ready.db, INVESTIGATOR, code=CODE, protocol=TRIAL)
    assert [(each.valid, "VOID" in each.words) for each in seen.signatures] == [(False, True)]
    with pytest.raises(FormChangedMeanwhile):
        _sign(ready, seen=1)
    _sign(ready, seen=seen.form_version or 0)
    assert _enrol(ready) is Phase.IIA


def test_questions_that_changed__have_to_be_answered_again(ready: Record) -> None:
    questions = conduct_of(TRIAL).questions
    amended = replace(TRIAL, conduct=replace(conduct_of(TRIAL), questions=questions[:-1]))
    with pytest.raises(NotReady, match="questions have changed"):
        enrolment.enrol_subject(ready.db, STAFF, code=CODE, protocol=amended)


def test_screening_failure__names_its_criteria_and_can_be_taken_back(screened: Record) -> None:
    with pytest.raises(FormRefused, match="say in words why"):
        _fail(screened)
    _answer(screened, GivenAnswer(question="PG-SGA", answer=Answer.YES, value=9.0))
    assert _fail(screened) == ("PG-SGA",)
    with pytest.raises(WrongState):
        _enrol(screened)
    with pytest.raises(WrongState):
        _answer(screened, seen=1)
    again = screening.reopen_screening(screened.db, STAFF, code=CODE, reason="scored again")
    assert again.status is SubjectStatus.SCREENING
    assert _fail(screened) == ("PG-SGA",)


def _fail(record: Record) -> tuple[str, ...]:
    on = record.clock().date()
    return screening.fail_screening(record.db, STAFF, code=CODE, protocol=TRIAL, on=on).criteria


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("days", "words"), [(-1, "before the registration"), (1, "in the future")])
def test_a_screening_failure__on_an_impossible_day_is_refused(
    screened: Record, days: int, words: str
) -> None:
    on = screened.clock().date() + timedelta(days=days)
    with pytest.raises(FormRefused, match=words):
        screening.fail_screening(screened.db, STAFF, code=CODE, protocol=TRIAL, on=on, words="moved away")


def test_run_in__takes_no_more_than_its_size(record: Record) -> None:
    enrolling.enrol(record.db, ONCOLOGIST, INVESTIGATOR, "S1-000", enrolling.SHORT)
    with pytest.raises(StudyForbids, match="its 1 subjects"):
        enrolling.enrol(record.db, ONCOLOGIST, INVESTIGATOR, CODE, enrolling.SHORT)


def test_phase__follows_from_the_state_of_the_study(record: Record) -> None:
    record.open_iib()
    record.enrol(CODE)
    with record.db.read() as connection:
        found = subjects.find(connection, site_code="S1", code=CODE)
    assert found
    assert (found[1].phase, found[1].arm) == (Phase.IIB, None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("phase = 'IIb'", "does not enrol into this phase"),
        ("phase = NULL", "does not enrol into this phase"),
        ("arm = 'A'", "from randomisation alone"),
    ],
)
def test_database__refuses_a_phase_or_an_arm_by_itself(ready: Record, change: str, words: str) -> None:
    _enrol(ready)
    with pytest.raises(DBAPIError, match=words), ready.db.transaction() as connection:
        connection.execute(text(f"UPDATE subject SET {change}"))  # noqa: S608 - fixed texts


def test_database__enrols_nobody_in_observation(screened: Record) -> None:
    with screened.db.transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO study_transition VALUES (1, 'recruiting run-in', 'observation', "
                "'2026-03-01T12:00:00.000000Z', 'u', '')"
            )
        )
    with pytest.raises(DBAPIError, match="does not enrol"), screened.db.transaction() as connection:
        connection.execute(text("UPDATE subject SET phase = 'IIa'"))
    with pytest.raises(StudyForbids):
        _enrol(screened)


@pytest.mark.parametrize("words", ["a\x00b", "half \ud83d", "x" * 2001])
def test_texts_that_nobody_can_read__are_refused(ready: Record, words: str) -> None:
    with pytest.raises(TextUnusable):
        screening.fail_screening(
            ready.db, STAFF, code=CODE, protocol=TRIAL, on=ready.clock().date(), words=words
        )
    consent = Consent(on=date(2026, 2, 27), version="1.0")
    with pytest.raises(TextUnusable):
        screening.enter_consent(ready.db, STAFF, code=CODE, consent=consent, reason=words, seen_version=1)
