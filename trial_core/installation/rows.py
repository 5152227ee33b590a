"""Rows of every table as plain values that are the same on SQLite and PostgreSQL: read, compared, written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, TableClause, column, inspect, select, table, text

from trial_core.domain.canonical import canonical_json, instant_text
from trial_core.errors import TrialError

Row = Mapping[str, Any]
_SCHEMA_TABLE = "alembic_version"
_ROWS_AT_ONCE = 500
_ANY_SUM = 1 << 256


class RowUnreadable(TrialError):  # noqa: N818 - named for what is so, as all refusals
    """A value of a kind that the record has none of."""

    def __init__(self, table_name: str, column_name: str, kind: str) -> None:
        super().__init__(f"{table_name}.{column_name} holds a {kind}, which no table of the record has.")


@dataclass(frozen=True)
class RowTable:
    """A table as the database has it, whatever version of the program made it."""

    name: str
    columns: tuple[str, ...]

    @property
    def clause(self) -> TableClause:
        """Give it to a query: no column has a type, so each value goes as the database holds it."""
        return table(self.name, *map(column, self.columns))


@dataclass
class Digest:
    """How many rows there are, and a sum of their SHA-256: their order does not change it."""

    rows: int = 0
    _sum: int = field(default=0, repr=False)

    def add(self, line: str) -> None:
        """Count a row."""
        self.rows += 1
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(line.encode()).digest())) % _ANY_SUM

    @property
    def facts(self) -> dict[str, Any]:
        """Give what a manifest keeps."""
        return {"rows": self.rows, "sum": f"{self._sum:064x}"}


def tables(connection: Connection) -> tuple[RowTable, ...]:
    """List the tables, each after those that it refers to."""
    look = inspect(connection)
    names = [name for name, _ in look.get_sorted_table_and_fkc_names() if name not in (None, _SCHEMA_TABLE)]
    return tuple(
        RowTable(str(name), tuple(each["name"] for each in look.get_columns(str(name)))) for name in names
    )


def read_rows(connection: Connection, of: RowTable) -> Iterator[Row]:
    """Give the rows of a table, at constant memory; in the order of its first column.

    Raises
    ------
    RowUnreadable
    """
    chosen = select(of.clause).order_by(column(of.columns[0]))
    for row in connection.execute(chosen, execution_options={"yield_per": _ROWS_AT_ONCE}):
        yield {name: _plain(of.name, name, value) for name, value in zip(of.columns, row, strict=True)}


def line_of(row: Row) -> str:
    """Write a row as one line, the same on every database."""
    return canonical_json(row)


def digest(connection: Connection, of: RowTable) -> Digest:
    """Count the rows of a table and sum them up."""
    found = Digest()
    for row in read_rows(connection, of):
        found.add(line_of(row))
    return found


def write_rows(connection: Connection, of: RowTable, rows: Iterable[Row]) -> None:
    """Add rows as they are; `connection` writes, with the triggers aside."""
    some: list[Row] = []
    for row in rows:
        some.append(row)
        if len(some) == _ROWS_AT_ONCE:
            _insert(connection, of, some)
            some = []
    if some:
        _insert(connection, of, some)


@contextmanager
def triggers_aside(connection: Connection) -> Iterator[None]:
    """Write rows of the past: what keeps tables append-only and in order is back before the commit.

    On PostgreSQL the connection's role must own the tables.
    """
    if connection.dialect.name == "sqlite":
        made = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
        ).all()
        aside, back = [f'DROP TRIGGER "{name}"' for name, _ in made], [sql for _, sql in made]
    else:
        names = connection.execute(
            text(
                "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace ORDER BY 1"
            )
        ).scalars()
        aside, back = [], []
        for name in names:
            quoted = connection.dialect.identifier_preparer.quote(name)
            aside.append(f"ALTER TABLE {quoted} DISABLE TRIGGER USER")
            back.append(f"ALTER TABLE {quoted} ENABLE TRIGGER USER")
    _do(connection, aside)
    yield
    _do(connection, back)


def _do(connection: Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def _insert(connection: Connection, of: RowTable, rows: Sequence[Row]) -> None:
    connection.execute(of.clause.insert(), [dict(row) for row in rows])


def _plain(table_name: str, column_name: str, value: Any) -> str | int | None:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, datetime):
        return instant_text(value)
    raise RowUnreadable(table_name, column_name, type(value).__name__)
