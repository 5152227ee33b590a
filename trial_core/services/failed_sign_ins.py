"""Failed sign-ins: counted by name and by where they come from: no stranger locks others out."""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from trial_core.db.repositories import accounts
from trial_core.db.session import Database
from trial_core.errors import AccountLocked

FAILURES_BEFORE_LOCK = 5
LOCK = timedelta(minutes=15)
OWN_SESSION = "a session of one's own"
"""Where the password comes from that somebody types again who is signed in."""
_IPV6_SITE_BITS = 64  # whoever has one address of IPv6 has all of its network


@dataclass(frozen=True)
class Attempt:
    """Somebody tries a password of a name.

    `origin` is an address as the server sees it, `OWN_SESSION`, or empty where there is none (command line).
    """

    login: str
    origin: str = ""

    @property
    def key(self) -> str:
        """What it is counted under: a hash, for what was typed as a name may be a password."""
        text = f"{self.login}\n{_network(self.origin)}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def count_attempt(db: Database, attempt: Attempt) -> None:
    """Count it as failed before the password is looked at: so guesses sent at once are counted, too.

    Raises
    ------
    AccountLocked
    """
    with db.transaction() as connection:
        at = db.now()
        accounts.forget_failures(connection, before=at - LOCK)
        count = accounts.failures(connection, login_sha256=attempt.key, since=at - LOCK, at=at)
        if count >= FAILURES_BEFORE_LOCK:
            raise AccountLocked(int(LOCK.total_seconds() // 60))
        accounts.set_failures(connection, login_sha256=attempt.key, count=count + 1, at=at)


def forget_attempts(connection: Connection, db: Database, attempt: Attempt) -> None:
    """Let the failures of a name from one place go: its password was given there."""
    accounts.set_failures(connection, login_sha256=attempt.key, count=0, at=db.now())


def _network(origin: str) -> str:
    try:
        address = ipaddress.ip_address(origin.partition("%")[0])
    except ValueError:
        return origin
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped or ipaddress.ip_network((address, _IPV6_SITE_BITS), strict=False))
