"""Accounts: create a user, sign in and out, change a password."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Connection

from trial_core.db.repositories import accounts
from trial_core.db.session import Database
from trial_core.domain.access import SITE_ROLES, Actor, Permission, Role
from trial_core.domain.names import LABEL_RULE, LOGIN_RULE, is_code, is_label, is_login
from trial_core.errors import (
    AccountLocked,
    AlreadyExists,
    NotAName,
    NotSignedIn,
    SignInRefused,
    UnknownSite,
    WeakPassword,
)
from trial_core.services.authorise import require
from trial_core.services.journal import note

LEAST_PASSWORD_CHARACTERS = 12
MOST_PASSWORD_CHARACTERS = (
    1024  # Hashing takes time by length: a megabyte would be an attack, not a password.
)
FAILURES_BEFORE_LOCK = 5
LOCK = timedelta(minutes=15)
SESSION_LIFE = timedelta(hours=12)
_HASHER = PasswordHasher()


def create_user(
    db: Database,
    actor: Actor,
    *,
    login: str,
    password: str,
    role: Role,
    full_name: str,
    site_code: str | None = None,
) -> Actor:
    """Create an account. Clinical roles need a site, the others have none.

    Raises
    ------
    NotAuthorised, AlreadyExists, WeakPassword, UnknownSite, NotAName
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    new = Actor(uuid.uuid4().hex, _plain_login(login), role, site_code, full_name.strip())
    _check_names(new.login, new.full_name)
    password_hash = _hash(password)
    with db.transaction() as connection:
        _check_site(connection, new)
        if accounts.account_by_login(connection, new.login):
            raise AlreadyExists("user", new.login)
        at = db.now()
        accounts.add_account(connection, new, password_hash=password_hash, at=at)
        note(
            connection,
            db,
            actor,
            action="create user",
            entity="user",
            entity_id=new.user_id,
            login=new.login,
            role=role.value,
            site=site_code,
        )
    return new


def has_users(db: Database) -> bool:
    """Tell whether any account exists (a fresh installation has none)."""
    with db.read() as connection:
        return accounts.any_account(connection)


def sign_in(db: Database, *, login: str, password: str) -> str:
    """Check a password and open a session; returns its token, which is kept only as a hash.

    A failure is counted before the password is looked at, so that guesses sent at once are counted too. An
    unknown name costs the same time as a known one and locks alike.

    Raises
    ------
    SignInRefused, AccountLocked
    """
    login = _plain_login(login)
    _count_attempt(db, login)
    with db.read() as connection:
        account = accounts.account_by_login(connection, login) if is_login(login) else None
    good = _verify(account.password_hash if account else _nobodys_hash(), password)
    if account is None or not good:
        _note_refusal(db, account)
        raise SignInRefused
    return _open_session(db, account.actor)


def actor_of(db: Database, *, token: str) -> Actor:
    """Give the person a session token belongs to.

    Raises
    ------
    NotSignedIn
    """
    with db.read() as connection:
        actor = accounts.session_actor(connection, token_sha256=_sha256(token), at=db.now())
    if actor is None:
        raise NotSignedIn
    return actor


def sign_out(db: Database, *, token: str) -> None:
    """Revoke a session; an unknown token is no error."""
    with db.transaction() as connection:
        at = db.now()
        actor = accounts.session_actor(connection, token_sha256=_sha256(token), at=at)
        if actor is None:
            return
        accounts.revoke_session(connection, token_sha256=_sha256(token), at=at)
        note(connection, db, actor, action="sign out", entity="user", entity_id=actor.user_id)


def change_password(db: Database, actor: Actor, *, old_password: str, new_password: str) -> None:
    """Change one's own password; every session of the account ends.

    Raises
    ------
    SignInRefused, AccountLocked, WeakPassword
    """
    confirm_password(db, actor, password=old_password)
    password_hash = _hash(new_password)
    with db.transaction() as connection:
        at = db.now()
        accounts.set_password(connection, user_id=actor.user_id, password_hash=password_hash)
        accounts.revoke_sessions_of(connection, user_id=actor.user_id, at=at)
        note(connection, db, actor, action="change password", entity="user", entity_id=actor.user_id)


def confirm_password(db: Database, actor: Actor, *, password: str) -> None:
    """Ask a signed-in person for their password again; failures count and lock as those of signing in do.

    Raises
    ------
    SignInRefused, AccountLocked
        The first also where the account is no longer what the person signed in with.
    """
    _count_attempt(db, actor.login)
    with db.read() as connection:
        account = accounts.account_by_login(connection, actor.login)
    if account is None or account.actor != actor or not _verify(account.password_hash, password):
        raise SignInRefused
    with db.transaction() as connection:
        accounts.set_failures(connection, login_sha256=_sha256(actor.login), count=0, at=db.now())


def expire_sessions(db: Database) -> int:
    """Delete sessions that have expired, and count them: they opened nothing any more, and their rows add up.

    Signing in and out is in the audit trail; this leaves no entry.
    """
    with db.transaction() as connection:
        return accounts.forget_sessions(connection, before=db.now())


def _count_attempt(db: Database, login: str) -> None:
    with db.transaction() as connection:
        at, key = db.now(), _sha256(login)
        accounts.forget_failures(connection, before=at - LOCK)
        count = accounts.failures(connection, login_sha256=key, since=at - LOCK)
        if count >= FAILURES_BEFORE_LOCK:
            raise AccountLocked(int(LOCK.total_seconds() // 60))
        accounts.set_failures(connection, login_sha256=key, count=count + 1, at=at)


def _note_refusal(db: Database, account: accounts.Account | None) -> None:
    # What was typed as a name may be a password: it is not kept.
    if account is None:
        return
    with db.transaction() as connection:
        note(
            connection,
            db,
            account.actor,
            action="sign-in refused",
            entity="user",
            entity_id=account.actor.user_id,
        )


def _open_session(db: Database, actor: Actor) -> str:
    token = secrets.token_urlsafe(32)
    with db.transaction() as connection:
        at = db.now()
        accounts.set_failures(connection, login_sha256=_sha256(actor.login), count=0, at=at)
        accounts.add_session(
            connection,
            token_sha256=_sha256(token),
            user_id=actor.user_id,
            at=at,
            expires_at=at + SESSION_LIFE,
        )
        note(connection, db, actor, action="sign in", entity="user", entity_id=actor.user_id)
    return token


def _check_names(login: str, full_name: str) -> None:
    if not is_login(login):
        raise NotAName("user name", login, LOGIN_RULE)
    if not is_label(full_name):
        raise NotAName("person's name", full_name, LABEL_RULE)


def _check_site(connection: Connection, new: Actor) -> None:
    if (new.role in SITE_ROLES) != (new.site_code is not None):
        raise UnknownSite(new.site_code or "")
    if new.site_code is not None and not _site_exists(connection, new.site_code):
        raise UnknownSite(new.site_code)


def _site_exists(connection: Connection, code: str) -> bool:
    return is_code(code) and accounts.site_exists(connection, code)


def _plain_login(login: str) -> str:
    return login.strip().casefold()


def _hash(password: str) -> str:
    if not LEAST_PASSWORD_CHARACTERS <= len(password) <= MOST_PASSWORD_CHARACTERS:
        raise WeakPassword(LEAST_PASSWORD_CHARACTERS, MOST_PASSWORD_CHARACTERS)
    return _HASHER.hash(_bytes_of(password))


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, _bytes_of(password))
    except VerifyMismatchError:
        return False


def _bytes_of(password: str) -> bytes:
    # No password is longer, and none is empty: what is too long is compared as an empty one and fails.
    return password.encode("utf-8", "surrogatepass") if len(password) <= MOST_PASSWORD_CHARACTERS else b""


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash(secrets.token_urlsafe(32))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
