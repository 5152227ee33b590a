"""Column types that mean the same on SQLite (STRICT) and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeEngine

from trial_core.domain.canonical import canonical_json, instant_text, read_instant

__all__ = ["Instant", "Json", "canonical_json", "whole_number"]


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: timestamptz on PostgreSQL; on SQLite a text whose order is that of time."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's own type."""
        kind: TypeEngine[Any] = TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse a naive time: nobody can tell which zone it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored; use datetime.now(UTC)")
        return value.astimezone(UTC) if dialect.name == "postgresql" else instant_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the moment back in UTC."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            moment: datetime = value
            return moment.astimezone(UTC)
        return read_instant(value)


class Json(TypeDecorator[Any]):
    """Plain lists, dicts and strings as canonical JSON text: the same value gives the same characters."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write it with sorted keys and no NaN."""
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Read it back."""
        return None if value is None else json.loads(value)


def whole_number() -> TypeEngine[int]:
    """Give a 64-bit integer on both."""
    return BigInteger().with_variant(Integer(), "sqlite")
