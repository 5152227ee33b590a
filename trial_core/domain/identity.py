"""Whose files? The identity rule of the trial, on keyed hashes alone."""

from __future__ import annotations

from dataclasses import dataclass, field
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


class IdentityOutcome(StrEnum):
    """What the rule says about a set of files."""

    FIRST_SET = "first set"
    AGREES = "agrees"
    BLOCKED = "blocked"
    DUPLICATE = "duplicate"
