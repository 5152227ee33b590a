"""The audit trail: append an entry to the hash chain, read the chain as it is stored."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select

from trial_core.audit_errors import AuditKeyUnknown
from trial_core.db.columns import canonical_json
from trial_core.db.repositories.as_stored import as_stored, as_text
from trial_core.db.tables import audit_entry
from trial_core.domain.access import SYSTEM, Actor
from trial_core.domain.audit_chain import BEGINNING, SIGN, AuditHead, AuditKey, StoredEntry
from trial_core.domain.canonical import instant_text

_TEXTS = StoredEntry._fields[1:]
_JSON = ("details", "changes")
_NOTHING = AuditHead(0, BEGINNING)
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class NewEntry:
    """What an entry says: who did what to which entity, when, at whose request, and why."""

    actor: Actor
    at: datetime
    action: str
    entity: str
    entity_id: str
    details: Mapping[str, Any]
    changes: Mapping[str, Any] | None = None
    reason: str | None = None
    request_id: str | None = None


def append(connection: Connection, new: NewEntry, *, key: AuditKey) -> AuditHead:
    """Append one entry and give the trail's head; `connection` must be writing.

    On a trail from before there was a key, or before it was replaced, it is sealed first.

    Raises
    ------
    AuditKeyUnknown
        The trail goes on under a key that this program does not have.
    """
    seal(connection, at=new.at, key=key)
    return _insert(connection, new, head(connection), key)


def seal(connection: Connection, *, at: datetime, key: AuditKey) -> bool:
    """Put an entry with the key behind those without one, or of an older one; False where it is there.

    It covers the hash of the last of them: whoever rewrites them cannot make it anew.

    Raises
    ------
    AuditKeyUnknown
    """
    last, key_id = _last(connection)
    if not last.count or key_id == key.id:
        return False
    if key_id is not None and key.age_of(key_id) is None:
        raise AuditKeyUnknown
    _insert(connection, _sealing(last, at, key_id), last, key)
    return True


def head(connection: Connection) -> AuditHead:
    """Give how many entries there are, and the hash of the last."""
    return _last(connection)[0]


def key_in_use(connection: Connection) -> str | None:
    """Name the key that the trail goes on under; None where it is empty, or from before there was a key."""
    return _last(connection)[1]


def heads_of_signatures(connection: Connection, ids: Collection[str]) -> Mapping[str, AuditHead]:
    """Give number and hash of each of these signatures' entries, by its id; one without entry is left out."""
    found = {}
    for sequence, entry_hash, details in _noted(connection, action=SIGN):
        if details.get("signature") in ids:
            found[details["signature"]] = AuditHead(sequence, entry_hash)
    return found


def head_of(connection: Connection, *, action: str, entity: str, entity_id: str) -> AuditHead | None:
    """Give number and hash of the last entry of an action on something; None where there is none."""
    conditions = (audit_entry.c.entity == entity, audit_entry.c.entity_id == entity_id)
    found = list(_noted(connection, *conditions, action=action))
    return AuditHead(found[-1][0], found[-1][1]) if found else None


def _noted(
    connection: Connection, *conditions: ColumnElement[bool], action: str
) -> Iterable[tuple[int, str, Mapping[str, Any]]]:
    columns = (audit_entry.c.sequence, audit_entry.c.hash, audit_entry.c.details)
    chosen = select(*columns).where(audit_entry.c.action == action, *conditions)
    for row in connection.execute(chosen.order_by(audit_entry.c.sequence)):
        yield row.sequence, row.hash, row.details


def stored(connection: Connection) -> Generator[StoredEntry, None, None]:
    """Read every entry as it is stored, to the byte, a few at a time; close it where it is left early."""
    sqlite = connection.dialect.name == "sqlite"
    raw = [as_stored(audit_entry.c[name], sqlite=sqlite) for name in _TEXTS]
    statement = select(audit_entry.c.sequence, *raw).order_by(audit_entry.c.sequence)
    with connection.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE)) as rows:
        for sequence, *values in rows:
            yield StoredEntry._make((sequence, *map(as_text, values)))


def _last(connection: Connection) -> tuple[AuditHead, str | None]:
    columns = (audit_entry.c.sequence, audit_entry.c.hash, audit_entry.c.key_id)
    row = connection.execute(select(*columns).order_by(audit_entry.c.sequence.desc()).limit(1)).first()
    return (AuditHead(row.sequence, row.hash), row.key_id) if row else (_NOTHING, None)


def _sealing(before: AuditHead, at: datetime, key_id: str | None) -> NewEntry:
    return NewEntry(
        actor=SYSTEM,
        at=at,
        action="seal entries without a key" if key_id is None else "seal entries of an older key",
        entity="audit trail",
        entity_id=str(before.count),
        details={"entries": before.count, "hash": before.hash, **({"key": key_id} if key_id else {})},
    )


def _insert(connection: Connection, new: NewEntry, before: AuditHead, key: AuditKey) -> AuditHead:
    values: dict[str, Any] = {
        "sequence": before.count + 1,
        "at": new.at,
        "user_id": new.actor.user_id,
        "login": new.actor.login,
        "role": new.actor.role.value,
        "site_code": new.actor.site_code,
        "action": new.action,
        "entity": new.entity,
        "entity_id": new.entity_id,
        "details": dict(new.details),
        "changes": None if new.changes is None else dict(new.changes),
        "reason": new.reason,
        "request_id": new.request_id,
        "key_id": key.id,
        "previous_hash": before.hash,
    }
    entry_hash = key.hash_of(StoredEntry(**(values | _written(values))))
    connection.execute(insert(audit_entry).values(**values, hash=entry_hash))
    return AuditHead(before.count + 1, entry_hash)


def _written(values: Mapping[str, Any]) -> dict[str, str | None]:
    """Give the texts that the columns' types make of a moment and of JSON."""
    plain = {name: None if values[name] is None else canonical_json(values[name]) for name in _JSON}
    return {**plain, "at": instant_text(values["at"])}
