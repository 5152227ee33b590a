"""Accounts as the trial office changes them: role, site, a new password, out of use and back.

Nobody changes their own account here, and the last administrator stays one. Whatever changes what an account
may do ends its sessions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from trial_core.access_errors import LastAdministrator, OwnAccount, SendersAccount, UnknownUser
from trial_core.db.repositories import accounts, receiving
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Permission, Role
from trial_core.domain.names import is_login
from trial_core.errors import MissingReason, NotAuthorised, WrongState
from trial_core.services.account_entry import ONE_TIME_LIFE, kept_password
from trial_core.services.accounts import check_site
from trial_core.services.authorise import require
from trial_core.services.journal import note
from trial_core.services.passwords import draw_password, hash_password


@dataclass(frozen=True)
class UserAccount:
    """An account as the trial office sees it."""

    login: str
    full_name: str
    role: Role
    site_code: str | None
    created_at: datetime
    in_use: bool
    password_to_be_changed: bool


def list_users(db: Database, actor: Actor) -> tuple[UserAccount, ...]:
    """List every person's account by user name; those of senders on the DICOM network are nobody's.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    with db.read() as connection:
        nobodys = receiving.sender_accounts(connection)
        every = accounts.every_account(connection)
    return tuple(_seen(one) for one in every if one.actor.user_id not in nobodys)


def change_role(
    db: Database, actor: Actor, *, login: str, role: Role, site_code: str | None = None, reason: str
) -> None:
    """Give an account another role, with the site that goes with it.

    Raises
    ------
    NotAuthorised, UnknownUser, OwnAccount, SendersAccount, LastAdministrator, UnknownSite, MissingReason
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    _require_reason(reason, "change a role")
    with db.transaction() as connection:
        account = _another(connection, actor, login, "change their own role")
        changes = _move(connection, account, role, site_code)
        _note(connection, db, actor, account, action="change role", reason=reason, changes=changes)


def change_site(db: Database, actor: Actor, *, login: str, site_code: str | None, reason: str) -> None:
    """Let somebody work for another site in the same role.

    Raises
    ------
    NotAuthorised, UnknownUser, OwnAccount, SendersAccount, UnknownSite, MissingReason
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    _require_reason(reason, "change a site")
    with db.transaction() as connection:
        account = _another(connection, actor, login, "change their own site")
        changes = _move(connection, account, account.actor.role, site_code)
        _note(connection, db, actor, account, action="change site", reason=reason, changes=changes)


def reset_password(db: Database, actor: Actor, *, login: str, reason: str) -> str:
    """Draw a one-time password and give it, this once: it opens nothing but its own replacement.

    Raises
    ------
    NotAuthorised, UnknownUser, OwnAccount, SendersAccount, LastAdministrator, MissingReason
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    _require_reason(reason, "reset a password")
    password = draw_password()
    password_hash = hash_password(password)
    with db.transaction() as connection:
        account = _another(connection, actor, login, "reset their own password")
        _keep_an_administrator(connection, account)
        user_id, until = account.actor.user_id, db.now() + ONE_TIME_LIFE
        accounts.set_password(connection, user_id=user_id, password_hash=password_hash, one_time_until=until)
        kept = kept_password(password_hash)
        _note(
            connection, db, actor, account, action="reset password", reason=reason, kept_password_sha256=kept
        )
    return password


def deactivate_user(db: Database, actor: Actor, *, login: str, reason: str) -> None:
    """Put an account out of use; what the person did stays under their name.

    Raises
    ------
    NotAuthorised, UnknownUser, OwnAccount, SendersAccount, LastAdministrator, WrongState, MissingReason
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    _require_reason(reason, "put an account out of use")
    with db.transaction() as connection:
        account = _another(connection, actor, login, "put their own account out of use")
        if account.deactivated_at is not None:
            raise WrongState("account", "out of use", "in use")
        _keep_an_administrator(connection, account)
        accounts.set_deactivated(connection, user_id=account.actor.user_id, at=db.now())
        change = {"in use": [True, False]}
        _note(connection, db, actor, account, action="deactivate user", reason=reason, changes=change)


def reactivate_user(db: Database, actor: Actor, *, login: str, reason: str) -> None:
    """Put an account back into use, with the role, site and password it had.

    Raises
    ------
    NotAuthorised, UnknownUser, OwnAccount, SendersAccount, WrongState, MissingReason
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    _require_reason(reason, "put an account back into use")
    with db.transaction() as connection:
        account = _another(connection, actor, login, "put their own account back into use")
        if account.deactivated_at is None:
            raise WrongState("account", "in use", "out of use")
        accounts.set_deactivated(connection, user_id=account.actor.user_id, at=None)
        change = {"in use": [False, True]}
        _note(connection, db, actor, account, action="reactivate user", reason=reason, changes=change)


def _another(connection: Connection, actor: Actor, login: str, own: str) -> accounts.Account:
    """Find the account to change: some other person's."""
    _refuse_former_administrator(connection, actor)
    wanted = login.strip().casefold()
    account = accounts.account_by_login(connection, wanted) if is_login(wanted) else None
    if account is None:
        raise UnknownUser(login)
    if account.actor.user_id == actor.user_id:
        raise OwnAccount(own)
    if account.actor.user_id in receiving.sender_accounts(connection):
        raise SendersAccount(account.actor.login)
    return account


def _refuse_former_administrator(connection: Connection, actor: Actor) -> None:
    # Two who put each other out of use at the same moment: the second is no administrator any more.
    if actor != SYSTEM and actor.user_id not in accounts.administrators_in_use(connection):
        raise NotAuthorised(Permission.MANAGE_ACCOUNTS.value, actor.role.value)


def _keep_an_administrator(connection: Connection, account: accounts.Account) -> None:
    left = accounts.administrators_in_use(connection) - {account.actor.user_id}
    if account.actor.role is Role.ADMINISTRATOR and not left:
        raise LastAdministrator(account.actor.login)


def _move(
    connection: Connection, account: accounts.Account, role: Role, site_code: str | None
) -> dict[str, list[Any]]:
    """Set role and site, and give what changed: field -> [old, new]."""
    check_site(connection, role, site_code)
    old = account.actor
    if role is not Role.ADMINISTRATOR:
        _keep_an_administrator(connection, account)
    accounts.set_role(connection, user_id=old.user_id, role=role, site_code=site_code)
    moved = (("role", old.role.value, role.value), ("site", old.site_code, site_code))
    return {name: [before, after] for name, before, after in moved if before != after}


def _note(
    connection: Connection,
    db: Database,
    actor: Actor,
    account: accounts.Account,
    *,
    action: str,
    reason: str,
    changes: dict[str, list[Any]] | None = None,
    **details: str,
) -> None:
    """End the account's sessions and put what was done on the audit trail."""
    user_id = account.actor.user_id
    accounts.revoke_sessions_of(connection, user_id=user_id, at=db.now())
    note(
        connection,
        db,
        actor,
        action=action,
        entity="user",
        entity_id=user_id,
        changes=changes,
        reason=reason.strip(),
        at=None,
        login=account.actor.login,
        **details,
    )


def _require_reason(reason: str, step: str) -> None:
    if not reason.strip():
        raise MissingReason(step)


def _seen(account: accounts.Account) -> UserAccount:
    who = account.actor
    return UserAccount(
        login=who.login,
        full_name=who.full_name,
        role=who.role,
        site_code=who.site_code,
        created_at=account.created_at,
        in_use=account.deactivated_at is None,
        password_to_be_changed=account.one_time_until is not None,
    )
