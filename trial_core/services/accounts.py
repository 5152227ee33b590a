"""Accounts: create a user, sign in and out, change a password."""

from __future__ import annotations

from trial_core.db.session import Database
from trial_core.domain.access import Actor, Role


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
    raise NotImplementedError


def has_users(db: Database) -> bool:
    """Tell whether any account exists (a fresh installation has none)."""
    raise NotImplementedError


def sign_in(db: Database, *, login: str, password: str) -> str:
    """Check a password and open a session; returns its token, which is kept only as a hash.

    Raises
    ------
    SignInRefused, AccountLocked
    """
    raise NotImplementedError


def actor_of(db: Database, *, token: str) -> Actor:
    """Give the person a session token belongs to.

    Raises
    ------
    NotSignedIn
    """
    raise NotImplementedError


def sign_out(db: Database, *, token: str) -> None:
    """Revoke a session; an unknown token is no error."""
    raise NotImplementedError


def change_password(db: Database, actor: Actor, *, old_password: str, new_password: str) -> None:
    """Change one's own password; every session of the account ends.

    Raises
    ------
    SignInRefused, WeakPassword
    """
    raise NotImplementedError
