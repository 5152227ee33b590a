"""Systems that may send over the DICOM network: registered, listed and retired by the administrator."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence

from sqlalchemy import Connection

from trial_core.db.repositories import accounts
from trial_core.db.repositories import receiving as rows
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Permission, Role
from trial_core.domain.names import is_code
from trial_core.domain.receiving import (
    ADDRESS_RULE,
    AE_TITLE_RULE,
    Sender,
    is_ae_title,
    plain_addresses,
)
from trial_core.errors import AlreadyExists, MissingReason, NotAName, UnknownSite
from trial_core.receiving_errors import SenderOfAnotherSite, UnknownSender
from trial_core.services.authorise import require
from trial_core.services.journal import note
from trial_core.services.passwords import hash_password


def register_sender(
    db: Database, actor: Actor, *, ae_title: str, addresses: Sequence[str], site_code: str, reason: str = ""
) -> Sender:
    """Let a system send: by its AE title, from these addresses, for one site.

    What it sends is submitted in the name of an account of its own, which nobody can sign in with. A system
    that was retired is taken back with the addresses given. A person gives the reason; the
    system may leave it out, on the command line of the server.

    Raises
    ------
    NotAuthorised, MissingReason, NotAName, UnknownSite, AlreadyExists, SenderOfAnotherSite
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    _require_reason(actor, reason, "let a system send")
    plain = plain_addresses(addresses)
    if not is_ae_title(ae_title):
        raise NotAName("AE title", ae_title, AE_TITLE_RULE, field="ae_title")
    if plain is None:
        raise NotAName("sender's address", ", ".join(addresses), ADDRESS_RULE, field="addresses")
    password_hash = hash_password(secrets.token_urlsafe(48))  # of a password that nobody has seen
    with db.transaction() as connection:
        if not is_code(site_code) or not accounts.site_exists(connection, site_code):
            raise UnknownSite(site_code)
        known = rows.sender(connection, ae_title)
        if known is None:
            new = Sender(ae_title, plain, site_code, uuid.uuid4().hex, db.now())
            _add(connection, new, password_hash)
        else:
            new = _take_back(connection, known, plain, site_code)
        _note(connection, db, actor, "register DICOM sender", new, reason=reason)
    return new


def retire_sender(db: Database, actor: Actor, *, ae_title: str, reason: str = "") -> None:
    """Let a system send no more; what came from it stays. The reason is as for `register_sender`.

    Raises
    ------
    NotAuthorised, MissingReason, UnknownSender
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    _require_reason(actor, reason, "let a system send no more")
    with db.transaction() as connection:
        known = rows.sender(connection, ae_title) if is_ae_title(ae_title) else None
        if known is None or known.retired_at is not None:
            raise UnknownSender(ae_title)
        rows.change_sender(connection, ae_title, retired_at=db.now())
        _note(connection, db, actor, "retire DICOM sender", known, reason=reason)


def list_senders(db: Database, actor: Actor) -> tuple[Sender, ...]:
    """List every system that may send, and those that were retired, by AE title.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    with db.read() as connection:
        return rows.senders(connection)


def sender_calling(db: Database, *, ae_title: str, address: str) -> Sender | None:
    """Find the system that calls by this AE title from this address, if it may send."""
    with db.read() as connection:
        known = rows.sender(connection, ae_title) if is_ae_title(ae_title) else None
    may_send = known is not None and known.retired_at is None and known.calls_from(address)
    return known if may_send else None


def account_of(sender: Sender) -> Actor:
    """Give the account in whose name a sender's sets are submitted, as the audit trail names it."""
    login, name = f"dicom-{sender.user_id[:12]}", f"DICOM receiver, AE {sender.ae_title}"
    return Actor(sender.user_id, login, Role.SITE_PHYSICIST, sender.site_code, name)


def _add(connection: Connection, new: Sender, password_hash: str) -> None:
    accounts.add_account(connection, account_of(new), password_hash=password_hash, at=new.created_at)
    accounts.set_deactivated(connection, user_id=new.user_id, at=new.created_at)
    rows.add_sender(connection, new)


def _take_back(connection: Connection, known: Sender, addresses: tuple[str, ...], site_code: str) -> Sender:
    if known.retired_at is None:
        raise AlreadyExists("sender", known.ae_title)
    if known.site_code != site_code:
        raise SenderOfAnotherSite(known.ae_title)
    rows.change_sender(connection, known.ae_title, retired_at=None, addresses=list(addresses))
    return Sender(known.ae_title, addresses, site_code, known.user_id, known.created_at)


def _require_reason(actor: Actor, reason: str, step: str) -> None:
    if actor != SYSTEM and not reason.strip():
        raise MissingReason(step)


def _note(
    connection: Connection, db: Database, actor: Actor, action: str, sender: Sender, *, reason: str
) -> None:
    note(
        connection,
        db,
        actor,
        action=action,
        entity="DICOM sender",
        entity_id=sender.ae_title,
        reason=reason.strip() or None,
        addresses=list(sender.addresses),
        site=sender.site_code,
    )
