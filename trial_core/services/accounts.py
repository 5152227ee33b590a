"""Accounts: create a user, sign in and out, change one's own password; `account_changes` has the rest."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta

from sqlalchemy import Connection

from trial_core.access_errors import PasswordMustBeChanged, SamePassword
from trial_core.db.repositories import accounts
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission, Role, fits_site
from trial_core.domain.names import LABEL_RULE, LOGIN_RULE, is_code, is_label, is_login
from trial_core.errors import (
    AlreadyExists,
    NotAName,
    NotSignedIn,
    SignInRefused,
    UnknownSite,
)
from trial_core.services.account_entry import kept_password, put_account
from trial_core.services.authorise import require
from trial_core.services.failed_sign_ins import OWN_SESSION, Attempt, count_attempt, forget_attempts
from trial_core.services.journal import note
from trial_core.services.passwords import hash_password, nobodys_hash, verify_password

SESSION_LIFE = timedelta(hours=12)


def create_user(
    db: Database,
    actor: Actor,
    *,
    login: str,
    password: str,
    role: Role,
    full_name: str,
    site_code: str | None = None,
    one_time: bool = False,
    drawn: bool = False,
) -> Actor:
    """Create an account. Clinical roles need a site, judges may name their own, the others have none.

    `one_time`: the password was chosen by somebody else, and opens nothing but its own replacement. `drawn`:
    the program drew it (`passwords.hash_password`), as it does for the demo.

    Raises
    ------
    NotAuthorised, AlreadyExists, WeakPassword, UnknownSite, NotAName
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    new = Actor(uuid.uuid4().hex, _plain_login(login), role, site_code, full_name.strip())
    _check_names(new.login, new.full_name)
    password_hash = hash_password(password, drawn=drawn)
    with db.transaction() as connection:
        check_site(connection, new.role, site_code)
        if accounts.account_by_login(connection, new.login):
            raise AlreadyExists("user", new.login)
        put_account(connection, db, actor, new, password_hash=password_hash, one_time=one_time)
    return new


def sign_in(db: Database, *, login: str, password: str, origin: str = "") -> str:
    """Check a password and open a session; returns its token, which is kept only as a hash.

    A failure is counted before the password is looked at, so that guesses sent at once are counted too. An
    unknown name costs the same time as a known one and locks alike, for the address `origin` alone.

    Raises
    ------
    SignInRefused, AccountLocked, PasswordMustBeChanged
    """
    attempt = Attempt(_plain_login(login), origin)
    account = _verified(db, attempt, password)
    if account.one_time_until is not None:
        raise PasswordMustBeChanged
    return _open_session(db, account, attempt)


def replace_one_time_password(
    db: Database, *, login: str, password: str, new_password: str, origin: str = ""
) -> None:
    """Replace the password that somebody else set by one of the person's own; sign in with it afterwards.

    Raises
    ------
    SignInRefused, AccountLocked, WeakPassword, SamePassword
    """
    attempt = Attempt(_plain_login(login), origin)
    account = _verified(db, attempt, password)
    if account.one_time_until is None:
        raise SignInRefused
    _set_password(db, account, attempt, old_password=password, new_password=new_password)


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
    SignInRefused, AccountLocked, WeakPassword, SamePassword
    """
    account = _confirmed(db, actor, old_password)
    attempt = Attempt(actor.login, OWN_SESSION)
    _set_password(db, account, attempt, old_password=old_password, new_password=new_password)


def confirm_password(db: Database, actor: Actor, *, password: str) -> None:
    """Ask a signed-in person for their password again; failures count and lock as those of signing in do.

    Raises
    ------
    SignInRefused, AccountLocked
        The first also where the account is no longer what the person signed in with.
    """
    _confirmed(db, actor, password)


def expire_sessions(db: Database) -> int:
    """Delete sessions that have expired, and count them: they opened nothing any more, and their rows add up.

    Signing in and out is in the audit trail; this leaves no entry.
    """
    with db.transaction() as connection:
        return accounts.forget_sessions(connection, before=db.now())


def _verified(db: Database, attempt: Attempt, password: str) -> accounts.Account:
    """Find the account that a name and a password belong to, in use and in time."""
    count_attempt(db, attempt)
    login = attempt.login
    with db.read() as connection:
        account = accounts.account_by_login(connection, login) if is_login(login) else None
    good = verify_password(account.password_hash if account else nobodys_hash(), password)
    if account is None or not good or account.deactivated_at is not None or _too_late(db, account):
        _note_refusal(db, account)
        raise SignInRefused
    return account


def _too_late(db: Database, account: accounts.Account) -> bool:
    return account.one_time_until is not None and account.one_time_until <= db.now()


def _confirmed(db: Database, actor: Actor, password: str) -> accounts.Account:
    attempt = Attempt(actor.login, OWN_SESSION)
    count_attempt(db, attempt)
    with db.read() as connection:
        account = accounts.account_by_login(connection, actor.login)
    same = account is not None and account.actor == actor and account.opens
    if account is None or not verify_password(account.password_hash, password) or not same:
        raise SignInRefused
    with db.transaction() as connection:
        forget_attempts(connection, db, attempt)
    return account


def _set_password(
    db: Database, account: accounts.Account, attempt: Attempt, *, old_password: str, new_password: str
) -> None:
    if new_password == old_password:
        raise SamePassword
    password_hash, actor = hash_password(new_password), account.actor
    with db.transaction() as connection:
        _refuse_if_changed(connection, account)
        at = db.now()
        forget_attempts(connection, db, attempt)
        accounts.set_password(connection, user_id=actor.user_id, password_hash=password_hash)
        accounts.revoke_sessions_of(connection, user_id=actor.user_id, at=at)
        note(
            connection,
            db,
            actor,
            action="change password",
            entity="user",
            entity_id=actor.user_id,
            kept_password_sha256=kept_password(password_hash),
        )


def _refuse_if_changed(connection: Connection, account: accounts.Account) -> None:
    # While the password was looked at, somebody may have reset it, or changed the role or the site.
    if accounts.account_by_login(connection, account.actor.login) != account:
        raise SignInRefused


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


def _open_session(db: Database, account: accounts.Account, attempt: Attempt) -> str:
    token, actor = secrets.token_urlsafe(32), account.actor
    with db.transaction() as connection:
        _refuse_if_changed(connection, account)
        at = db.now()
        forget_attempts(connection, db, attempt)
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


def check_site(connection: Connection, role: Role, site_code: str | None) -> None:
    """Refuse a site that the role does not go with, or that does not exist.

    Raises
    ------
    UnknownSite
    """
    exists = site_code is None or (is_code(site_code) and accounts.site_exists(connection, site_code))
    if not exists or not fits_site(role, site_code):
        raise UnknownSite(site_code or "")


def _plain_login(login: str) -> str:
    return login.strip().casefold()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
