"""Queries on forms: every version that was entered, the latest of each occasion."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, exists, insert, select

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
    if kind is None:
        rows = connection.execute(_STANDING_OF_SUBJECT, {"subject": subject_id})
    else:
        rows = connection.execute(_STANDING_OF_SUBJECT_AND_KIND, {"subject": subject_id, "kind": kind})
    return tuple(_version(row) for row in rows)


def newest(connection: Connection, *, subject_id: str) -> tuple[FormVersion, ...]:
    """List the newest version of every form, also of those taken back, by kind and occasion."""
    rows = connection.execute(_NEWEST_OF_SUBJECT, {"subject": subject_id})
    return tuple(_version(row) for row in rows)


def standing_of_all(connection: Connection, kind: str) -> tuple[FormVersion, ...]:
    """List the newest version of every form of a kind, of all subjects."""
    rows = connection.execute(_STANDING_OF_KIND, {"kind": kind})
    return tuple(_version(row) for row in rows)


def standing_of_some(
    connection: Connection, kind: str, subject_ids: Collection[str]
) -> tuple[FormVersion, ...]:
    """List what `standing_of_all` does, of these subjects alone and in the same order."""
    rows = connection.execute(_STANDING_OF_SOME, {"kind": kind, "subjects": sorted(subject_ids)})
    return tuple(_version(row) for row in rows)


def subjects_with(connection: Connection, kinds: Collection[str]) -> frozenset[str]:
    """Give the ids of the subjects that have a standing form of one of these kinds."""
    rows = connection.execute(_SUBJECTS_WITH, {"kinds": sorted(kinds)})
    return frozenset(row.subject_id for row in rows)


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


def _newest() -> Select[Any]:
    """Those without a newer version, asked for each by the index: no query reads forms of other subjects."""
    occasion = (form_entry.c.subject_id, form_entry.c.kind, form_entry.c.occasion)
    newer = form_entry.alias("newer")
    same = [newer.c[column.name] == column for column in occasion]
    is_superseded = exists().where(and_(*same, newer.c.version > form_entry.c.version))
    return _versions().where(~is_superseded).order_by(*occasion)


def _standing() -> Select[Any]:
    return _newest().where(form_entry.c.void == 0)


# Written once: to write them costs more than to ask them, and they are asked at every entry.
_NEWEST_OF_SUBJECT = _newest().where(form_entry.c.subject_id == bindparam("subject"))
_STANDING_OF_KIND = _standing().where(form_entry.c.kind == bindparam("kind"))
_STANDING_OF_SOME = _STANDING_OF_KIND.where(
    form_entry.c.subject_id.in_(bindparam("subjects", expanding=True))
)
_SUBJECTS_WITH = (
    _standing()
    .where(form_entry.c.kind.in_(bindparam("kinds", expanding=True)))
    .with_only_columns(form_entry.c.subject_id)
)
_STANDING_OF_SUBJECT = _standing().where(form_entry.c.subject_id == bindparam("subject"))
_STANDING_OF_SUBJECT_AND_KIND = _STANDING_OF_SUBJECT.where(form_entry.c.kind == bindparam("kind"))


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
