"""A form's content as plain JSON and back: exactly its frozen dataclass, nothing is converted silently."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from cattrs import Converter
from cattrs.errors import BaseValidationError

from trial_core.db.columns import canonical_json

T = TypeVar("T")

_CONVERTER = Converter(forbid_extra_keys=True, detailed_validation=True)


def to_plain(content: object) -> dict[str, Any]:
    """Give a dataclass as lists, dicts, strings, numbers; days as YYYY-MM-DD, moments in ISO 8601."""
    plain: dict[str, Any] = _CONVERTER.unstructure(content)
    return plain


def from_plain(plain: object, kind: type[T]) -> T:
    """Give the dataclass that `to_plain` wrote.

    Raises
    ------
    ValueError
        If the content is not of this kind.
    """
    if not isinstance(plain, dict):
        raise ValueError(f"this is no {kind.__name__}")
    try:
        return _CONVERTER.structure(plain, kind)
    except BaseValidationError as error:
        raise ValueError(f"this is no {kind.__name__}") from error


def content_sha256(plain: object) -> str:
    """Hash the canonical JSON: what a signature binds to."""
    return hashlib.sha256(canonical_json(plain).encode()).hexdigest()


def _as_it_is(value: object, kind: type) -> object:
    # A text that looks like a number, or 1 for True, is a mistake of whoever wrote it.
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _real(value: object, _kind: type) -> float:
    if type(value) not in (int, float):
        raise TypeError(f"{value!r} is no number")
    return float(value)  # type: ignore[arg-type]


for _kind in (str, int, bool):
    _CONVERTER.register_structure_hook(_kind, _as_it_is)
_CONVERTER.register_structure_hook(float, _real)
_CONVERTER.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
_CONVERTER.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
# Looked up by class, as that of str is: a hook by predicate would come after it.
_CONVERTER.register_structure_hook(StrEnum, lambda value, kind: kind(_as_it_is(value, str)))
_CONVERTER.register_unstructure_hook(date, lambda value: value.isoformat())
_CONVERTER.register_unstructure_hook(datetime, lambda value: value.isoformat())
_CONVERTER.register_unstructure_hook(StrEnum, lambda value: value.value)
