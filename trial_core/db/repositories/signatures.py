"""Queries on signatures."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from trial_core.db.tables import signature, user_account
from trial_core.domain.signing import Signature


def add(connection: Connection, new: Signature, *, user_id: str) -> None:
    """Add a signature; the database lets nobody change or remove it."""
    connection.execute(
        insert(signature).values(
            id=new.id,
            entity=new.entity,
            entity_id=new.entity_id,
            content_sha256=new.content_sha256,
            meaning=new.meaning,
            user_id=user_id,
            full_name=new.full_name,
            role=new.role,
            signed_at=new.signed_at,
        )
    )


def ids(connection: Connection) -> frozenset[str]:
    """Give the ids of all signatures."""
    return frozenset(connection.execute(select(signature.c.id)).scalars())


def on(connection: Connection, *, entity: str, entity_id: str) -> tuple[Signature, ...]:
    """List the signatures on something, oldest first."""
    rows = connection.execute(
        select(signature, user_account.c.login)
        .join(user_account, user_account.c.id == signature.c.user_id)
        .where(signature.c.entity == entity, signature.c.entity_id == entity_id)
        .order_by(signature.c.signed_at, signature.c.id)
    )
    return tuple(
        Signature(
            id=row.id,
            entity=row.entity,
            entity_id=row.entity_id,
            content_sha256=row.content_sha256,
            meaning=row.meaning,
            login=row.login,
            full_name=row.full_name,
            role=row.role,
            signed_at=row.signed_at,
        )
        for row in rows
    )
