"""Forms: what is read of what was sent, what is said of it, and where a refusal is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.callbacks import field_key, pattern_key, post_callback
from web.forms import Field, FieldKind, Option
from web.forms.reading import problem_of, read

Person = Callable[[str], FlaskClient]

NUMBER = Field("dose", "Dose", FieldKind.NUMBER, unit="Gy", least=0, most=100)
WHOLE = Field("count", "Count", FieldKind.NUMBER, whole=True)
DAY = Field("on", "Day", FieldKind.DATE, earliest=date(2024, 1, 1), latest=date(2026, 1, 31))
TEXT = Field("words", "Words", required=True, longest=10)
CHOICE = Field("kind", "Kind", FieldKind.CHOICE, options=(Option("a", "A"), Option("b", "B")))
SEVERAL = Field("kinds", "Kinds", FieldKind.CHOICES, options=(Option("a", "A"), Option("b", "B")))
FATAL = Field("fatal", "Fatal", FieldKind.YES_NO)
CAUSE = Field("cause", "Cause", required=True, shown_when=("fatal", ("yes",)))

CASES: tuple[tuple[Field, str, str | None], ...] = (
    (NUMBER, "", None),
    (NUMBER, "0", None),
    (NUMBER, "100", None),
    (NUMBER, "12.5", None),
    (NUMBER, "100.0001", "100 Gy at most"),
    (NUMBER, "-0.1", "0 Gy at least"),
    (NUMBER, "12,5", "with a point"),
    (NUMBER, "1e3", "no number"),
    (NUMBER, "nan", "no number"),
    (NUMBER, "٣", "no number"),
    (WHOLE, "12", None),
    (WHOLE, "12.0", "no whole number"),
    (DAY, "2024-01-01", None),
    (DAY, "2023-12-31", "Not before 2024-01-01"),
    (DAY, "2026-02-01", "Not after 2026-01-31"),
    (DAY, "2025-02-29", "no date"),
    (DAY, "20250101", "no date"),
    (DAY, "2025-W01-1", "no date"),
    (TEXT, "", "missing"),
    (TEXT, "   ", "missing"),
    (TEXT, "x" * 10, None),
    (TEXT, "x" * 11, "10 characters"),
    (CHOICE, "a", None),
    (CHOICE, "c", "that are offered"),
    (FATAL, "maybe", "that are offered"),
)


@pytest.mark.parametrize(("field", "typed", "said"), CASES)
def test_answer__is_held_against_what_its_field_allows(field: Field, typed: str, said: str | None) -> None:
    _, problems = read([field], {field.name: typed})
    words = problems.get(field.name)
    assert (words is None) if said is None else (words is not None and said in words)


def test_answers__are_given_by_their_kind() -> None:
    sent: dict[str, Any] = {"dose": " 12.5 ", "count": "3", "on": "2025-02-28", "fatal": "no", "kinds": ["b"]}
    answers, problems = read([NUMBER, WHOLE, DAY, FATAL, SEVERAL], sent)
    assert problems == {}
    assert answers.number("dose") == 12.5
    assert answers.whole("count") == 3
    assert answers.day("on") == date(2025, 2, 28)
    assert answers.yes("fatal") is False
    assert answers.choices("kinds") == ("b",)


def test_several__of_which_one_is_not_offered_are_refused() -> None:
    assert problem_of(SEVERAL, ("a", "c")) is not None


def test_field__that_is_not_asked_for_is_neither_read_nor_missed() -> None:
    answers, problems = read([FATAL, CAUSE], {"fatal": "no", "cause": "typed before"})
    assert problems == {}
    assert answers.text("cause") == ""
    assert "cause" in read([FATAL, CAUSE], {"fatal": "yes"})[1]


def _send(client: FlaskClient, code: str) -> dict[str, Any]:
    values = {
        pattern_key("n_clicks", type="form-submit", form="new-subject"): 1,
        field_key("new-subject", "code"): code,
    }
    found: dict[str, Any] = post_callback(client, '..{"form":"new-subject"', values).get_json()
    return found


def _error_at(answer: dict[str, Any], field: str) -> Any:
    key = field_key("new-subject", field, prop="error").rpartition(".")[0]
    return answer["sideUpdate"][key]["error"]


def test_refusal_of_the_service__is_shown_at_its_field_and_nothing_is_kept(oncologist: FlaskClient) -> None:
    answer = _send(oncologist, "no code!")
    assert "use 1 to 32 letters" in _error_at(answer, "code")
    assert "Not saved" in str(answer["response"])


def test_missing_answer__is_said_at_its_field_before_the_service_is_asked(oncologist: FlaskClient) -> None:
    assert "missing" in _error_at(_send(oncologist, " "), "code")


def test_saved__goes_on_to_what_is_new(oncologist: FlaskClient) -> None:
    answer = _send(oncologist, "S01-777")
    assert "/subjects/S01-777" in str(answer["response"])
