"""The audit entry of a use case: who did what to which entity, written in the use case's own transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from trial_core.db.repositories import audit
from trial_core.db.session import Database
from trial_core.domain.access import Actor


def note(
    connection: Connection,
    db: Database,
    actor: Actor,
    *,
    action: str,
    entity: str,
    entity_id: str,
    **details: str | int | list[str] | dict[str, list[Any]] | None,
) -> None:
    """Append the entry; `details` hold no patient's name, no birth date and no secret."""
    audit.append(
        connection,
        actor=actor,
        at=db.now(),
        action=action,
        entity=entity,
        entity_id=entity_id,
        details=details,
    )


def verify_audit_trail(db: Database) -> audit.AuditHead:
    """Walk the audit trail and give its last entry; keep it elsewhere, for a trail cut short looks whole.

    Raises
    ------
    AuditChainBroken
    """
    with db.read() as connection:
        return audit.verify(connection)
