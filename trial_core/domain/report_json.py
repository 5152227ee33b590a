"""A course report as canonical JSON bytes and back: declared order, unrounded numbers, no NaN."""

import dataclasses
import json
import types
from collections.abc import Callable, Mapping
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
    report = _reader(CourseReport)(json.loads(data))
    assert isinstance(report, CourseReport)  # noqa: S101 - tells the type checker what was read
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


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """Give the function that reads a kind of value; worked out once a kind, as reports have many numbers."""
    if get_origin(kind) in (Union, types.UnionType):
        read = _reader(next(part for part in get_args(kind) if part is not type(None)))
        return lambda value: None if value is None else read(value)
    if get_origin(kind) is tuple:
        read = _reader(get_args(kind)[0])
        return lambda value: tuple(map(read, value))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _dataclass_reader(kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum | float):
        return kind
    return lambda value: value


def _dataclass_reader(kind: type) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in dataclasses.fields(kind)}
    # A field that came later has a default, and reports from before it are still to be read.
    optional = {field.name for field in dataclasses.fields(kind) if _has_default(field)}

    def read(value: Any) -> Any:
        known = [name for name in readers if name in value or name not in optional]
        return kind(**{name: readers[name](value[name]) for name in known})

    return read


def _has_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is not dataclasses.MISSING
