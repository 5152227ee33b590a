"""Eligibility, consent and populations: what is refused, what is missing, and why somebody belongs where."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial_core.domain.consent import (
    Consent,
    ConsentForm,
    consent_problem,
    had_consented,
    needs_consent_again,
)
from trial_core.domain.eligibility import (
    Answer,
    AnswerRefused,
    EligibilityQuestion,
    EligibilityStatus,
    GivenAnswer,
    Measure,
    QuestionKind,
    judge_eligibility,
)
from trial_core.domain.populations import (
    Population,
    PopulationFacts,
    arm_as_treated,
    members,
    memberships,
)
from trial_core.domain.subject import Arm, Phase

AGE = EligibilityQuestion(
    id="age",
    kind=QuestionKind.INCLUSION,
    text="Age of 18 or more",
    measure=Measure(name="age", unit="years", minimum=0, maximum=120, yes_from=18),
)
ECOG = EligibilityQuestion(
    id="ecog",
    kind=QuestionKind.INCLUSION,
    text="ECOG 0 or 1",
    measure=Measure(name="ECOG", unit="", minimum=0, maximum=5, yes_to=1),
)
PG_SGA = EligibilityQuestion(
    id="pg-sga",
    kind=QuestionKind.EXCLUSION,
    text="PG-SGA of 9 or more",
    measure=Measure(name="PG-SGA", unit="", minimum=0, maximum=52, yes_from=9),
)
PRIOR = EligibilityQuestion(id="prior", kind=QuestionKind.EXCLUSION, text="Prior therapy")
QUESTIONS = [AGE, ECOG, PG_SGA, PRIOR]
YES, NO, NONE = Answer.YES, Answer.NO, Answer.NOT_ANSWERED


def _answers(**given_as: tuple[Answer, float | None]) -> list[GivenAnswer]:
    good = {"age": (YES, 60), "ecog": (YES, 1), "pg-sga": (NO, 8), "prior": (NO, None), **given_as}
    return [GivenAnswer(question=name, answer=answer, value=value) for name, (answer, value) in good.items()]


def test_eligible__when_every_answer_lets_in() -> None:
    result = judge_eligibility(QUESTIONS, _answers())
    assert (result.status, result.failed, result.unanswered) == (EligibilityStatus.ELIGIBLE, (), ())


@pytest.mark.parametrize(
    ("answers", "failed"),
    [
        ({"age": (NO, 17)}, ("age",)),
        ({"ecog": (NO, 2)}, ("ecog",)),
        ({"pg-sga": (YES, 9)}, ("pg-sga",)),
        ({"prior": (YES, None)}, ("prior",)),
        ({"prior": (YES, None), "age": (NO, 3)}, ("age", "prior")),
    ],
)
def test_not_eligible__names_the_criteria_that_failed(
    answers: dict[str, tuple[Answer, float | None]], failed: tuple[str, ...]
) -> None:
    result = judge_eligibility(QUESTIONS, _answers(**answers))
    assert (result.status, result.failed) == (EligibilityStatus.NOT_ELIGIBLE, failed)


def test_incomplete__is_never_eligible() -> None:
    result = judge_eligibility(QUESTIONS, _answers(prior=(NONE, None)))
    assert (result.status, result.unanswered) == (EligibilityStatus.INCOMPLETE, ("prior",))
    assert judge_eligibility(QUESTIONS, []).unanswered == ("age", "ecog", "pg-sga", "prior")
    both = judge_eligibility(QUESTIONS, _answers(prior=(NONE, None), age=(NO, 3)))
    assert both.status is EligibilityStatus.NOT_ELIGIBLE


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"age": (YES, 17)}, "age 17 years means 'no', but the answer is 'yes'"),
        ({"age": (NO, 18)}, "age 18 years means 'yes'"),
        ({"ecog": (YES, 2)}, "ECOG 2 means 'no'"),
        ({"pg-sga": (NO, 9)}, "PG-SGA 9 means 'yes'"),
        ({"age": (NONE, 60)}, "means 'yes', but the answer is 'not answered'"),
        ({"age": (YES, None)}, "needs the measured value"),
        ({"age": (YES, 121)}, "cannot be"),
        ({"age": (YES, 18.5)}, "a whole number"),
        ({"age": (YES, float("nan"))}, "cannot be"),
        ({"ecog": (YES, -1)}, "from 0 to 5"),
        ({"prior": (NO, 3)}, "has no measured value"),
        ({"other": (NO, None)}, "is no question"),
    ],
)
def test_answer__that_contradicts_its_value_or_cannot_be_is_refused(
    answers: dict[str, tuple[Answer, float | None]], message: str
) -> None:
    with pytest.raises(AnswerRefused, match=message):
        judge_eligibility(QUESTIONS, _answers(**answers))


def test_answer__given_twice_is_refused() -> None:
    with pytest.raises(AnswerRefused, match="answered twice"):
        judge_eligibility(QUESTIONS, [*_answers(), *_answers()[:1]])


@given(st.integers(0, 120), st.sampled_from([YES, NO]))
def test_measured_answer__is_accepted_only_when_it_agrees(age: int, answer: Answer) -> None:
    agrees = (age >= 18) == (answer is YES)
    try:
        result = judge_eligibility(QUESTIONS, _answers(age=(answer, age)))
    except AnswerRefused:
        assert not agrees
    else:
        assert agrees
        assert ("age" in result.failed) == (age < 18)


D = date(2026, 3, 2)
FORMS = [ConsentForm(version="1.0", from_on=D), ConsentForm(version="1.1", from_on=D + timedelta(days=30))]
FIRST = Consent(version="1.0", on=D + timedelta(days=1))


@pytest.mark.parametrize(
    ("given_before", "new", "message"),
    [
        ([], FIRST, None),
        ([FIRST], Consent(version="1.1", on=D + timedelta(days=31)), None),
        ([], Consent(version="1.0", on=D), None),
        ([FIRST], FIRST, "there already"),
        ([FIRST], Consent(version="1.0", on=D + timedelta(days=9)), "there already"),
        ([], Consent(version="2.0", on=D), "no form of version 2.0"),
        ([], Consent(version="1.1", on=D + timedelta(days=29)), "in use from"),
        ([], Consent(version="1.0", on=D + timedelta(days=99)), "future"),
        (
            [Consent(version="1.1", on=D + timedelta(days=40))],
            FIRST,
            "earlier consent",
        ),
    ],
)
def test_consent__is_refused_when_it_cannot_be(
    given_before: list[Consent], new: Consent, message: str | None
) -> None:
    problem = consent_problem(given_before, new, FORMS, today=D + timedelta(days=60))
    assert (problem is None) if message is None else (problem is not None and message in problem)


def test_consent__is_asked_for_again_when_a_new_version_is_in_use() -> None:
    assert not needs_consent_again([FIRST], FORMS, today=D + timedelta(days=29))
    assert needs_consent_again([FIRST], FORMS, today=D + timedelta(days=30))
    assert needs_consent_again([], FORMS, today=D)
    assert had_consented([FIRST], FIRST.on)
    assert not had_consented([FIRST], D)


RUN_IN = PopulationFacts(
    code="R1", phase=Phase.IIA, enrolled_on=D, first_treatment_on=D, first_radiotherapy_on=D
)
IN_A = replace(RUN_IN, code="A1", phase=Phase.IIB, randomised_on=D, arm=Arm.A)
IN_B = replace(IN_A, code="B1", arm=Arm.B, first_radiotherapy_on=None)
R, I, S, P = Population  # noqa: E741 - the populations' own initials


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (RUN_IN, {R, S}),
        (replace(RUN_IN, first_treatment_on=None), {R}),
        (replace(RUN_IN, enrolled_on=None), set()),
        (IN_A, {I, S, P}),
        (IN_B, {I, S, P}),
        (replace(IN_A, randomised_on=None, arm=None), {S}),
        (replace(IN_A, first_treatment_on=None, first_radiotherapy_on=None), {I}),
        (replace(IN_A, violated_criteria=("prior",)), {I, S}),
        (replace(IN_A, major_deviations=("wrong dose",)), {I, S}),
        (replace(IN_A, first_radiotherapy_on=None), {I, S}),
        (replace(IN_B, first_radiotherapy_on=D), {I, S}),
        (replace(IN_A, data_use_withdrawn=True), set()),
    ],
)
def test_memberships__follow_enrolment_randomisation_and_treatment(
    facts: PopulationFacts, expected: set[Population]
) -> None:
    found = memberships(facts)
    assert {each.population for each in found if each.member} == expected
    assert all(each.reasons for each in found)


def test_memberships__say_why_not() -> None:
    off = replace(IN_A, violated_criteria=("prior therapy",), first_radiotherapy_on=None)
    reasons = {each.population: each.reasons for each in memberships(off)}
    assert reasons[P] == ("eligibility violated: prior therapy", "arm A without radiotherapy")
    assert "stays in, though prior therapy was violated" in reasons[I]


def test_members__are_in_order_and_the_safety_population_is_as_treated() -> None:
    assert members([IN_B, RUN_IN, IN_A], S) == ("A1", "B1", "R1")
    switched = [replace(IN_B, first_radiotherapy_on=D), replace(IN_A, first_radiotherapy_on=None)]
    assert [arm_as_treated(each) for each in (RUN_IN, IN_A, IN_B, *switched)] == [
        "run-in",
        "A",
        "B",
        "A",
        "B",
    ]
