"""Randomisation lists: permuted blocks of random size, sealed by a salted commitment, opened after closure.

Nothing here knows a database or a key. A list is made once for each stratum, encrypted by whoever keeps the
key, and published by its commitment alone; after closure everybody can see that it was never changed.
"""

from __future__ import annotations

import hashlib
import json
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

BLOCK_SIZES = (4, 6)
SALT_BYTES = 32
FORM = "dosegate randomisation list 1"

_OPERATING_SYSTEM = random.SystemRandom()


class RandomisationError(Exception):
    """Something that a randomisation list must never do or be."""


class UnbalancedBlockError(RandomisationError):
    """A block whose size does not hold every arm equally often."""

    def __init__(self, size: int, arms: Sequence[str]) -> None:
        super().__init__(f"a block of {size} cannot hold the arms {', '.join(arms)} equally often")
        self.size = size
        self.arms = tuple(arms)


class CommitmentBrokenError(RandomisationError):
    """What was opened is not what the published commitment stands for."""

    def __init__(self, published: str, found: str) -> None:
        super().__init__(f"the commitment {published} was published, but this list has {found}")
        self.published = published
        self.found = found


class SealedContentError(RandomisationError):
    """Bytes that are no sealed list."""


@dataclass(frozen=True)
class AllocationList:
    """The allocations of one stratum, in the order in which they are revealed.

    Attributes
    ----------
    study, stratum
        Whose list it is; part of what the commitment covers.
    blocks
        Arms, block by block. Sizes are as secret as arms: who knows where a block ends knows its last arm.
    """

    study: str
    stratum: str
    blocks: tuple[tuple[str, ...], ...]

    @property
    def allocations(self) -> tuple[str, ...]:
        """The arm of each slot."""
        return tuple(arm for block in self.blocks for arm in block)


@dataclass(frozen=True)
class SealedList:
    """A list with the salt that keeps its commitment from being guessed.

    Attributes
    ----------
    allocation_list
        What is sealed.
    salt
        256 bits from the operating system, kept with the list and as secret.
    """

    allocation_list: AllocationList
    salt: bytes

    def content(self) -> bytes:
        """Give what is to be encrypted: salt and list, always the same bytes for the same list."""
        return self.salt + _canonical(self.allocation_list)

    def commitment(self) -> str:
        """SHA-256 over salt and list, in hexadecimal: what is published before the first allocation."""
        return hashlib.sha256(self.content()).hexdigest()


def draw_list(
    study: str,
    stratum: str,
    *,
    arms: Sequence[str],
    slots: int,
    block_sizes: Sequence[int] = BLOCK_SIZES,
    source: random.Random = _OPERATING_SYSTEM,
) -> AllocationList:
    """Draw permuted blocks of random size until there are at least as many slots as asked for.

    Parameters
    ----------
    study, stratum
        Whose list it is.
    arms
        Equally likely; two or more, each named once.
    slots
        How many are needed at least; the last block is whole.
    block_sizes
        Each block takes one of them at random; multiples of the number of arms.
    source
        The operating system's randomness. Another one is for tests and simulation: a list from a seed can be
        drawn again by whoever learns the seed.

    Raises
    ------
    UnbalancedBlockError
        a block size is no multiple of the number of arms.
    RandomisationError
        there are fewer than two different arms, no block sizes or no slots.
    """
    _check(arms, slots, block_sizes)
    blocks: list[tuple[str, ...]] = []
    drawn = 0
    while drawn < slots:
        blocks.append(_block(arms, source.choice(tuple(block_sizes)), source))
        drawn += len(blocks[-1])
    return AllocationList(study, stratum, tuple(blocks))


def seal(allocation_list: AllocationList) -> SealedList:
    """Join a list with a fresh salt."""
    return SealedList(allocation_list, secrets.token_bytes(SALT_BYTES))


def open_sealed(content: bytes, commitment: str) -> AllocationList:
    """Read a decrypted list back, once it is proved to be the one that was committed to.

    Raises
    ------
    CommitmentBrokenError
        list or salt are not those of the commitment.
    SealedContentError
        the commitment holds, but the bytes were never a list.
    """
    found = hashlib.sha256(content).hexdigest()
    if found != commitment.lower():
        raise CommitmentBrokenError(commitment, found)
    return _read(content[SALT_BYTES:])


def slots_out_of_order(allocation_list: AllocationList, revealed: Sequence[str]) -> tuple[int, ...]:
    """After closure: the slots, from 0, at which what was revealed is not what the list says.

    `revealed` are the arms in the order of their slots; a slot behind the list's end counts too.
    """
    promised = allocation_list.allocations
    return tuple(slot for slot, arm in enumerate(revealed) if slot >= len(promised) or arm != promised[slot])


def _check(arms: Sequence[str], slots: int, block_sizes: Sequence[int]) -> None:
    if len(arms) < 2 or len(set(arms)) != len(arms):
        raise RandomisationError("randomisation needs two or more different arms")
    if slots < 1 or not block_sizes:
        raise RandomisationError("a list needs at least one slot and one block size")
    for size in block_sizes:
        if size < len(arms) or size % len(arms):
            raise UnbalancedBlockError(size, arms)


def _block(arms: Sequence[str], size: int, source: random.Random) -> tuple[str, ...]:
    block = list(arms) * (size // len(arms))
    source.shuffle(block)
    return tuple(block)


def _canonical(allocation_list: AllocationList) -> bytes:
    document = {
        "form": FORM,
        "study": allocation_list.study,
        "stratum": allocation_list.stratum,
        "blocks": allocation_list.blocks,
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _read(data: bytes) -> AllocationList:
    try:
        document: Any = json.loads(data)
        if document["form"] != FORM:
            raise SealedContentError(f"this list has the form {document['form']!r}, not {FORM!r}")
        blocks = tuple(tuple(str(arm) for arm in block) for block in document["blocks"])
        found = AllocationList(str(document["study"]), str(document["stratum"]), blocks)
    except (ValueError, KeyError, TypeError) as problem:
        raise SealedContentError("these bytes are no randomisation list") from problem
    if _canonical(found) != data:
        raise SealedContentError("these bytes say more than a randomisation list")
    return found
