"""The chain of the audit trail: what each entry's hash covers, and where a chain breaks.

An entry's hash is an HMAC-SHA-256 under a key that is not in the database, over every column of the entry as
it is stored and over the hash before it. Installations older than the key have entries with a plain SHA-256;
the first keyed entry covers their last hash, and after it no entry without the key is taken.

A key can be replaced. The entries that were written with an older one stay as they are and are verified with
it; the first entry with the new key covers their last hash, and behind it no older key is taken: whoever has
got hold of that one can rewrite nothing. So a trail ends with an entry of the key in use.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from trial_core.domain.canonical import canonical_json, instant_text, read_instant

BEGINNING = "0" * 64
SIGN = "sign"
_ENTRY = b"dosegate audit entry 1\n"
_ANCHOR = b"dosegate audit anchor 1\n"
_WITHOUT_KEY = sys.maxsize
"""Older than any key."""


class StoredEntry(NamedTuple):
    """An entry as it is stored: texts to the character, times as `instant_text` writes them."""

    sequence: int
    at: str
    user_id: str
    login: str
    role: str | None
    site_code: str | None
    action: str
    entity: str
    entity_id: str
    details: str
    changes: str | None
    reason: str | None
    request_id: str | None
    key_id: str | None
    previous_hash: str
    hash: str = ""


@dataclass(frozen=True)
class AuditHead:
    """How many entries there are, and the hash of the last."""

    count: int
    hash: str


@dataclass(frozen=True)
class Anchor:
    """What the trail's head was at a time; kept outside the database."""

    count: int
    head: str
    at: datetime | None = None


@dataclass(frozen=True)
class AuditKey:
    """The key of the audit trail, and those that it replaced, the newest of them first."""

    secret: bytes = field(repr=False)
    older: tuple[AuditKey, ...] = field(default=(), repr=False)

    @cached_property
    def id(self) -> str:
        """Name the key without telling it."""
        return hashlib.sha256(b"dosegate audit key\n" + self.secret).hexdigest()[:16]

    def age_of(self, key_id: str) -> int | None:
        """How many keys came after the one of this name: 0 for the key in use, None for one unknown."""
        return next((age for age, each in enumerate((self, *self.older)) if each.id == key_id), None)

    def named(self, key_id: str) -> AuditKey:
        """Give this key, or the older one of that name; this one where there is none."""
        return (self, *self.older)[self.age_of(key_id) or 0]

    def hash_of(self, entry: StoredEntry) -> str:
        """Give the hash that an entry must bear."""
        return self._mac(_ENTRY + canonical_json(entry[:-1]).encode())

    def mac_of(self, anchor: Anchor) -> str:
        """Give the code that an anchor must bear."""
        at = instant_text(anchor.at) if anchor.at else None
        return self._mac(_ANCHOR + canonical_json([at, anchor.count, anchor.head, self.id]).encode())

    def _mac(self, message: bytes) -> str:
        return hmac.digest(self.secret, message, "sha256").hex()


class Flaw(StrEnum):
    """What can be wrong with a trail; the value completes "entry 7 ..."."""

    MISSING = "is missing: it was removed, or the entries after it were renumbered"
    CHANGED = "is not what was written: something in it, or its hash, was changed"
    MISPLACED = "does not follow the entry before it: one was removed, put in, moved or rewritten before it"
    OTHER_KEY = "was written with another key than this installation's"
    OLDER_KEY = "was put in with a key that had been replaced before it"
    NOT_RESEALED = (
        "is the last, and was written with a key that has been replaced: start the server once, or, where it "
        "ran since then, take it that the entries behind were removed"
    )
    WITHOUT_KEY = "was put in without the key, after entries that were written with it"
    NOT_ANCHORED = "is not the entry that stood there when its hash was noted outside the database"
    CUT_OFF = "is missing at the end: the trail was longer when its length was noted outside the database"
    UNSEALED = "is the last, and none was written with the key: whoever can write can have rewritten them all"


@dataclass(frozen=True)
class Break:
    """The first entry at which a trail does not hold, and why."""

    sequence: int
    flaw: Flaw

    @property
    def message(self) -> str:
        """Say it."""
        return f"Entry {self.sequence} {self.flaw.value}."


@dataclass(frozen=True)
class Walk:
    """What a walk along the chain found: the head of the part that holds, and the break behind it."""

    head: AuditHead
    broken: Break | None = None


def walk(
    entries: Iterable[StoredEntry], key: AuditKey, anchors: Mapping[int, frozenset[str]] | None = None
) -> Walk:
    """Go along the chain to its end or its first break, one entry at a time.

    Parameters
    ----------
    entries
        In the order of their sequence.
    anchors
        Hashes that the entry of a number is known to have had.
    """
    noted = anchors or {}
    head, age = AuditHead(0, BEGINNING), _WITHOUT_KEY
    for entry in entries:
        flaw = _flaw(entry, head, key, age=age, noted=noted.get(head.count + 1, frozenset()))
        if flaw is not None:
            return Walk(head, Break(head.count + 1, flaw))
        head, age = AuditHead(entry.sequence, entry.hash), _age(entry, key) or 0
    return Walk(head, _break_at_end(head, age=age, longest=max(noted, default=0)))


@dataclass
class SignaturesSeen:
    """The signatures that a walk passes: their ids, and number and hash of the last one's entry."""

    ids: set[str] = field(default_factory=set)
    last: AuditHead | None = None

    def among(self, entries: Iterable[StoredEntry]) -> Iterator[StoredEntry]:
        """Pass the entries on, and keep what is needed of those of signatures."""
        for entry in entries:
            signature = signature_of(entry)
            if signature is not None:
                self.ids.add(signature)
                self.last = AuditHead(entry.sequence, entry.hash)
            yield entry


def signature_of(entry: StoredEntry) -> str | None:
    """Give the id of the signature that an entry is of; None for all other entries."""
    if entry.action != SIGN:
        return None
    try:
        found = json.loads(entry.details).get("signature")
    except (ValueError, AttributeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def plain_hash_of(entry: StoredEntry) -> str | None:
    """Give the hash of an entry from before the key; None where it cannot be one of these."""
    later = (entry.role, entry.site_code, entry.changes, entry.reason, entry.request_id, entry.key_id)
    try:
        at, details = read_instant(entry.at), json.loads(entry.details)
        as_written = (instant_text(at), canonical_json(details)) == (entry.at, entry.details)
    except (ValueError, TypeError, RecursionError):
        return None
    if not as_written or any(value is not None for value in later):
        return None
    names = ("sequence", "user_id", "login", "action", "entity", "entity_id", "previous_hash")
    covered = {name: getattr(entry, name) for name in names}
    text = canonical_json({**covered, "details": details, "at": at.isoformat(timespec="microseconds")})
    return hashlib.sha256(text.encode()).hexdigest()


def _age(entry: StoredEntry, key: AuditKey) -> int | None:
    """How many keys came after that of an entry; of an entry without one, all of them."""
    return _WITHOUT_KEY if entry.key_id is None else key.age_of(entry.key_id)


def _flaw(
    entry: StoredEntry, head: AuditHead, key: AuditKey, *, age: int, noted: frozenset[str]
) -> Flaw | None:
    """What is wrong with an entry; `age` is that of the key of the one before."""
    own = _age(entry, key)
    if entry.sequence != head.count + 1:
        return Flaw.MISSING
    if own is None:
        return Flaw.OTHER_KEY
    if own > age:
        return Flaw.WITHOUT_KEY if entry.key_id is None else Flaw.OLDER_KEY
    if entry.previous_hash != head.hash:
        return Flaw.MISPLACED
    written = plain_hash_of(entry) if entry.key_id is None else key.named(entry.key_id).hash_of(entry)
    if entry.hash != written:
        return Flaw.CHANGED
    return Flaw.NOT_ANCHORED if noted - {entry.hash} else None


def _break_at_end(head: AuditHead, *, age: int, longest: int) -> Break | None:
    if longest > head.count:
        return Break(head.count + 1, Flaw.CUT_OFF)
    if head.count and age:
        return Break(head.count, Flaw.UNSEALED if age == _WITHOUT_KEY else Flaw.NOT_RESEALED)
    return None
