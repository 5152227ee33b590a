"""What every table is declared with: the names of constraints, and columns in a word each."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, MetaData, Text

from trial_core.db.columns import Instant, whole_number

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """Let a column hold one of an enum's values, and nothing else."""
    values = ", ".join(f"'{member.value}'" for member in kind)
    return CheckConstraint(f"{column} IN ({values})", name=column)


def text(name: str, *arguments: Any, nullable: bool = False, **options: Any) -> Column[str]:
    """Declare a text; one that may be missing is said to be."""
    return Column(name, Text, *arguments, nullable=nullable, **options)


def instant(name: str, *, nullable: bool = False) -> Column[Any]:
    """Declare a moment."""
    return Column(name, Instant, nullable=nullable)


def number(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[int]:
    """Declare a whole number."""
    return Column(name, whole_number(), nullable=nullable, primary_key=primary_key, autoincrement=False)
