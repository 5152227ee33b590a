"""What changes a study for good is signed in the service: no caller skips the password."""

from __future__ import annotations

import inspect

import pytest

from tests.trial_core import enrolling
from tests.trial_core.enrolling import PASSWORD
from tests.trial_core.record import ONCOLOGIST, STATISTICIAN, Record
from trial_core.db.repositories import signatures
from trial_core.domain.signing import Meaning
from trial_core.domain.study_state import StudyState
from trial_core.domain.subject import Arm
from trial_core.errors import SignInRefused
from trial_core.services import (
    plan_decision,
    plan_review,
    randomisation,
    safety,
    screening,
    study,
    toxicity_statement,
)

SIGNED = (
    randomisation.randomise,
    safety.adjudicate,
    screening.sign_eligibility,
    study.close_the_run_in,
    study.open_phase_iib,
    study.close_the_recruitment,
    study.lift_the_hold,
    toxicity_statement.state_toxicity_acceptable,
    plan_review.review_plan,
    plan_review.give_word,
    plan_decision.decide_plan,
)


@pytest.mark.parametrize("service", SIGNED, ids=lambda service: service.__name__)
def test_what_is_signed__cannot_be_called_without_a_password(service: object) -> None:
    parameter = inspect.signature(service).parameters["password"]  # type: ignore[arg-type]
    assert (parameter.default, parameter.annotation) == (parameter.empty, "str")


def test_randomisation__with_another_password_reveals_nothing_and_is_signed_with_the_right_one(
    record: Record,
) -> None:
    record.open_iib()
    record.allocate(Arm.A)
    record.enrol("S1-031")
    with pytest.raises(SignInRefused):
        enrolling.randomise(record.db, ONCOLOGIST, "S1-031", password="not mine")
    with record.db.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM allocation").scalar() == 0
    assert enrolling.randomise(record.db, ONCOLOGIST, "S1-031") is Arm.A
    assert enrolling.randomise(record.db, ONCOLOGIST, "S1-031") is Arm.A  # again: nothing is written
    with record.db.read() as connection:
        subject_id = connection.exec_driver_sql("SELECT subject_id FROM allocation").scalar()
        (signed,) = signatures.on(connection, entity="allocation", entity_id=str(subject_id))
    assert (signed.meaning, signed.login) == (Meaning.RANDOMISED.value, ONCOLOGIST.login)


def test_a_step_of_the_study__with_another_password_changes_nothing(record: Record) -> None:
    record.open_iib()
    with pytest.raises(SignInRefused):
        study.close_the_recruitment(record.db, STATISTICIAN, password="not mine")
    assert study.study_now(record.db).state is StudyState.IIB
    study.close_the_recruitment(record.db, STATISTICIAN, password=PASSWORD)
