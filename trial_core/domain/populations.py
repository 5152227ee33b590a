"""Analysis populations with reasons: run-in, intention to treat, safety, per protocol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trial_core.domain.subject import Arm, Phase


class Population(StrEnum):
    """The populations."""

    RUN_IN = "run-in"
    INTENTION_TO_TREAT = "intention to treat"
    SAFETY = "safety"
    PER_PROTOCOL = "per protocol"


@dataclass(frozen=True, kw_only=True)
class PopulationFacts:
    """What membership is decided by.

    Attributes
    ----------
    first_treatment_on
        First dose of any study treatment: PD-1 inhibitor, chemotherapy, LDRT or CFRT.
    first_radiotherapy_on
        First fraction to a tumour lesion, in whatever arm.
    violated_criteria
        Eligibility criteria found violated after enrolment.
    major_deviations
        Major protocol deviations, in words.
    data_use_withdrawn
        The subject withdrew the use of its data: it is in no population.
    """

    code: str
    phase: Phase
    enrolled_on: date | None
    randomised_on: date | None = None
    arm: Arm | None = None
    first_treatment_on: date | None = None
    first_radiotherapy_on: date | None = None
    violated_criteria: tuple[str, ...] = ()
    major_deviations: tuple[str, ...] = ()
    data_use_withdrawn: bool = False


@dataclass(frozen=True, kw_only=True)
class Membership:
    """Whether a subject is in a population, and why, or why not."""

    population: Population
    member: bool
    reasons: tuple[str, ...]


def memberships(facts: PopulationFacts) -> tuple[Membership, ...]:
    """A subject's membership in every population.

    Per protocol is assumed as: randomised, eligible, treated, with radiotherapy in arm A and without in B,
    no major deviation.
    """
    return tuple(_membership(facts, population) for population in Population)


def members(subjects: Iterable[PopulationFacts], population: Population) -> tuple[str, ...]:
    """Codes of the subjects in a population, in order."""
    return tuple(sorted(each.code for each in subjects if _membership(each, population).member))


def arm_as_treated(facts: PopulationFacts) -> str:
    """The group of a subject in the safety population: by what it got, not by what it was to get."""
    if facts.phase is Phase.IIA:
        return "run-in"
    return Arm.B.value if facts.first_radiotherapy_on is None else Arm.A.value


def _membership(facts: PopulationFacts, population: Population) -> Membership:
    against = tuple(_against(facts, population))
    return Membership(
        population=population, member=not against, reasons=against or tuple(_for(facts, population))
    )


def _against(facts: PopulationFacts, population: Population) -> Iterator[str]:
    if facts.data_use_withdrawn:
        yield "withdrew the use of its data"
    match population:
        case Population.RUN_IN:
            if facts.phase is not Phase.IIA or facts.enrolled_on is None:
                yield "not enrolled in phase IIa"
        case Population.INTENTION_TO_TREAT:
            yield from _not_randomised(facts)
        case Population.SAFETY:
            if facts.enrolled_on is None or facts.first_treatment_on is None:
                yield "received no study treatment"
        case Population.PER_PROTOCOL:
            yield from _not_randomised(facts)
            yield from _off_protocol(facts)


def _not_randomised(facts: PopulationFacts) -> Iterator[str]:
    if facts.phase is not Phase.IIB or facts.randomised_on is None or facts.arm is None:
        yield "not randomised in phase IIb"


def _off_protocol(facts: PopulationFacts) -> Iterator[str]:
    for criterion in facts.violated_criteria:
        yield f"eligibility violated: {criterion}"
    if facts.first_treatment_on is None:
        yield "received no study treatment"
    if facts.arm is Arm.A and facts.first_radiotherapy_on is None:
        yield "arm A without radiotherapy"
    if facts.arm is Arm.B and facts.first_radiotherapy_on is not None:
        yield "arm B with radiotherapy"
    for deviation in facts.major_deviations:
        yield f"major deviation: {deviation}"


def _for(facts: PopulationFacts, population: Population) -> Iterator[str]:
    match population:
        case Population.RUN_IN:
            yield f"enrolled in phase IIa on {facts.enrolled_on}"
        case Population.INTENTION_TO_TREAT:
            yield f"randomised to arm {facts.arm} on {facts.randomised_on}"
            for criterion in facts.violated_criteria:
                yield f"stays in, though {criterion} was violated"
        case Population.SAFETY:
            yield f"first treatment on {facts.first_treatment_on}, as treated: {arm_as_treated(facts)}"
        case Population.PER_PROTOCOL:
            yield "treated as allocated, without violation or major deviation"
