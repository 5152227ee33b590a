"""Courses in memory: boxes as structures, doses whose numbers can be written down, plans of a few words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from dosimetry.grid import DoseGrid
from dosimetry.structure import Structure
from imaging.course import Course, LinkedBy, LinkedPlan, PlanDose
from imaging.dicom.registration import SpatialRegistration
from imaging.dicom.rt_dose import DoseSummation
from imaging.dicom.rt_plan import DoseReference, FractionGroup, ReferencedBeam, RelatedPlan, RtPlan
from imaging.dicom.rt_structure import Roi, StructureSet

FRAME, OTHER_FRAME = "1.2.3", "1.2.4"
SPACING_MM = 3.0
HALF_GRID_MM = 60.0
Box = tuple[float, float, float, float]
"""Centre x, y, z and half length, mm."""

SMALL_ANATOMY: Mapping[str, Box] = {
    "BODY": (0.0, 0.0, 0.0, 50.0),
    "PTVp": (0.0, 0.0, 0.0, 10.0),
    "GTVp": (0.0, 0.0, 0.0, 6.0),
    "PTV_Met1": (30.0, 30.0, 0.0, 8.0),
    "GTV_Met1": (30.0, 30.0, 0.0, 5.0),
    "Lung_L": (30.0, 20.0, 0.0, 14.0),
    "Lung_R": (-30.0, 20.0, 0.0, 14.0),
    "Heart": (0.0, -30.0, 0.0, 12.0),
    "SpinalCord": (0.0, 40.0, 0.0, 6.0),
}


def roi(name: str, number: int, box: Box | None, *, interpreted_type: str | None = None) -> Roi:
    """A cube, or an ROI without contours."""
    kind = interpreted_type or ("PTV" if name.upper().startswith("PTV") else "ORGAN")
    structure = None if box is None else Structure(name, _cube(box))
    return Roi(
        number=number,
        name=name,
        verbatim_name=name.split(" #", maxsplit=1)[0],
        interpreted_type=kind,
        frame_of_reference_uid=None,
        structure=structure,
        contours_set_aside=0,
    )


def structure_set(
    boxes: Mapping[str, Box | None] = SMALL_ANATOMY, *, uid: str = "set", frame: str | None = FRAME
) -> StructureSet:
    """A structure set of cubes, numbered from 1."""
    rois = tuple(roi(name, number, box) for number, (name, box) in enumerate(boxes.items(), start=1))
    return StructureSet(
        file=f"{uid}.dcm",
        sop_instance_uid=uid,
        label=None,
        frame_of_reference_uid=frame,
        ct_series_uids=(),
        ct_uids=(),
        rois=rois,
        approval="APPROVED",
    )


def target(roi_number: int | None, dose_gy: float | None, *, kind: str = "VOLUME") -> DoseReference:
    """A TARGET dose reference."""
    return DoseReference(
        number=1,
        reference_type="TARGET",
        structure_type=kind,
        roi_number=roi_number,
        description=None,
        target_prescription_gy=dose_gy,
        target_minimum_gy=None,
        target_maximum_gy=None,
    )


def plan(
    label: str | None,
    fractions: int | None,
    targets: Iterable[DoseReference] = (),
    *,
    uid: str | None = None,
    predecessors: Sequence[str] = (),
    frame: str | None = FRAME,
    approval: str | None = "APPROVED",
) -> RtPlan:
    """A plan with one fraction group."""
    own = uid or f"plan {label}"
    return RtPlan(
        file=f"{own}.dcm",
        sop_instance_uid=own,
        label=label,
        name=None,
        intent=None,
        approval=approval,
        geometry="PATIENT",
        frame_of_reference_uid=frame,
        structure_set_uid="set",
        fraction_groups=(FractionGroup(1, fractions, (ReferencedBeam(1, 1.0, 100.0),), 0),),
        beams=(),
        dose_references=tuple(targets),
        related_plans=tuple(RelatedPlan(each, "PREDECESSOR") for each in predecessors),
        patient_positions=("HFS",),
        is_brachytherapy=False,
    )


def dose(
    background_gy: float,
    hot: Mapping[Box, float] | None = None,
    *,
    frame: str | None = FRAME,
    uid: str = "dose",
    from_plane: int = 0,
) -> PlanDose:
    """A dose that is the same everywhere but for cubes of their own dose (one voxel wider than they say).

    `from_plane` leaves out as many planes below: the grid then starts at 3 mm x `from_plane` - 60 mm.
    """
    values, affine = _grid(background_gy)
    axis = np.arange(len(values)) * SPACING_MM - HALF_GRID_MM
    for (x, y, z, half), hot_gy in (hot or {}).items():
        inside = [np.abs(axis - centre) <= half + SPACING_MM for centre in (z, y, x)]
        values[np.ix_(*inside)] = hot_gy
    affine[2, 3] += from_plane * SPACING_MM
    return PlanDose(
        grid=DoseGrid(values[from_plane:], affine),
        summation=DoseSummation.PLAN,
        frame_of_reference_uid=frame,
        sop_instance_uids=(uid,),
        files=(f"{uid}.dcm",),
    )


def linked(
    rt_plan: RtPlan, plan_dose: PlanDose | None, structures: StructureSet | None, *, why: str | None = None
) -> LinkedPlan:
    """A plan with its dose and structure set."""
    return LinkedPlan(
        plan=rt_plan,
        structure_set=structures,
        structure_set_linked_by=LinkedBy.PLAN if structures else None,
        dose=plan_dose,
        why_no_dose=why,
    )


def course(*plans: LinkedPlan, registrations: Sequence[SpatialRegistration] = ()) -> Course:
    """A course of these plans, without CT and records."""
    sets = {each.structure_set.sop_instance_uid: each.structure_set for each in plans if each.structure_set}
    return Course(
        patient=None,
        ct_series=(),
        structure_sets=tuple(sets.values()),
        plans=plans,
        doses_without_plan=(),
        records=(),
        registrations=tuple(registrations),
        findings=(),
        files=(),
    )


def ldrt(
    structures: StructureSet, *, dose_gy: float = 10.0, background_gy: float = 0.5, from_plane: int = 0
) -> LinkedPlan:
    """10 Gy in 5 to the metastasis of the small anatomy."""
    number = _number(structures, "PTV_Met1")
    hot = {SMALL_ANATOMY["PTV_Met1"]: dose_gy}
    frame = structures.frame_of_reference_uid
    return linked(
        plan("LDRT", 5, [target(number, 10.0)], frame=frame),
        dose(background_gy, hot, uid="dose LDRT", frame=frame, from_plane=from_plane),
        structures,
    )


def cfrt(structures: StructureSet, *, dose_gy: float = 50.4, background_gy: float = 4.0) -> LinkedPlan:
    """50.4 Gy in 28 to the primary of the small anatomy."""
    number = _number(structures, "PTVp")
    hot = {SMALL_ANATOMY["PTVp"]: dose_gy}
    frame = structures.frame_of_reference_uid
    return linked(
        plan("CFRT", 28, [target(number, 50.4)], frame=frame),
        dose(background_gy, hot, uid="dose CFRT", frame=frame),
        structures,
    )


def with_plan(given: LinkedPlan, **changes: object) -> LinkedPlan:
    """The same linked plan with another RtPlan."""
    return replace(given, plan=replace(given.plan, **changes))  # type: ignore[arg-type] # any field of RtPlan


def _number(structures: StructureSet, name: str) -> int | None:
    found = structures.roi_by_name(name)
    return found.number if found else None


def _cube(box: Box) -> tuple[np.ndarray, ...]:
    x, y, z, half = box
    planes = np.arange(z - half + SPACING_MM / 2, z + half, SPACING_MM)
    corners = [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
    return tuple(np.array([(*corner, plane) for corner in corners]) for plane in planes)


def _grid(background_gy: float) -> tuple[np.ndarray, np.ndarray]:
    count = int(2 * HALF_GRID_MM / SPACING_MM) + 1
    affine = np.diag([SPACING_MM, SPACING_MM, SPACING_MM, 1.0])
    affine[:3, 3] = -HALF_GRID_MM
    return np.full((count, count, count), background_gy), affine
