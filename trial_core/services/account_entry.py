"""The entry of an account: what the audit trail tells of its row, so that no other can stand there unseen."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from sqlalchemy import Connection

from trial_core.db.repositories import accounts
from trial_core.db.session import Database
from trial_core.domain.access import Actor
from trial_core.services.journal import note

ONE_TIME_LIFE = timedelta(days=7)


def put_account(
    connection: Connection,
    db: Database,
    actor: Actor,
    new: Actor,
    *,
    password_hash: str,
    one_time: bool = False,
) -> None:
    """Put an account that was looked at on record, with its entry."""
    at = db.now()
    until = at + ONE_TIME_LIFE if one_time else None
    accounts.add_account(connection, new, password_hash=password_hash, at=at, one_time_until=until)
    note(
        connection,
        db,
        actor,
        action="create user",
        entity="user",
        entity_id=new.user_id,
        changes={
            "login": [None, new.login],
            "role": [None, new.role.value],
            "site": [None, new.site_code],
        },
        at=at,
        full_name=new.full_name,
        kept_password_sha256=kept_password(password_hash),
    )


def kept_password(password_hash: str) -> str:
    """What an entry tells of the password that an account has from then on: one put there otherwise is seen.

    The hash is salted with 128 bits: its own hash opens nothing and lets nobody guess.
    """
    return hashlib.sha256(password_hash.encode()).hexdigest()
