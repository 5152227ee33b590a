"""Kinds of values that a callback may be sent; page modules declare them, the border checks them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

MOST_CHARACTERS = 4096
MOST_NAMES = 4096


class Kind(Enum):
    """What a value is. Any of them may be absent (None) unless its name says that it is given.

    `TEXT` is what everything is that nobody declares. Numbers and dates are typed as texts, so that a refusal
    can quote them: `web.components.form` reads them. `SMALL_OBJECT` is JSON of 4,096 characters at most.
    """

    TEXT = "text"
    GIVEN_TEXT = "given text"
    TEXTS = "texts"
    YES_NO = "yes or no"
    COUNT = "count"
    SMALL_OBJECT = "small object"


def fits(value: Any, kind: Kind) -> bool:
    """Tell whether a value that came from a browser is of its kind."""
    if value is None:
        return kind is not Kind.GIVEN_TEXT
    return _CHECKS[kind](value)


def is_text(value: Any) -> bool:
    """Tell whether a value is a text that can be stored and hashed; half of a surrogate pair cannot."""
    return (
        isinstance(value, str)
        and len(value) <= MOST_CHARACTERS
        and not any("\ud800" <= character <= "\udfff" for character in value)
    )


def are_texts(value: Any) -> bool:
    """Tell whether a value is a list of texts, and none too long."""
    return isinstance(value, list) and len(value) <= MOST_NAMES and all(map(is_text, value))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_small_object(value: Any) -> bool:
    """As ASCII it can be stored whatever it holds."""
    return isinstance(value, dict) and len(json.dumps(value)) <= MOST_CHARACTERS


_CHECKS: Mapping[Kind, Callable[[Any], bool]] = {
    Kind.TEXT: is_text,
    Kind.GIVEN_TEXT: is_text,
    Kind.TEXTS: are_texts,
    Kind.YES_NO: lambda value: isinstance(value, bool),
    Kind.COUNT: _is_count,
    Kind.SMALL_OBJECT: _is_small_object,
}
