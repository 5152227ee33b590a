"""Eligibility: every criterion a question, answered yes, no or not yet, with its measured value."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class QuestionKind(StrEnum):
    """Which answer lets a subject in: yes to an inclusion, no to an exclusion."""

    INCLUSION = "inclusion"
    EXCLUSION = "exclusion"


class Answer(StrEnum):
    """The answer to a question."""

    YES = "yes"
    NO = "no"
    NOT_ANSWERED = "not answered"


class EligibilityStatus(StrEnum):
    """What the answers come to."""

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not eligible"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What is measured for a question, and which values mean yes.

    Attributes
    ----------
    minimum, maximum
        Values outside cannot be.
    yes_from, yes_to
        Values from here to here, both included, mean yes; None is open on that side.
    whole
        Whole numbers only.
    """

    name: str
    unit: str
    minimum: float
    maximum: float
    yes_from: float | None = None
    yes_to: float | None = None
    whole: bool = True

    def means(self, value: float) -> Answer:
        """The answer that a value gives."""
        above = self.yes_from is None or value >= self.yes_from
        return Answer.YES if above and (self.yes_to is None or value <= self.yes_to) else Answer.NO


@dataclass(frozen=True, kw_only=True)
class EligibilityQuestion:
    """One criterion of the protocol as a question."""

    id: str
    kind: QuestionKind
    text: str
    measure: Measure | None = None

    @property
    def wanted(self) -> Answer:
        """The answer that lets a subject in."""
        return Answer.YES if self.kind is QuestionKind.INCLUSION else Answer.NO


@dataclass(frozen=True, kw_only=True)
class GivenAnswer:
    """What the site answered; `value` where the question has a measure."""

    question: str
    answer: Answer
    value: float | None = None


@dataclass(frozen=True, kw_only=True)
class Eligibility:
    """What the answers come to; `failed` are the screening failure's criteria, in the protocol's order."""

    status: EligibilityStatus
    failed: tuple[str, ...]
    unanswered: tuple[str, ...]


class AnswerRefused(ValueError):  # noqa: N818 - a refusal, named for what is so
    """An answer that contradicts its value, or cannot be."""

    def __init__(self, question: str, problem: str) -> None:
        super().__init__(f"{question}: {problem}")
        self.question = question


def check_answer(question: EligibilityQuestion, given: GivenAnswer) -> None:
    """Refuse an answer that cannot be entered.

    Raises
    ------
    AnswerRefused
        if a measured value is missing, implausible, or contradicts the answer.
    """
    problem = _problem(question, given)
    if problem is not None:
        raise AnswerRefused(question.id, problem)


def judge_eligibility(
    questions: Sequence[EligibilityQuestion], answers: Iterable[GivenAnswer]
) -> Eligibility:
    """Judge the answers: one wrong answer is enough, also while others are missing.

    Raises
    ------
    AnswerRefused
        if an answer cannot be, belongs to no question, or a question has two.
    """
    given = _by_question(questions, answers)
    failed, unanswered = [], []
    for question in questions:
        answer = given[question.id].answer if question.id in given else Answer.NOT_ANSWERED
        if answer is Answer.NOT_ANSWERED:
            unanswered.append(question.id)
        elif answer is not question.wanted:
            failed.append(question.id)
    status = EligibilityStatus.INCOMPLETE if unanswered else EligibilityStatus.ELIGIBLE
    return Eligibility(
        status=EligibilityStatus.NOT_ELIGIBLE if failed else status,
        failed=tuple(failed),
        unanswered=tuple(unanswered),
    )


def _by_question(
    questions: Sequence[EligibilityQuestion], answers: Iterable[GivenAnswer]
) -> Mapping[str, GivenAnswer]:
    known = {question.id: question for question in questions}
    given: dict[str, GivenAnswer] = {}
    for answer in answers:
        if answer.question not in known:
            raise AnswerRefused(answer.question, "is no question of this protocol. Reload the page.")
        if answer.question in given:
            raise AnswerRefused(answer.question, "is answered twice. Keep one answer.")
        check_answer(known[answer.question], answer)
        given[answer.question] = answer
    return given


def _problem(question: EligibilityQuestion, given: GivenAnswer) -> str | None:
    measure, value = question.measure, given.value
    if measure is None:
        return None if value is None else "has no measured value. Leave it empty."
    if value is None:
        if given.answer is Answer.NOT_ANSWERED:
            return None
        return f"the answer needs the measured value ({measure.name}). Enter it."
    plausible = math.isfinite(value) and measure.minimum <= value <= measure.maximum
    if not plausible or (measure.whole and value != int(value)):
        number = "a whole number" if measure.whole else "a number"
        range_words = f"{measure.minimum:g} to {measure.maximum:g} {measure.unit}".strip()
        return f"{measure.name} {value:g} cannot be; it is {number} from {range_words}. Correct it."
    meant = measure.means(value)
    if given.answer is not meant:
        return (
            f"{measure.name} {value:g} {measure.unit}".rstrip()
            + f" means '{meant}', but the answer is '{given.answer}'. Correct the one that is wrong."
        )
    return None
