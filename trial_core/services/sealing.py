"""Sealed randomisation lists: AES-256-GCM under a key outside the database, the list and each slot alone."""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from trial_core.db.columns import canonical_json
from trial_core.enrolment_errors import SealBroken
from trial_core.statistics.randomisation import SealedList

_NONCE_BYTES = 12  # NIST SP 800-38D: random, for far fewer than 2^32 seals under one key
_SLOT_BYTES = 64
# A sealed text is as long as the plain one: a list's length would tell how many blocks it has.
_LIST_BYTES_A_SLOT = 12
_LIST_BYTES = 4096
_LENGTH_BYTES = 8


def seal_list(key: bytes, sealed_list: SealedList, *, part: int) -> str:
    """Seal salt and list together, for the day they are opened."""
    found = sealed_list.allocation_list
    room = _LIST_BYTES + _LIST_BYTES_A_SLOT * len(found.allocations)
    return _seal(key, sealed_list.content(), room, _bound(found.study, found.stratum, part))


def seal_slots(key: bytes, sealed_list: SealedList, *, part: int) -> tuple[str, ...]:
    """Seal each slot by itself; a record that is moved to another slot, part or stratum does not open."""
    found = sealed_list.allocation_list
    return tuple(
        _seal(key, arm.encode(), _SLOT_BYTES, _bound(found.study, found.stratum, part, slot))
        for slot, arm in enumerate(found.allocations)
    )


def open_list(key: bytes, sealed: str, *, study: str, stratum: str, part: int) -> bytes:
    """Open the salt and list of a stratum.

    Raises
    ------
    SealBroken
    """
    return _open(key, sealed, _bound(study, stratum, part), stratum)


def open_slot(key: bytes, sealed: str, *, study: str, stratum: str, part: int, slot: int) -> str:
    """Open one slot.

    Raises
    ------
    SealBroken
    """
    return _open(key, sealed, _bound(study, stratum, part, slot), stratum).decode()


def _bound(study: str, stratum: str, part: int, slot: int | None = None) -> bytes:
    return canonical_json(["dosegate sealed list 1", study, stratum, part, slot]).encode()


def _seal(key: bytes, plain: bytes, room: int, bound: bytes) -> str:
    if len(plain) > room:
        raise ValueError(f"{len(plain)} bytes do not fit into {room}")
    nonce = os.urandom(_NONCE_BYTES)
    padded = len(plain).to_bytes(_LENGTH_BYTES) + plain.ljust(room, b"\0")
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, padded, bound)).decode()


def _open(key: bytes, sealed: str, bound: bytes, stratum: str) -> bytes:
    try:
        raw = base64.b64decode(sealed, validate=True)
        padded = AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], bound)
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise SealBroken(stratum) from error
    length = int.from_bytes(padded[:_LENGTH_BYTES])
    return padded[_LENGTH_BYTES : _LENGTH_BYTES + length]
