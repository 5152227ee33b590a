"""Reading the audit trail: who did what, when, to whose record; never more than the reader's role may know.

A monitor reads every entry. An administrator, who sees nothing clinical, reads those of the installation
alone (`OPEN_ENTITIES`): the others are neither shown nor counted, nor can a search find out what is in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection

from trial_core.db.repositories import audit, audit_reading
from trial_core.db.repositories.audit_reading import ReadEntry, Wanted
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.audit_chain import AuditHead
from trial_core.domain.names import is_code, site_and_code
from trial_core.services import audit_trail
from trial_core.services.authorise import require

ENTRIES_A_PAGE = 50
_ENTRIES_AT_ONCE = 1000
OPEN_ENTITIES = frozenset(
    {
        "audit trail",
        "consent form",
        "data cut",
        "DICOM sender",
        "job",
        "list of terms",
        "protocol",
        "site",
        "user",
    }
)
"""Kinds of things whose entries tell nothing of a subject; a new kind is withheld until it is added here."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is looked for; an empty text, or None, does not ask.

    Attributes
    ----------
    subject
        A code, or site and code as in `S1:001`.
    from_on, to_on
        Days in UTC, both included.
    """

    login: str = ""
    action: str = ""
    subject: str = ""
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True)
class FoundEntry:
    """An entry, and the subject that it is about: site and code, or None."""

    entry: ReadEntry
    subject: tuple[str, str] | None


@dataclass(frozen=True, kw_only=True)
class FoundPage:
    """A page of what was found, newest first.

    Attributes
    ----------
    total
        How many entries fit, on all pages.
    actions
        What can be asked for, by name.
    head
        Of the whole trail: how many entries there are, and the hash of the last.
    """

    entries: tuple[FoundEntry, ...]
    total: int
    has_newer: bool
    has_older: bool
    actions: tuple[str, ...]
    head: AuditHead


def read_trail(
    db: Database, actor: Actor, asked: Asked, *, before: int | None = None, after: int | None = None
) -> FoundPage:
    """Give a page of the entries that fit, of the whole trail.

    Parameters
    ----------
    before, after
        Only entries of a lower, or of a higher number; both None gives the newest.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_AUDIT_TRAIL)
    return _page(db, asked, None, before=before, after=after)


def read_operations_trail(
    db: Database, actor: Actor, asked: Asked, *, before: int | None = None, after: int | None = None
) -> FoundPage:
    """Give a page of the entries that fit, of those about the installation; a subject finds none.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    return _page(db, asked, OPEN_ENTITIES, before=before, after=after)


def every_entry(db: Database, actor: Actor, asked: Asked) -> Iterator[FoundEntry]:
    """Go through all entries of the trail that fit, newest first, some at a time.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_AUDIT_TRAIL)
    return _walk(db, asked, None)


def every_operations_entry(db: Database, actor: Actor, asked: Asked) -> Iterator[FoundEntry]:
    """Go through all entries about the installation that fit, newest first, some at a time.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    return _walk(db, asked, OPEN_ENTITIES)


def verify_trail(db: Database, actor: Actor) -> audit_trail.Verification:
    """Walk the whole audit trail now, for whoever reads it: is it what was written.

    Raises
    ------
    NotAuthorised, AuditKeyMissing, AnchorUnreadable, TrailUnreadable
    """
    require(actor, Permission.SEE_AUDIT_TRAIL)
    return audit_trail.verify(db)


def _page(
    db: Database, asked: Asked, entities: frozenset[str] | None, *, before: int | None, after: int | None
) -> FoundPage:
    with db.read() as connection:
        wanted = _wanted(connection, asked, entities)
        found = audit_reading.page(connection, wanted, before=before, after=after, most=ENTRIES_A_PAGE)
        first, last = (found[0].sequence, found[-1].sequence) if found else (0, 0)
        subjects = audit_reading.subjects_of(connection, found)
        return FoundPage(
            entries=tuple(FoundEntry(each, subjects.get(each.sequence)) for each in found),
            total=audit_reading.count(connection, wanted),
            has_newer=bool(found) and _any(connection, wanted, after=first),
            has_older=bool(found) and _any(connection, wanted, before=last),
            actions=audit_reading.actions(connection, entities),
            head=audit.head(connection),
        )


def _walk(db: Database, asked: Asked, entities: frozenset[str] | None) -> Iterator[FoundEntry]:
    # A read of its own for each part: whoever reads the file slowly holds nothing open.
    before: int | None = None
    while True:
        with db.read() as connection:
            wanted = _wanted(connection, asked, entities)
            found = audit_reading.page(connection, wanted, before=before, after=None, most=_ENTRIES_AT_ONCE)
            subjects = audit_reading.subjects_of(connection, found)
        yield from (FoundEntry(each, subjects.get(each.sequence)) for each in found)
        if len(found) < _ENTRIES_AT_ONCE:
            return
        before = found[-1].sequence


def _any(
    connection: Connection, wanted: Wanted, *, before: int | None = None, after: int | None = None
) -> bool:
    return bool(audit_reading.page(connection, wanted, before=before, after=after, most=1))


def _wanted(connection: Connection, asked: Asked, entities: frozenset[str] | None) -> Wanted:
    return Wanted(
        login=asked.login or None,
        action=asked.action or None,
        entities=entities,
        subject_ids=_subjects(connection, asked.subject, entities),
        since=_midnight(asked.from_on) if asked.from_on else None,
        until=_midnight(asked.to_on + timedelta(days=1)) if asked.to_on and asked.to_on < date.max else None,
    )


def _subjects(connection: Connection, label: str, entities: frozenset[str] | None) -> tuple[str, ...] | None:
    if not label:
        return None
    site, code = site_and_code(label)
    if entities is not None or not is_code(code):
        return ()
    return audit_reading.subject_ids(connection, code=code, site_code=site or None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
