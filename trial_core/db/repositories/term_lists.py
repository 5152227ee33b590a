"""Queries on imported lists of CTCAE terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from trial_core.db.tables import term_list


@dataclass(frozen=True)
class TermList:
    """One imported list: its file's name, its bytes as text, and their hash."""

    file: str
    sha256: str
    content: str


def add(connection: Connection, new: TermList, *, user_id: str, at: datetime) -> None:
    """Put a list on record, after all others."""
    count = connection.execute(select(func.count()).select_from(term_list)).scalar_one()
    connection.execute(
        insert(term_list).values(
            number=count + 1,
            file=new.file,
            sha256=new.sha256,
            content=new.content,
            imported_by=user_id,
            imported_at=at,
        )
    )


def hashes(connection: Connection) -> tuple[str, ...]:
    """List the hashes of all lists in the order of their import."""
    return tuple(connection.execute(select(term_list.c.sha256).order_by(term_list.c.number)).scalars())


def by_hash(connection: Connection, sha256: str) -> TermList:
    """Give the list of a hash that is on record."""
    row = connection.execute(select(term_list).where(term_list.c.sha256 == sha256)).one()
    return TermList(file=row.file, sha256=row.sha256, content=row.content)
