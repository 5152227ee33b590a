"""Queries on forms: every version that was entered, the latest of each occasion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from trial_core.db.tables import form_entry, user_account

_IDS_A_QUERY = 500


@dataclass(frozen=True)
class FormVersion:
    """One version of a form; `content` is plain (see `db.form_content`), `void` a form taken back.

    `entered_by` is the login.
    """

    id: str
    subject_id: str
    kind: str
    occasion: str
    version: int
    content: dict[str, Any]
    content_sha256: str
    void: bool
    reason: str | None
    entered_by: str
    entered_at: datetime


def add(connection: Connection, new: FormVersion, *, user_id: str) -> None:
    """Add a version; the database refuses a second one of the same number."""
    connection.execute(
        insert(form_entry).values(
            id=new.id,
            subject_id=new.subject_id,
            kind=new.kind,
            occasion=new.occasion,
            version=new.version,
            content=new.content,
            content_sha256=new.content_sha256,
            void=int(new.void),
            reason=new.reason,
            entered_by=user_id,
            entered_at=new.entered_at,
        )
    )


def latest(connection: Connection, *, subject_id: str, kind: str, occasion: str) -> FormVersion | None:
    """Give the newest version of a form, taken back or not."""
    found = history(connection, subject_id=subject_id, kind=kind, occasion=occasion)
    return found[-1] if found else None


def standing(connection: Connection, *, subject_id: str, kind: str | None = None) -> tuple[FormVersion, ...]:
    """List the newest version of every form that was not taken back, by kind and occasion."""
    query = _versions().where(form_entry.c.subject_id == subject_id)
    if kind is not None:
        query = query.where(form_entry.c.kind == kind)
    return _standing(connection, query)


def standing_of_all(connection: Connection, kind: str) -> tuple[FormVersion, ...]:
    """List the newest version of every form of a kind, of all subjects."""
    return _standing(connection, _versions().where(form_entry.c.kind == kind))


def history(connection: Connection, *, subject_id: str, kind: str, occasion: str) -> tuple[FormVersion, ...]:
    """List every version of a form, oldest first."""
    chosen = (
        (form_entry.c.subject_id == subject_id)
        & (form_entry.c.kind == kind)
        & (form_entry.c.occasion == occasion)
    )
    rows = connection.execute(_versions().where(chosen).order_by(form_entry.c.version))
    return tuple(_version(row) for row in rows)


def by_ids(connection: Connection, ids: Sequence[str]) -> tuple[FormVersion, ...]:
    """Give the versions of some ids, standing or not; an id that is none is left out."""
    found: list[FormVersion] = []
    for start in range(0, len(ids), _IDS_A_QUERY):
        some = ids[start : start + _IDS_A_QUERY]
        rows = connection.execute(_versions().where(form_entry.c.id.in_(some)))
        found += [_version(row) for row in rows]
    return tuple(found)


def _versions() -> Select[Any]:
    return select(form_entry, user_account.c.login).join(
        user_account, user_account.c.id == form_entry.c.entered_by
    )


def _standing(connection: Connection, query: Select[Any]) -> tuple[FormVersion, ...]:
    occasion = (form_entry.c.subject_id, form_entry.c.kind, form_entry.c.occasion)
    newest = select(*occasion, func.max(form_entry.c.version).label("version")).group_by(*occasion).subquery()
    same = [
        form_entry.c[column] == newest.c[column] for column in ("subject_id", "kind", "occasion", "version")
    ]
    rows = connection.execute(query.join(newest, same[0] & same[1] & same[2] & same[3]).order_by(*occasion))
    return tuple(_version(row) for row in rows if not row.void)


def _version(row: Row[Any]) -> FormVersion:
    return FormVersion(
        id=row.id,
        subject_id=row.subject_id,
        kind=row.kind,
        occasion=row.occasion,
        version=row.version,
        content=row.content,
        content_sha256=row.content_sha256,
        void=bool(row.void),
        reason=row.reason,
        entered_by=row.login,
        entered_at=row.entered_at,
    )
