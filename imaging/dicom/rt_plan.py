"""RT Plan (PS3.3 A.20): label, approval, fraction groups, beams, dose references, as plain facts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReferencedBeam:
    """A beam of a fraction group; dose and meterset are per fraction (PS3.3 C.8.8.13)."""

    number: int
    beam_dose_gy: float | None
    meterset: float | None


@dataclass(frozen=True)
class FractionGroup:
    """Fractions that deliver the same beams."""

    number: int
    planned_fractions: int | None
    beams: tuple[ReferencedBeam, ...]
    brachy_setups: int


@dataclass(frozen=True)
class DoseReference:
    """A dose reference: TARGET or ORGAN_AT_RISK; of structure type POINT, VOLUME, COORDINATES or SITE.

    `target_prescription_gy` is of the whole plan, in Gy.
    """

    number: int | None
    reference_type: str | None
    structure_type: str | None
    roi_number: int | None
    description: str | None
    target_prescription_gy: float | None
    target_minimum_gy: float | None
    target_maximum_gy: float | None


@dataclass(frozen=True)
class Beam:
    """A beam of the plan.

    `energies_mv` are nominal energies over the control points (MV for photons, MeV for electrons and particles);
    `is_arc` is true when the gantry rotates in a control point.
    """

    number: int
    name: str | None
    machine: str | None
    radiation_type: str | None
    beam_type: str | None
    delivery_type: str | None
    technique: str
    is_arc: bool
    energies_mv: tuple[float, ...]
    isocentres_mm: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class RelatedPlan:
    """A plan that this one names: relationship PRIOR, ALTERNATIVE, PREDECESSOR, VERIFIED_PLAN or CONCURRENT."""

    sop_instance_uid: str
    relationship: str | None


@dataclass(frozen=True)
class RtPlan:
    """The facts of one RT Plan that the check needs."""

    file: str
    sop_instance_uid: str
    label: str | None
    name: str | None
    intent: str | None
    approval: str | None
    geometry: str | None
    frame_of_reference_uid: str | None
    structure_set_uid: str | None
    fraction_groups: tuple[FractionGroup, ...]
    beams: tuple[Beam, ...]
    dose_references: tuple[DoseReference, ...]
    related_plans: tuple[RelatedPlan, ...]
    patient_positions: tuple[str, ...]
    is_brachytherapy: bool

    @property
    def planned_fractions(self) -> int | None:
        """Planned fractions of the only fraction group with beams; None when absent or when groups differ."""
        counts = {group.planned_fractions for group in self.fraction_groups if group.beams}
        return counts.pop() if len(counts) == 1 else None
