"""Whose files? The identity rule of the trial, on keyed hashes alone."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from enum import StrEnum


@dataclass(frozen=True)
class PatientIdentity:
    """PatientID, PatientName and PatientBirthDate as one DICOM object gives them; "" where absent.

    Never kept, never shown: `repr` hides all three.
    """

    patient_id: str = field(repr=False)
    name: str = field(repr=False)
    birth_date: str = field(repr=False)


@dataclass(frozen=True)
class IdentityHashes:
    """Keyed hashes (HMAC-SHA-256) of the three, None for an absent one."""

    patient_id: str | None
    name: str | None
    birth_date: str | None


@dataclass(frozen=True)
class EarlierSet:
    """An accepted set of the same subject; `confirmed` once a person said whose it is."""

    version: int
    hashes: IdentityHashes
    confirmed: bool


@dataclass(frozen=True)
class KnownIdentity:
    """An identity on another subject's record; `same_site` is all that is known of whose."""

    hashes: IdentityHashes
    same_site: bool


class IdentityProblem(StrEnum):
    """Why a set is blocked; the value is the code of its finding."""

    ABSENT = "identity-absent"
    MIXED = "identity-mixed"
    DIFFERS = "identity-differs"
    PATIENT_ELSEWHERE = "identity-of-another-subject"
    OBJECTS_ELSEWHERE = "objects-of-another-subject"


@dataclass(frozen=True)
class IdentityJudgement:
    """What the rule says about a set: blocked by `problems`, or accepted, perhaps after a person's word."""

    hashes: IdentityHashes
    problems: tuple[IdentityProblem, ...]
    differing: tuple[str, ...]
    incomplete: bool
    """Some file, or every one, leaves PatientID, name or birth date out."""
    needs_person: bool


def hash_identity(identity: PatientIdentity, key: bytes) -> IdentityHashes:
    """Hash the three with HMAC-SHA-256, after removing what DICOM calls insignificant (PS3.5 6.2).

    Padding, letter case, trailing `^` of a name and the old date form `1950.01.31` make no difference; of a
    name with several representations the alphabetic one counts.
    """
    return IdentityHashes(
        patient_id=_keyed(key, "patient_id", _plain(identity.patient_id)),
        name=_keyed(key, "name", _plain_name(identity.name)),
        birth_date=_keyed(key, "birth_date", _plain(identity.birth_date).replace(".", "")),
    )


def judge_identity(
    identities: Sequence[IdentityHashes],
    *,
    earlier: Sequence[EarlierSet],
    elsewhere: Sequence[KnownIdentity],
    objects_elsewhere: bool,
) -> IdentityJudgement:
    """Apply "Whose files?" of the trial's domain notes to the identities found in one set.

    An absent name or birth date, in all files or in some, contradicts nothing, but then a person must confirm
    the set, as for the first one, however often that was done before. Without a PatientID nobody can say
    whose files these are.
    """
    whole = _joined(identities)
    mixed = any(_differing(whole, part) for part in identities)
    differing = tuple(dict.fromkeys(name for one in earlier for name in _differing(whole, one.hashes)))
    found = {
        IdentityProblem.ABSENT: whole.patient_id is None,
        IdentityProblem.MIXED: mixed,
        IdentityProblem.DIFFERS: bool(differing),
        IdentityProblem.PATIENT_ELSEWHERE: any(_same_patient(whole, other) for other in elsewhere),
        IdentityProblem.OBJECTS_ELSEWHERE: objects_elsewhere,
    }
    vouched = any(one.confirmed and one.hashes == whole for one in earlier)
    incomplete = None in astuple(whole) or any(part != whole for part in identities)
    return IdentityJudgement(
        hashes=whole,
        problems=tuple(problem for problem, so in found.items() if so),
        differing=differing,
        incomplete=incomplete,
        needs_person=incomplete or not vouched,
    )


def agrees(one: IdentityHashes, other: IdentityHashes) -> bool:
    """Tell whether nothing that both give contradicts."""
    return not _differing(one, other)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip(" \0").casefold()


def _plain_name(text: str) -> str:
    groups = [_plain_group(group) for group in _plain(text).split("=")]
    return next((group for group in groups if group), "")


def _plain_group(group: str) -> str:
    parts = [" ".join(part.split()) for part in group.split("^")]
    return "^".join(parts).rstrip("^")


def _keyed(key: bytes, field_name: str, value: str) -> str | None:
    if not value:
        return None
    return hmac.new(key, f"{field_name}\0{value}".encode(), hashlib.sha256).hexdigest()


def _joined(identities: Sequence[IdentityHashes]) -> IdentityHashes:
    columns = zip(*(astuple(one) for one in identities), strict=True) if identities else ((), (), ())
    return IdentityHashes(*(next((value for value in column if value), None) for column in columns))


def _differing(one: IdentityHashes, other: IdentityHashes) -> tuple[str, ...]:
    pairs = (
        ("PatientID", one.patient_id, other.patient_id),
        ("PatientName", one.name, other.name),
        ("PatientBirthDate", one.birth_date, other.birth_date),
    )
    return tuple(name for name, a, b in pairs if a and b and a != b)


def _same_patient(whole: IdentityHashes, other: KnownIdentity) -> bool:
    same_id = whole.patient_id is not None and whole.patient_id == other.hashes.patient_id
    same_name = whole.name is not None and whole.name == other.hashes.name
    same_birth = whole.birth_date is not None and whole.birth_date == other.hashes.birth_date
    if same_id:
        # Two hospitals may give one number to two people; within a hospital it means one person.
        return other.same_site or same_name or same_birth or not _differing(whole, other.hashes)
    return same_name and same_birth
