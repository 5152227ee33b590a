"""The audit entry of a use case: who did what to which entity, written in the use case's own transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from trial_core.audit_errors import AuditKeyMissing
from trial_core.db.repositories import audit
from trial_core.db.session import Database, note_head
from trial_core.domain.access import Actor
from trial_core.domain.audit_chain import SIGN, AuditHead

_THIS_RUN = f"run-{secrets.token_hex(8)}"
_request: ContextVar[str] = ContextVar("request", default=_THIS_RUN)


@contextmanager
def on_request(request_id: str) -> Iterator[None]:
    """Let the entries made within bear the id of one request; others bear one of the program's run."""
    token = _request.set(request_id)
    try:
        yield
    finally:
        _request.reset(token)


def current_request() -> str:
    """Give the id of the request or job at hand, else that of the program's run."""
    return _request.get()


def note(
    connection: Connection,
    db: Database,
    actor: Actor,
    *,
    action: str,
    entity: str,
    entity_id: str,
    changes: dict[str, list[Any]] | None = None,
    reason: str | None = None,
    at: datetime | None = None,
    **details: str | int | list[str] | None,
) -> AuditHead:
    """Append the entry and give the trail's head with it.

    Parameters
    ----------
    at
        The moment of the row that it is written with, where that has one; default: now.
    changes
        What it changed: field -> [old value, new value].
    reason
        Why, in the person's own words.
    details
        Everything else; no patient's name, no birth date and no secret.

    Raises
    ------
    AuditKeyMissing
    """
    if db.audit is None:
        raise AuditKeyMissing
    before = audit.head(connection)
    entry = audit.NewEntry(
        actor=actor,
        at=at or db.now(),
        action=action,
        entity=entity,
        entity_id=entity_id,
        details=details,
        changes=changes,
        reason=reason,
        request_id=_request.get(),
    )
    head = audit.append(connection, entry, key=db.audit.key)
    note_head(connection, before, head)
    return head


def note_signature(
    connection: Connection,
    db: Database,
    actor: Actor,
    *,
    entity: str,
    entity_id: str,
    meaning: str,
    content_sha256: str,
    **details: Any,
) -> AuditHead:
    """Append the entry of a signature; count and head go to the anchors when the transaction is committed.

    The head is what the signed report prints (`trial_core.anchor_lines.printed`).
    """
    head = note(
        connection,
        db,
        actor,
        action=SIGN,
        entity=entity,
        entity_id=entity_id,
        meaning=meaning,
        content_sha256=content_sha256,
        **details,
    )
    note_head(connection, head, head, anchored=True)
    return head
