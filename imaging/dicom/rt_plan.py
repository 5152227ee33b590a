"""RT Plan (PS3.3 A.20): label, approval, fraction groups, beams, dose references, as plain facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imaging.dicom.elements import Item, unique
from imaging.dicom.geometry import Vector
from imaging.dicom.part10 import DicomFile
from imaging.findings import FindingCode, warning

_IMAGING_BEAMS = frozenset(("SETUP", "OPEN_PORTFILM", "TRMT_PORTFILM"))
"""Treatment Delivery Types of beams that take images and deliver no planned dose (PS3.3 C.8.8.14)."""
_TREATING_INTENTS = frozenset(("CURATIVE", "PALLIATIVE", "PROPHYLACTIC"))
"""PlanIntent of plans for patients (PS3.3 C.8.8.9)."""
_LIKE_PHOTONS = frozenset(("PHOTON", "ELECTRON"))
"""Radiation Types (PS3.3 C.8.8.14) whose gray does as much as that of photons; any other's does more."""
_MOST_LIKE_PHOTONS = 50.0
"""MV or MeV: photons and electrons of more treat nobody; protons and ions of less reach no organ."""
_MACHINE_INTENTS = frozenset(("VERIFICATION", "MACHINE_QA", "SERVICE"))
"""PlanIntent of plans that irradiate a phantom or nothing. A trial may call its own plans RESEARCH."""


@dataclass(frozen=True)
class ReferencedBeam:
    """A beam of a fraction group; dose (at its specification point) and meterset are per fraction (PS3.3
    C.8.8.13)."""

    number: int
    beam_dose_gy: float | None
    meterset: float | None


@dataclass(frozen=True)
class FractionGroup:
    """Fractions that deliver the same beams."""

    number: int | None
    planned_fractions: int | None
    beams: tuple[ReferencedBeam, ...]
    brachy_setups: int
    stated_beams: int | None = None


@dataclass(frozen=True)
class DoseReference:
    """A dose reference: TARGET or ORGAN_AT_RISK; of structure type POINT, VOLUME, COORDINATES or SITE.

    Doses are of the whole plan, in Gy. `roi_number` is set for POINT and VOLUME alone (PS3.3 C.8.8.10).
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

    `energies_mv` are the nominal energies over the control points (MV for photons, MeV for electrons);
    `technique` is "arc" where the gantry rotates during a control point, else "dynamic" or "static" by
    BeamType.
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
    isocentres_mm: tuple[Vector, ...]

    @property
    def is_imaging(self) -> bool:
        """Whether the beam takes an image (set-up, port film) and delivers no planned dose."""
        return self.delivery_type in _IMAGING_BEAMS


@dataclass(frozen=True)
class RelatedPlan:
    """A plan that this one names: PRIOR, ALTERNATIVE, PREDECESSOR, VERIFIED_PLAN or CONCURRENT (PS3.3
    C.8.8.9)."""

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
        """Planned fractions of the only fraction group with beams; None when absent or when there are
        several."""
        groups = [group for group in self.fraction_groups if group.beams]
        return groups[0].planned_fractions if len(groups) == 1 else None

    @property
    def is_for_a_machine(self) -> bool:
        """Whether its intent is that of a verification on a phantom or of a test of the machine."""
        return self.intent in _MACHINE_INTENTS

    @property
    def treatment_beams(self) -> tuple[Beam, ...]:
        """Beams that deliver dose: neither set-up fields nor port films."""
        return tuple(beam for beam in self.beams if not beam.is_imaging)

    @property
    def weighted_radiation(self) -> tuple[str, ...]:
        """The Radiation Types, each once, whose physical dose is not to be compared with that of photons."""
        kinds = {beam.radiation_type for beam in self.treatment_beams} - _LIKE_PHOTONS - {None}
        return tuple(sorted(kind for kind in kinds if kind))

    @property
    def unnamed_radiation(self) -> tuple[Beam, ...]:
        """The treatment beams that do not say what they treat with: Radiation Type may be empty (type 2)."""
        return tuple(beam for beam in self.treatment_beams if beam.radiation_type is None)

    @property
    def unlikely_photons(self) -> tuple[Beam, ...]:
        """Those of them whose nominal energy is none of photons or electrons."""
        unnamed = self.unnamed_radiation
        return tuple(each for each in unnamed if max(each.energies_mv, default=0.0) > _MOST_LIKE_PHOTONS)

    @property
    def fraction_beams(self) -> tuple[int, ...]:
        """Numbers of the beams that the fraction groups give dose with; one in several groups as often."""
        imaging = {beam.number for beam in self.beams if beam.is_imaging}
        numbers = (beam.number for group in self.fraction_groups for beam in group.beams)
        return tuple(number for number in numbers if number not in imaging)


def read_rt_plan(file: DicomFile) -> RtPlan:
    """Read an RT Plan; doubts are noted in the file's findings."""
    item = file.item
    structure_sets = item.items("ReferencedStructureSetSequence")
    groups = tuple(_fraction_group(group) for group in item.items("FractionGroupSequence"))
    plan = RtPlan(
        file=item.file,
        sop_instance_uid=file.sop_instance_uid,
        label=item.text("RTPlanLabel"),
        name=item.text("RTPlanName"),
        intent=item.code("PlanIntent"),
        approval=item.code("ApprovalStatus"),
        geometry=item.code("RTPlanGeometry"),
        frame_of_reference_uid=item.uid("FrameOfReferenceUID"),
        structure_set_uid=structure_sets[0].uid("ReferencedSOPInstanceUID") if structure_sets else None,
        fraction_groups=groups,
        beams=tuple(_beams(item)),
        dose_references=tuple(_dose_reference(one) for one in item.items("DoseReferenceSequence")),
        related_plans=tuple(_related_plans(item)),
        patient_positions=unique([one.code("PatientPosition") for one in item.items("PatientSetupSequence")]),
        is_brachytherapy=_is_brachytherapy(item, groups),
    )
    _note_doubts(item, plan)
    if plan.intent is not None and plan.intent not in _TREATING_INTENTS:
        _note_intent(item, plan.intent)
    return plan


def _fraction_group(item: Item) -> FractionGroup:
    fractions = item.integer("NumberOfFractionsPlanned")
    return FractionGroup(
        number=item.integer("FractionGroupNumber"),
        planned_fractions=fractions if fractions and fractions > 0 else None,
        beams=tuple(_referenced_beams(item)),
        brachy_setups=item.integer("NumberOfBrachyApplicationSetups") or 0,
        stated_beams=item.integer("NumberOfBeams"),
    )


def _referenced_beams(item: Item) -> list[ReferencedBeam]:
    return [
        ReferencedBeam(number, beam.number("BeamDose"), beam.number("BeamMeterset"))
        for beam in item.items("ReferencedBeamSequence")
        if (number := beam.integer("ReferencedBeamNumber")) is not None
    ]


def _beams(item: Item) -> list[Beam]:
    return [
        _beam(beam, number)
        for beam in item.items("BeamSequence")
        if (number := beam.integer("BeamNumber")) is not None
    ]


def _beam(item: Item, number: int) -> Beam:
    points = item.items("ControlPointSequence")
    rotations = {point.code("GantryRotationDirection") for point in points}
    is_arc = bool(rotations & {"CW", "CC"})
    beam_type = item.code("BeamType")
    isocentres = [point.numbers("IsocenterPosition", count=3) for point in points]
    energies = [point.number("NominalBeamEnergy") for point in points]
    return Beam(
        number=number,
        name=item.text("BeamName"),
        machine=item.text("TreatmentMachineName"),
        radiation_type=item.code("RadiationType"),
        beam_type=beam_type,
        delivery_type=item.code("TreatmentDeliveryType"),
        technique="arc" if is_arc else (beam_type or "unknown").lower(),
        is_arc=is_arc,
        energies_mv=tuple(energy for energy in _distinct(energies) if energy > 0),
        isocentres_mm=tuple(dict.fromkeys((p[0], p[1], p[2]) for p in isocentres if p is not None)),
    )


def _dose_reference(item: Item) -> DoseReference:
    return DoseReference(
        number=item.integer("DoseReferenceNumber"),
        reference_type=item.code("DoseReferenceType"),
        structure_type=item.code("DoseReferenceStructureType"),
        roi_number=item.integer("ReferencedROINumber"),
        description=item.text("DoseReferenceDescription"),
        target_prescription_gy=item.number("TargetPrescriptionDose"),
        target_minimum_gy=item.number("TargetMinimumDose"),
        target_maximum_gy=item.number("TargetMaximumDose"),
    )


def _related_plans(item: Item) -> list[RelatedPlan]:
    return [
        RelatedPlan(uid, reference.code("RTPlanRelationship"))
        for reference in item.items("ReferencedRTPlanSequence")
        if (uid := reference.uid("ReferencedSOPInstanceUID")) is not None
    ]


def _is_brachytherapy(item: Item, groups: tuple[FractionGroup, ...]) -> bool:
    return _has_application_setups(item, groups) and not item.items("BeamSequence")


def _has_application_setups(item: Item, groups: tuple[FractionGroup, ...]) -> bool:
    return item.has("ApplicationSetupSequence") or any(group.brachy_setups for group in groups)


def _note_doubts(item: Item, plan: RtPlan) -> None:
    if plan.is_brachytherapy:
        return
    if _has_application_setups(item, plan.fraction_groups):
        message = (
            "The plan has brachytherapy beside its beams, which this check does not cover: "
            "its dose is in no sum."
        )
        _note(item, FindingCode.BRACHYTHERAPY_SET_ASIDE, message)
    groups = [group for group in plan.fraction_groups if group.beams]
    if not groups:
        _note(item, FindingCode.PLAN_FRACTIONS_MISSING, "The plan has no fraction group with beams.")
    elif any(group.planned_fractions is None for group in groups):
        _note(
            item, FindingCode.PLAN_FRACTIONS_MISSING, "The plan does not say how many fractions are planned."
        )
    if len(groups) > 1:
        message = f"The plan has {len(groups)} fraction groups; its dose per fraction is not one number."
        _note(item, FindingCode.PLAN_FRACTION_GROUPS_SEVERAL, message)
    known = {beam.number for beam in plan.beams}
    unknown = sorted({beam.number for group in groups for beam in group.beams} - known)
    if unknown:
        message = f"The fraction group names beams that the plan lacks: {', '.join(map(str, unknown))}."
        _note(item, FindingCode.PLAN_BEAM_UNKNOWN, message)
    for message in () if unknown else _contradictory_beams(plan, groups):
        _note(item, FindingCode.PLAN_BEAMS_CONTRADICTORY, message)
    if plan.weighted_radiation:
        _note_radiation(item, ", ".join(plan.weighted_radiation))
    if plan.unnamed_radiation:
        _note_unnamed_radiation(item, ", ".join(str(beam.number) for beam in plan.unnamed_radiation))


def _contradictory_beams(plan: RtPlan, groups: Sequence[FractionGroup]) -> Iterator[str]:
    """What beams and fraction groups say against one another; a PLAN dose tells nothing of it."""
    for group in groups:
        counts = sorted(Counter(beam.number for beam in group.beams).items())
        yield from (f"A fraction group names beam {one} {count} times." for one, count in counts if count > 1)
    lost = [str(beam.number) for beam in plan.treatment_beams if beam.number not in plan.fraction_beams]
    if groups and lost:
        yield f"No fraction group delivers treatment beam {', '.join(lost)}."
    else:
        yield from _miscounted_beams(groups)
    alike = sorted(one for one, count in Counter(beam.number for beam in plan.beams).items() if count > 1)
    yield from (f"More than one beam of the plan has the number {one}." for one in alike)
    if plan.beams and not plan.treatment_beams:
        yield "All beams of the plan take images: none of them treats."


def _miscounted_beams(groups: Sequence[FractionGroup]) -> Iterator[str]:
    """Where NumberOfBeams tells of beams that an export may have left out."""
    for group in groups:
        named = len({beam.number for beam in group.beams})
        if group.stated_beams not in (None, named):
            yield f"NumberOfBeams of a fraction group is {group.stated_beams}; it names {named}."


def _note_radiation(item: Item, kinds: str) -> None:
    message = f"The plan treats with {kinds}; its physical dose is not weighted with their biological effect."
    action = (
        "Limits and EQD2 are those of photons: a plan is judged by them only where the protocol names this."
    )
    where = {"file": item.file, "element": "RadiationType"}
    item.note(warning(FindingCode.PLAN_RADIATION_WEIGHTED, message, action=action, **where))


def _note_unnamed_radiation(item: Item, beams: str) -> None:
    message = f"The plan does not say what beam {beams} treats with; its dose is taken as that of photons."
    action = "Ask the planning system: limits and EQD2 hold for photons and electrons alone."
    where = {"file": item.file, "element": "RadiationType"}
    item.note(warning(FindingCode.PLAN_RADIATION_UNKNOWN, message, action=action, **where))


def _note_intent(item: Item, intent: str) -> None:
    message = f"The plan's intent is {intent}, which is no treatment of a patient."
    if intent in _MACHINE_INTENTS:
        message += " It was set aside with its dose: it counts for no regimen and is in no sum."
    action = "Hand over the plan that the patient is treated with, or correct its intent."
    code = FindingCode.PLAN_NOT_FOR_TREATMENT
    item.note(warning(code, message, action=action, file=item.file, element="PlanIntent"))


def _note(item: Item, code: FindingCode, message: str) -> None:
    action = "Check the plan in the planning system and export it again."
    item.note(warning(code, message, action=action, file=item.file, element="FractionGroupSequence"))


def _distinct(values: list[float | None]) -> tuple[float, ...]:
    return tuple(sorted({value for value in values if value is not None}))
