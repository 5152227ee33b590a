"""Machine, energy and technique of a plan, in words for the report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from imaging.dicom.rt_plan import RtPlan

_MEV_PARTICLES = ("ELECTRON", "PROTON", "ION", "NEUTRON")


@dataclass(frozen=True)
class PlanFacts:
    """What the treatment beams say; None where they do not."""

    machine: str | None
    energy: str | None
    technique: str | None


def plan_facts(plan: RtPlan) -> PlanFacts:
    """Collect the facts over the treatment beams, each once, in the order of the beams."""
    beams = plan.treatment_beams
    energies = [
        f"{energy:g} {_energy_unit(beam.radiation_type)}" for beam in beams for energy in beam.energies_mv
    ]
    return PlanFacts(
        machine=_listed(beam.machine for beam in beams),
        energy=_listed(energies),
        technique=_listed(beam.technique for beam in beams),
    )


def _energy_unit(radiation_type: str | None) -> str:
    if radiation_type is None:
        return "MV or MeV"
    return "MeV" if radiation_type in _MEV_PARTICLES else "MV"


def _listed(words: Iterable[str | None]) -> str | None:
    each_once = dict.fromkeys(word for word in words if word)
    return ", ".join(each_once) or None
