"""What came back from a form, against what its fields allow; `assets/forms.js` says the same as one types."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from web.forms.fields import Answers, Field, FieldKind
from web.words import t

Given = str | tuple[str, ...]

_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,12})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE = re.compile(r"[+-]?[0-9]{1,12}")


def read(fields: Sequence[Field], sent: Mapping[str, Any]) -> tuple[Answers, dict[str, str]]:
    """Read what was sent, and say of each field what is wrong with it.

    Returns
    -------
    tuple
        Answers of the fields that were asked for, and problems by the field's name: empty where all is well.
    """
    given = {each.name: _given(each, sent.get(each.name)) for each in fields}
    asked = [each for each in fields if is_asked(each, given)]
    problems = {each.name: problem_of(each, given[each.name]) for each in asked}
    answers = Answers({each.name: given[each.name] for each in asked})
    return answers, {name: words for name, words in problems.items() if words}


def is_asked(field: Field, given: Mapping[str, Given]) -> bool:
    """Tell whether a field is asked for, with what is answered elsewhere."""
    if field.shown_when is None:
        return True
    name, values = field.shown_when
    return given.get(name) in values


def problem_of(field: Field, given: Given) -> str | None:
    """Say what is wrong with an answer and what to do, or None."""
    words = rule_words(field)
    if not given:
        return words["required"] if field.required else None
    match field.kind:
        case FieldKind.NUMBER:
            return _number_problem(field, str(given), words)
        case FieldKind.DATE:
            return _date_problem(field, str(given), words)
        case FieldKind.CHOICE | FieldKind.YES_NO | FieldKind.CHOICES | FieldKind.TICK:
            return None if _are_offered(field, given) else words["choice"]
        case FieldKind.TEXT | FieldKind.LONG_TEXT | FieldKind.PASSWORD:
            return words["longest"] if len(given) > field.longest else None


def rule_words(field: Field) -> dict[str, str]:
    """Give what is said of each rule of a field that can be broken."""
    return {
        "required": t("This is missing. Enter it."),
        "number": t("This is no whole number. Write digits alone, as in 12.")
        if field.whole
        else t("This is no number. Write it with a point, as in 12.5."),
        "least": t("{limit} at least.", limit=_amount(field.least, field.unit)),
        "most": t("{limit} at most.", limit=_amount(field.most, field.unit)),
        "date": t("This is no date. Write year, month and day, as in 2026-01-31."),
        "earliest": t("Not before {day}.", day=field.earliest),
        "latest": t("Not after {day}.", day=field.latest),
        "longest": t("Too long: {longest} characters at most.", longest=field.longest),
        "choice": t("Choose one of those that are offered."),
    }


def _amount(limit: float | None, unit: str) -> str:
    return f"{limit:.12g} {unit}".strip() if limit is not None else ""


def _given(field: Field, sent: Any) -> Given:
    match field.kind:
        case FieldKind.CHOICES:
            return tuple(sent) if isinstance(sent, list) else ()
        case FieldKind.TICK:
            return "yes" if sent is True else ""
        case FieldKind.PASSWORD:
            return sent if isinstance(sent, str) else ""
        case _:
            return sent.strip() if isinstance(sent, str) else ""


def _number_problem(field: Field, text: str, words: Mapping[str, str]) -> str | None:
    if not (_WHOLE if field.whole else _NUMBER).fullmatch(text):
        return words["number"]
    if field.least is not None and float(text) < field.least:
        return words["least"]
    return words["most"] if field.most is not None and float(text) > field.most else None


def _date_problem(field: Field, text: str, words: Mapping[str, str]) -> str | None:
    try:
        day = date.fromisoformat(text if _DATE.fullmatch(text) else "")  # Python reads 20250101, too
    except ValueError:
        return words["date"]
    if field.earliest is not None and day < field.earliest:
        return words["earliest"]
    return words["latest"] if field.latest is not None and day > field.latest else None


def _are_offered(field: Field, given: Given) -> bool:
    offered = {"yes", "no"} if field.kind in _YES_NO else {each.value for each in field.options}
    return set((given,) if isinstance(given, str) else given) <= offered


_YES_NO = (FieldKind.YES_NO, FieldKind.TICK)
