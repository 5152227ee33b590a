"""What a plan check leaves to a person: an implausible dose to explain, a registration to accept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_KEY_CHARACTERS = 32


class WordKind(StrEnum):
    """What a person is asked for."""

    DOSE = "explanation of an implausible dose"
    REGISTRATION = "acceptance of a registration"


@dataclass(frozen=True, kw_only=True)
class PersonsWord:
    """What a reviewer said to one open item of a submission; it stands for this item and no other.

    Attributes
    ----------
    item
        Key of the item: a hash of what it says. An item that says something else is open again.
    """

    submission_id: str
    kind: WordKind
    item: str
    words: str


@dataclass(frozen=True, kw_only=True)
class AcceptedWord:
    """A word that stands, as a plan check takes it: the item's key, who said it in words, and what."""

    item: str
    by: str
    words: str


def item_key(kind: WordKind, *parts: str) -> str:
    """The key of an open item: the same for the same question, another one where a figure in it changes."""
    text = "\x1f".join((kind.value, *parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_KEY_CHARACTERS]


def word_for(accepted: Iterable[AcceptedWord], item: str) -> AcceptedWord | None:
    """Find the word on an item."""
    return next((each for each in accepted if each.item == item), None)
