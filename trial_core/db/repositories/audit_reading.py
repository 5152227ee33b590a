"""Reading the audit trail in parts: the entries of a search, a page at a time, and whom they are about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, false, func, or_, select, type_coerce
from sqlalchemy.types import Text

from trial_core.db.tables import audit_entry, plan_submission, subject

_SUBMISSION, _SUBJECT = "submission", "subject"


@dataclass(frozen=True)
class ReadEntry:
    """An entry as it is read: who did what to which entity, when and why, and its number in the chain."""

    sequence: int
    at: datetime
    login: str
    role: str | None
    site_code: str | None
    action: str
    entity: str
    entity_id: str
    details: Mapping[str, Any]
    changes: Mapping[str, list[Any]] | None
    reason: str | None
    request_id: str | None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which entries: of each condition all that fit; None does not ask.

    Attributes
    ----------
    entities
        Kinds of things that the reader may read of at all.
    subject_ids
        Entries about any of these subjects; none at all where it is empty.
    since, until
        `since` <= moment < `until`.
    """

    login: str | None = None
    action: str | None = None
    entities: frozenset[str] | None = None
    subject_ids: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None


def page(
    connection: Connection, wanted: Wanted, *, before: int | None, after: int | None, most: int
) -> tuple[ReadEntry, ...]:
    """Give entries, newest first: the last `most` below the number `before`, or the next above `after`."""
    number, chosen = audit_entry.c.sequence, [_fits(connection, wanted)]
    if before is not None:
        chosen.append(number < before)
    if after is not None:
        chosen.append(number > after)
    upwards = after is not None and before is None
    asked = select(audit_entry).where(*chosen).order_by(number.asc() if upwards else number.desc())
    found = [_entry(row) for row in connection.execute(asked.limit(most))]
    return tuple(reversed(found) if upwards else found)


def count(connection: Connection, wanted: Wanted) -> int:
    """Count the entries that fit."""
    chosen = select(func.count()).select_from(audit_entry).where(_fits(connection, wanted))
    return int(connection.execute(chosen).scalar_one())


def actions(connection: Connection, entities: frozenset[str] | None) -> tuple[str, ...]:
    """List every action that was ever noted of these kinds of things, by name."""
    chosen = select(audit_entry.c.action).distinct().where(_fits(connection, Wanted(entities=entities)))
    return tuple(sorted(connection.execute(chosen).scalars()))


def subject_ids(connection: Connection, *, code: str, site_code: str | None) -> tuple[str, ...]:
    """Give the ids of the subjects of a code, at one site or at every one."""
    chosen = subject.c.code == code
    if site_code is not None:
        chosen &= subject.c.site_code == site_code
    return tuple(connection.execute(select(subject.c.id).where(chosen)).scalars())


def subjects_of(connection: Connection, entries: Iterable[ReadEntry]) -> dict[int, tuple[str, str]]:
    """Give site and code of the subject that an entry is about, by its number; others are left out."""
    named = {each.sequence: _named_ids(each) for each in entries}
    ids = {one for several in named.values() for one in several}
    of_submission = _pairs(connection, plan_submission.c.id, plan_submission.c.subject_id, ids)
    columns = select(subject.c.id, subject.c.site_code, subject.c.code)
    asked = columns.where(subject.c.id.in_(ids | set(of_submission.values())))
    known = {row.id: (row.site_code, row.code) for row in connection.execute(asked)}
    found = {
        number: next(
            (known[one] for one in (of_submission.get(key, key) for key in several) if one in known), None
        )
        for number, several in named.items()
    }
    return {number: pair for number, pair in found.items() if pair is not None}


def _pairs(
    connection: Connection, key: ColumnElement[str], value: ColumnElement[str], ids: Collection[str]
) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(select(key, value).where(key.in_(ids)))}


def _named_ids(entry: ReadEntry) -> tuple[str, ...]:
    # A form names its subject among its details; a signature is on "SUBJECT/kind/occasion" or a submission.
    parts = (entry.entity_id, *entry.entity_id.split("/"))
    told = [entry.details.get(_SUBJECT), entry.details.get(_SUBMISSION)]
    return (*parts, *(each for each in told if isinstance(each, str)))


def _fits(connection: Connection, wanted: Wanted) -> ColumnElement[bool]:
    of = audit_entry.c
    asked = [
        None if wanted.login is None else of.login == wanted.login,
        None if wanted.action is None else of.action == wanted.action,
        None if wanted.entities is None else of.entity.in_(sorted(wanted.entities)),
        None if wanted.since is None else of.at >= wanted.since,
        None if wanted.until is None else of.at < wanted.until,
        None if wanted.subject_ids is None else _about(connection, wanted.subject_ids),
    ]
    return and_(of.sequence > 0, *(each for each in asked if each is not None))


def _about(connection: Connection, ids: Collection[str]) -> ColumnElement[bool]:
    """Say that an entry is about a subject: it names the subject's id, or that of one of its submissions."""
    if not ids:
        return false()
    of_them = select(plan_submission.c.id).where(plan_submission.c.subject_id.in_(ids))
    sent_ids = connection.execute(of_them).scalars().all()
    details = type_coerce(audit_entry.c.details, Text)
    # Ids are 32 hexadecimal digits: a text that holds one names it, and no wildcard is among them.
    named = [
        condition
        for one in (*ids, *sent_ids)
        for condition in (audit_entry.c.entity_id.startswith(one), details.contains(f'"{one}'))
    ]
    return or_(*named)


def _entry(row: Row[Any]) -> ReadEntry:
    return ReadEntry(
        sequence=row.sequence,
        at=row.at,
        login=row.login,
        role=row.role,
        site_code=row.site_code,
        action=row.action,
        entity=row.entity,
        entity_id=row.entity_id,
        details=row.details,
        changes=row.changes,
        reason=row.reason,
        request_id=row.request_id,
    )
