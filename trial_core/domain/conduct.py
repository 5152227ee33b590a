"""How a trial is conducted, from its protocol file: eligibility, visits, PFS, toxicity, delivery."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trial_core.domain.delivery import DeliveryRules
from trial_core.domain.eligibility import EligibilityQuestion
from trial_core.domain.lesions import RecistRules
from trial_core.domain.pfs import PfsRules


class ConductPart(StrEnum):
    """The parts, as the file names them."""

    ELIGIBILITY = "eligibility"
    OBSERVATION = "observation"
    VISITS = "visits"
    PFS = "pfs"
    RESPONSE = "response"
    TOXICITY = "toxicity"
    DELIVERY = "delivery"
    RANDOMISATION = "randomisation"
    SURVIVAL = "survival"


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """Something that the sponsor has not published, in words: every screen that uses the part says so."""

    part: ConductPart
    sentence: str


@dataclass(frozen=True, kw_only=True)
class ToxicityRules:
    """The CTCAE version in use, and how long after the last treatment an event still counts as emergent."""

    ctcae_version: str
    window_days: int


@dataclass(frozen=True, kw_only=True)
class Stratum:
    """A factor of stratification; without `levels`, as many as there are (sites)."""

    id: str
    label: str
    levels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Conduct:
    """The trial's conduct, checked.

    Attributes
    ----------
    observation_days
        How long a run-in subject is observed from its first treatment before phase IIb may open.
    landmark_days
        When rates of survival and of incidence are told, in days from the start, in order.
    """

    questions: tuple[EligibilityQuestion, ...]
    observation_days: int
    pfs: PfsRules
    response: RecistRules
    toxicity: ToxicityRules
    delivery: DeliveryRules
    strata: tuple[Stratum, ...]
    landmark_days: tuple[int, ...]
    assumptions: tuple[Assumption, ...]

    def assumed(self, part: ConductPart) -> tuple[str, ...]:
        """What is assumed in a part, in words; empty where it is the sponsor's word."""
        return tuple(each.sentence for each in self.assumptions if each.part is part)
