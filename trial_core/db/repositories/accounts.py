"""Queries on sites, accounts, sessions and failed sign-ins."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from trial_core.db.tables import session, sign_in_failure, site, user_account
from trial_core.domain.access import Actor, Role
from trial_core.domain.jobs import CLOCK_ALLOWANCE


@dataclass(frozen=True)
class Account:
    """An account with the hash of its password.

    Attributes
    ----------
    one_time_until
        Until when the password can be replaced by one of the person's own; None where it is that already.
    deactivated_at
        Since when the account is out of use.
    """

    actor: Actor
    password_hash: str = field(repr=False)
    created_at: datetime
    one_time_until: datetime | None = None
    deactivated_at: datetime | None = None

    @property
    def opens(self) -> bool:
        """Tell whether its password opens a session."""
        return self.one_time_until is None and self.deactivated_at is None


def add_site(connection: Connection, *, code: str, name: str, at: datetime) -> None:
    """Add a site."""
    connection.execute(insert(site).values(code=code, name=name, created_at=at))


def sites(connection: Connection) -> tuple[tuple[str, str], ...]:
    """List (code, name) by code."""
    rows = connection.execute(select(site.c.code, site.c.name).order_by(site.c.code))
    return tuple((row.code, row.name) for row in rows)


def site_exists(connection: Connection, code: str) -> bool:
    """Tell whether a site of this code exists."""
    return connection.execute(select(site.c.code).where(site.c.code == code)).first() is not None


def add_account(
    connection: Connection,
    actor: Actor,
    *,
    password_hash: str,
    at: datetime,
    one_time_until: datetime | None = None,
) -> None:
    """Add an account."""
    connection.execute(
        insert(user_account).values(
            id=actor.user_id,
            login=actor.login,
            full_name=actor.full_name,
            role=actor.role.value,
            site_code=actor.site_code,
            password_hash=password_hash,
            created_at=at,
            one_time_until=one_time_until,
        )
    )


def account_by_login(connection: Connection, login: str) -> Account | None:
    """Find an account by its login."""
    row = connection.execute(select(user_account).where(user_account.c.login == login)).first()
    return _account(row) if row else None


def every_account(connection: Connection) -> tuple[Account, ...]:
    """List the accounts by login."""
    return tuple(
        _account(row) for row in connection.execute(select(user_account).order_by(user_account.c.login))
    )


def administrators_in_use(connection: Connection) -> frozenset[str]:
    """Give the user ids of the administrators who can sign in."""
    rows = connection.execute(
        select(user_account.c.id)
        .where(user_account.c.role == Role.ADMINISTRATOR.value)
        .where(user_account.c.deactivated_at.is_(None), user_account.c.one_time_until.is_(None))
    )
    return frozenset(rows.scalars())


def set_password(
    connection: Connection, *, user_id: str, password_hash: str, one_time_until: datetime | None = None
) -> None:
    """Replace the hash of a password."""
    _set(connection, user_id, password_hash=password_hash, one_time_until=one_time_until)


def set_role(connection: Connection, *, user_id: str, role: Role, site_code: str | None) -> None:
    """Set role and site."""
    _set(connection, user_id, role=role.value, site_code=site_code)


def set_deactivated(connection: Connection, *, user_id: str, at: datetime | None) -> None:
    """Put an account out of use, or (None) back into it."""
    _set(connection, user_id, deactivated_at=at)


def add_session(
    connection: Connection, *, token_sha256: str, user_id: str, at: datetime, expires_at: datetime
) -> None:
    """Add a session."""
    values = {"token_sha256": token_sha256, "user_id": user_id, "created_at": at, "expires_at": expires_at}
    connection.execute(insert(session).values(**values))


def session_actor(connection: Connection, *, token_sha256: str, at: datetime) -> Actor | None:
    """Give the person of a session that is neither revoked nor expired, and whose account is in use.

    One that began in the future is from before the clock was set back: it would last too long.
    """
    row = connection.execute(
        select(user_account)
        .join(session, session.c.user_id == user_account.c.id)
        .where(session.c.token_sha256 == token_sha256, session.c.revoked_at.is_(None))
        .where(session.c.created_at <= at + CLOCK_ALLOWANCE, session.c.expires_at > at)
        .where(user_account.c.deactivated_at.is_(None))
    ).first()
    return _actor(row) if row else None


def revoke_session(connection: Connection, *, token_sha256: str, at: datetime) -> None:
    """End one session."""
    chosen = (session.c.token_sha256 == token_sha256) & session.c.revoked_at.is_(None)
    connection.execute(update(session).where(chosen).values(revoked_at=at))


def revoke_sessions_of(connection: Connection, *, user_id: str, at: datetime) -> None:
    """End every session of an account."""
    chosen = (session.c.user_id == user_id) & session.c.revoked_at.is_(None)
    connection.execute(update(session).where(chosen).values(revoked_at=at))


def forget_sessions(connection: Connection, *, before: datetime) -> int:
    """Delete the sessions that had expired before a time, and count them."""
    return connection.execute(delete(session).where(session.c.expires_at <= before)).rowcount


def failures(connection: Connection, *, login_sha256: str, since: datetime, at: datetime) -> int:
    """Count the failed sign-ins under a name since a time, without those of a future one."""
    count = connection.execute(
        select(sign_in_failure.c.failures)
        .where(sign_in_failure.c.login_sha256 == login_sha256)
        .where(sign_in_failure.c.last_at > since, sign_in_failure.c.last_at <= at + CLOCK_ALLOWANCE)
    ).scalar()
    return count or 0


def set_failures(connection: Connection, *, login_sha256: str, count: int, at: datetime) -> None:
    """Note how many sign-ins failed under a name; 0 forgets them."""
    connection.execute(delete(sign_in_failure).where(sign_in_failure.c.login_sha256 == login_sha256))
    if count:
        values = {"login_sha256": login_sha256, "failures": count, "last_at": at}
        connection.execute(insert(sign_in_failure).values(**values))


def forget_failures(connection: Connection, *, before: datetime) -> None:
    """Drop counts that no longer matter, so that made-up names cannot fill the table."""
    connection.execute(delete(sign_in_failure).where(sign_in_failure.c.last_at <= before))


def _set(connection: Connection, user_id: str, **values: Any) -> None:
    connection.execute(update(user_account).where(user_account.c.id == user_id).values(**values))


def _account(row: Row[Any]) -> Account:
    return Account(
        actor=_actor(row),
        password_hash=row.password_hash,
        created_at=row.created_at,
        one_time_until=row.one_time_until,
        deactivated_at=row.deactivated_at,
    )


def _actor(row: Row[Any]) -> Actor:
    return Actor(
        user_id=row.id,
        login=row.login,
        role=Role(row.role),
        site_code=row.site_code,
        full_name=row.full_name,
    )
