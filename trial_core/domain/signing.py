"""Signatures: what a person states about one content, and whether that content is still the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Meaning(StrEnum):
    """What a signature states."""

    ELIGIBLE = "I have checked every criterion of this form, and the subject is eligible"
    REVIEWED_AS_ONCOLOGIST = "I have reviewed this content as a radiation oncologist, and this is my review"
    REVIEWED_AS_PHYSICIST = "I have reviewed this content as a medical physicist, and this is my review"
    DECIDED = "I have seen the verdict and the reviews of this content, and this is the decision on it"
    WORD_GIVEN = "I have looked at this item of the plan check, and I answer for what I say about it"
    TOXICITY_ACCEPTABLE = (
        "I have seen every adverse event of the run-in, and its toxicity profile is acceptable"
    )
    RANDOMISED = "I have this eligible subject randomised, and its arm stands as it was revealed"
    ADJUDICATED = "I have seen this event and what is known of its cause, and this is my decision on it"
    STUDY_STEP = "I have seen what this change of the study's state rests on, and I make it"


@dataclass(frozen=True, kw_only=True)
class Signature:
    """One signature; it stands for the content whose hash it names, and for nothing else.

    Attributes
    ----------
    entity, entity_id
        What was signed.
    login, full_name, role
        Of the signer, as they were then.
    """

    id: str
    entity: str
    entity_id: str
    content_sha256: str
    meaning: str
    login: str
    full_name: str
    role: str
    signed_at: datetime

    def holds_for(self, content_sha256: str) -> bool:
        """Whether the content is still what was signed; if not, the signature is void."""
        return self.content_sha256 == content_sha256


@dataclass(frozen=True, kw_only=True)
class SignedState:
    """A signature beside the content as it is now: `valid`, or void because the content has changed."""

    signature: Signature
    valid: bool

    @property
    def words(self) -> str:
        """How every page and report shows it."""
        who = f"{self.signature.full_name} ({self.signature.role})"
        when = f"{self.signature.signed_at:%Y-%m-%d %H:%M} UTC"
        void = "" if self.valid else " VOID: the content was changed after this signature."
        return f'Signed by {who}, {when}: "{self.signature.meaning}".{void}'
