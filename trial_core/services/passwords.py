"""Passwords: which are taken, what is kept of them, and whether one is right."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from trial_core.errors import WeakPassword

LEAST_CHARACTERS = 12
MOST_CHARACTERS = 1024  # Hashing takes time by length: a megabyte would be an attack, not a password.
_ONE_TIME_BYTES = 12
_HASHER = PasswordHasher()
_HASHER_OF_DRAWN = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


def draw_password() -> str:
    """Draw a one-time password, long enough to be taken."""
    return secrets.token_urlsafe(_ONE_TIME_BYTES)


def hash_password(password: str, *, drawn: bool = False) -> str:
    """Give what is kept of a password.

    Parameters
    ----------
    drawn
        It was drawn from 96 bits or more: nobody guesses that, however little a guess costs, and who signs
        by it a hundred times need not wait.

    Raises
    ------
    WeakPassword
    """
    if not LEAST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
        raise WeakPassword(LEAST_CHARACTERS, MOST_CHARACTERS)
    return (_HASHER_OF_DRAWN if drawn else _HASHER).hash(_bytes_of(password))


def verify_password(password_hash: str, password: str) -> bool:
    """Tell whether a password is the one that was kept."""
    try:
        return _HASHER.verify(password_hash, _bytes_of(password))
    except VerifyMismatchError:
        return False


@cache
def nobodys_hash() -> str:
    """Give a hash that no password has, to be looked at where there is no account: it takes the same time."""
    return _HASHER.hash(secrets.token_urlsafe(32))


def _bytes_of(password: str) -> bytes:
    # No password is longer, and none is empty: what is too long is compared as an empty one and fails.
    return password.encode("utf-8", "surrogatepass") if len(password) <= MOST_CHARACTERS else b""
