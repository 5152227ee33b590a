"""Columns as they are stored, to the byte: also what no type of a column would read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, LargeBinary, cast, type_coerce
from sqlalchemy.types import Text

from trial_core.db.columns import Json
from trial_core.domain.canonical import instant_text


def as_stored(column: Column[Any], *, sqlite: bool) -> ColumnElement[Any]:
    """Ask for a column without the reading of its type."""
    # SQLite may hold bytes that are no text, and other spellings of the same value; these are to be seen.
    if sqlite:
        return cast(type_coerce(column, Text), LargeBinary)
    return type_coerce(column, Text) if isinstance(column.type, Json) else column


def as_text(value: bytes | datetime | str | int | None) -> str | None:
    """Give what was stored as text; bytes that are none keep their place in it."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, datetime):
        return instant_text(value)
    return None if value is None else str(value)
