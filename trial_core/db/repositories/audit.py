"""The audit trail: append an entry to the hash chain, and verify the chain."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from trial_core.db.columns import canonical_json
from trial_core.db.tables import audit_entry
from trial_core.domain.access import Actor
from trial_core.errors import AuditChainBroken

_BEGINNING = "0" * 64


@dataclass(frozen=True)
class AuditHead:
    """The last entry of a verified trail: compare it with a copy kept elsewhere."""

    sequence: int
    hash: str


def append(
    connection: Connection,
    *,
    actor: Actor,
    at: datetime,
    action: str,
    entity: str,
    entity_id: str,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Append one entry; its hash covers everything in it and the hash before it."""
    head = _head(connection)
    values = {
        "sequence": head.sequence + 1,
        "at": at,
        "user_id": actor.user_id,
        "login": actor.login,
        "action": action,
        "entity": entity,
        "entity_id": entity_id,
        "details": dict(details or {}),
        "previous_hash": head.hash,
    }
    connection.execute(insert(audit_entry).values(**values, hash=_hash(values)))


def verify(connection: Connection) -> AuditHead:
    """Walk the whole chain.

    Raises
    ------
    AuditChainBroken
        An entry was changed, removed, inserted or renumbered; names the first.
    """
    head = AuditHead(0, _BEGINNING)
    for row in connection.execute(select(audit_entry).order_by(audit_entry.c.sequence)).mappings():
        values = {key: value for key, value in row.items() if key != "hash"}
        in_order = row["sequence"] == head.sequence + 1 and row["previous_hash"] == head.hash
        if not in_order or row["hash"] != _hash(values):
            raise AuditChainBroken(row["sequence"])
        head = AuditHead(row["sequence"], row["hash"])
    return head


def _head(connection: Connection) -> AuditHead:
    columns = (audit_entry.c.sequence, audit_entry.c.hash)
    row = connection.execute(select(*columns).order_by(audit_entry.c.sequence.desc()).limit(1)).first()
    return AuditHead(row.sequence, row.hash) if row else AuditHead(0, _BEGINNING)


def _hash(values: Mapping[str, Any]) -> str:
    text = canonical_json({**values, "at": values["at"].isoformat(timespec="microseconds")})
    return hashlib.sha256(text.encode()).hexdigest()
