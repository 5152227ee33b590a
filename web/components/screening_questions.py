"""The eligibility questions: each with its answers and measured value, and what was typed into them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import dash_mantine_components as dmc
from dash import dcc, html

from trial_core.domain.eligibility import Answer, EligibilityQuestion, GivenAnswer, Measure, QuestionKind
from trial_core.enrolment_errors import FormRefused
from web.components.frame import Content
from web.components.marks import said
from web.components.tables import table
from web.components.verdict import sentence_case
from web.words import later, name_words, t, word

_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,9})?")
_TITLES = {
    QuestionKind.INCLUSION: later("Inclusion: yes lets the subject in"),
    QuestionKind.EXCLUSION: later("Exclusion: no lets the subject in"),
}


def answer_id(number: int) -> str:
    """Name the component of an answer, by the question's place in the protocol."""
    return f"screening-answer-{number}"


def value_id(number: int) -> str:
    """Name the component of a measured value."""
    return f"screening-value-{number}"


def measured(questions: Sequence[EligibilityQuestion]) -> list[int]:
    """Give the places of the questions that ask for a value."""
    return [number for number, question in enumerate(questions) if question.measure is not None]


def question_fields(
    questions: Sequence[EligibilityQuestion], answers: Mapping[str, GivenAnswer]
) -> list[Content]:
    """Give the questions to be answered, with the answers on record."""
    return [
        html.Section(
            [
                html.H3(str(title)),
                *(
                    _fields(number, question, answers.get(question.id))
                    for number, question in enumerate(questions)
                    if question.kind is kind
                ),
            ]
        )
        for kind, title in _TITLES.items()
    ]


def answers_table(
    questions: Sequence[EligibilityQuestion], answers: Mapping[str, GivenAnswer], failed: Sequence[str]
) -> Content:
    """Give the answers on record, to be read only."""
    rows = [_row(question, answers.get(question.id), question.id in failed) for question in questions]
    return table(t("Answers on record"), (t("Criterion"), t("Question"), t("Answer"), t("Value")), rows)


def read_answers(
    questions: Sequence[EligibilityQuestion], chosen: Sequence[str | None], typed: Sequence[str | None]
) -> tuple[GivenAnswer, ...]:
    """Read what the fields hold; whether it can be entered is for the service to say.

    Parameters
    ----------
    chosen
        One answer a question.
    typed
        One value for each question that is measured.

    Raises
    ------
    FormRefused
        A value is no number, or an answer is none of the three.
    """
    values = dict(zip(measured(questions), typed, strict=True))
    return tuple(
        GivenAnswer(
            question=question.id,
            answer=_answer(question, chosen[number]),
            value=_value(question, values.get(number)),
        )
        for number, question in enumerate(questions)
    )


def same_answers(
    questions: Sequence[EligibilityQuestion], these: Sequence[GivenAnswer], those: Sequence[GivenAnswer]
) -> bool:
    """Tell whether two sets of answers say the same to every question."""
    left, right = ({each.question: each for each in given} for given in (these, those))
    return all(
        left.get(key, blank) == right.get(key, blank)
        for key, blank in ((question.id, _blank(question)) for question in questions)
    )


def _blank(question: EligibilityQuestion) -> GivenAnswer:
    return GivenAnswer(question=question.id, answer=Answer.NOT_ANSWERED)


def _fields(number: int, question: EligibilityQuestion, given: GivenAnswer | None) -> Content:
    found = given or _blank(question)
    options = [dmc.Radio(label=sentence_case(word(answer)), value=answer.value) for answer in Answer]
    group = dmc.RadioGroup(
        dmc.Group(options, gap="md", mt=4),
        id=answer_id(number),
        label=said(question.text),
        value=found.answer.value,
        size="sm",
    )
    return html.Div([group, _measure_field(number, question.measure, found)], className="question")


def _measure_field(number: int, measure: Measure | None, given: GivenAnswer) -> Content:
    if measure is None:
        return None
    unit = f" ({name_words(measure.unit)})" if measure.unit else ""
    return html.Div(
        [
            html.Label(
                t("Measured {name}", name=f"{name_words(measure.name)}{unit}"), htmlFor=value_id(number)
            ),
            dcc.Input(
                id=value_id(number),
                type="text",
                inputMode="numeric",
                maxLength=12,
                autoComplete="off",
                debounce=False,
                value="" if given.value is None else f"{given.value:g}",
            ),
        ],
        className="field measure",
    )


def _row(question: EligibilityQuestion, given: GivenAnswer | None, failed: bool) -> Content:
    found = given or _blank(question)
    unit = name_words(question.measure.unit) if question.measure else ""
    value = "–" if found.value is None else f"{found.value:g} {unit}".rstrip()
    answer = sentence_case(word(found.answer))
    words = html.Strong(t("{answer}: criterion failed", answer=answer)) if failed else answer
    return html.Tr([html.Td(cell) for cell in (said(question.id), said(question.text), words, value)])


def _answer(question: EligibilityQuestion, chosen: str | None) -> Answer:
    try:
        return Answer(chosen or Answer.NOT_ANSWERED)
    except ValueError as problem:
        words = f"{question.id}: the answer is none of {', '.join(Answer)}. Reload the page."
        raise FormRefused("eligibility", words) from problem


def _value(question: EligibilityQuestion, typed: str | None) -> float | None:
    text = (typed or "").strip()
    if not text:
        return None
    if _NUMBER.fullmatch(text) is None:
        words = f"{question.id}: the measured value is no number. Write it in digits, as in 64."
        raise FormRefused("eligibility", words)
    return float(text)
