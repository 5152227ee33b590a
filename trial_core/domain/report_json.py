"""A course report as canonical JSON bytes and back: declared order, unrounded numbers, no NaN."""

import dataclasses
import json
import types
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from trial_core.domain.report import CourseReport


def report_to_dict(report: CourseReport) -> dict[str, Any]:
    """The report as plain lists, dicts, strings and numbers, keys in declared order."""
    plain = _plain(report)
    assert isinstance(plain, dict)  # noqa: S101 - a dataclass always gives a dict; this tells the type checker
    return plain


def report_to_json(report: CourseReport) -> bytes:
    """The report as UTF-8 JSON on one line; the same report gives the same bytes.

    Raises
    ------
    ValueError
        if a number is NaN or infinite: such a value is a fault of the program and never leaves it.
    """
    text = json.dumps(report_to_dict(report), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8")


def report_from_json(data: bytes) -> CourseReport:
    """The report that `report_to_json` wrote.

    Raises
    ------
    TypeError, ValueError, KeyError
        if the bytes are no such report.
    """
    report = _typed(json.loads(data), CourseReport)
    assert isinstance(report, CourseReport)  # noqa: S101 - tells the type checker what `_typed` returned
    return report


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value


def _typed(value: Any, kind: Any) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        inner = [part for part in get_args(kind) if part is not type(None)]
        return None if value is None else _typed(value, inner[0])
    if get_origin(kind) is tuple:
        return tuple(_typed(item, get_args(kind)[0]) for item in value)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        # A field that came later has a default, and reports from before it are still to be read.
        missing = {each.name for each in dataclasses.fields(kind) if _has_default(each)} - set(value)
        names = [field.name for field in dataclasses.fields(kind) if field.name not in missing]
        return kind(**{name: _typed(value[name], hints[name]) for name in names})
    if isinstance(kind, type) and issubclass(kind, StrEnum | float):
        return kind(value)
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _has_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is not dataclasses.MISSING
