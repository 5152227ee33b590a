"""The sum of the plans of some files on one grid: as an RT Dose, and what has to be known about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from dosimetry.accumulation.alpha_beta import AlphaBetaMap
from dosimetry.accumulation.dose_sum import DoseSum, sum_doses
from dosimetry.accumulation.registration_uncertainty import Ellipsoid, worst_sum
from dosimetry.accumulation.voxel_frame import VoxelFrame
from dosimetry.errors import DosimetryError
from dosimetry.region import Region
from dosimetry.sampling.voxel_mask import alpha_beta_of, voxels_within
from imaging.course import Course, FileKind, read_course
from imaging.dicom.elements import quiet_pydicom
from imaging.dicom.part10 import read_part10
from imaging.dicom.rt_dose_export import (
    DoseExportError,
    DoseKind,
    SpatialTransform,
    SummedDose,
    as_part10,
    summed_dose_dataset,
)
from imaging.findings import Finding
from imaging.intake import Intake, take_in
from workers.pipelines.accumulation_places import PlacedPlan, placed_plan, review_findings
from workers.pipelines.accumulation_plans import CountedPlan, base_plan, counted_plans, plan_named, refused
from workers.pipelines.accumulation_request import (
    AccumulationRefusedError,
    AccumulationRequest,
    RegistrationSource,
)
from workers.pipelines.accumulation_summary import SumFacts, comment, coverage_findings, summary, title
from workers.pipelines.dose_scale import dose_scale_findings
from workers.pipelines.placement import structure_frame

__all__ = ["AccumulatedDose", "AccumulationRefusedError", "AccumulationRequest", "accumulate_paths"]


@dataclass(frozen=True, eq=False)
class AccumulatedDose:
    """A sum as the bytes of an RT Dose, and what has to be known about it, as a JSON object."""

    part10: bytes
    summary: dict[str, Any]


def accumulate_paths(paths: Iterable[Path], request: AccumulationRequest, scratch: Path) -> AccumulatedDose:
    """Add all plans among some files.

    Parameters
    ----------
    paths
        Folders, ZIP archives and single files.
    request
        How they are added.
    scratch
        An existing, private folder for inflated archives; the caller removes it.

    Raises
    ------
    AccumulationRefusedError
        Where there is no sum; it says why, and what to do.
    """
    intake = take_in(paths, scratch)
    course = read_course(intake)
    plans, findings = counted_plans(course, request)
    base = base_plan(plans, request.base)
    placed = [placed_plan(plan, base, course, request.registration) for plan in plans]
    findings += dose_scale_findings(course.plans)
    for plan in placed:
        findings += review_findings(plan)
    try:
        return _added(intake, course, request, base, placed, findings)
    except (DosimetryError, DoseExportError) as problem:
        raise refused(str(problem), "Change the request or the files.", course.findings) from problem


def _added(  # noqa: PLR0917 - the facts of one sum, each named
    intake: Intake,
    course: Course,
    request: AccumulationRequest,
    base: CountedPlan,
    placed: Sequence[PlacedPlan],
    findings: list[Finding],
) -> AccumulatedDose:
    frame = _frame(request, base, placed)
    found = _sum(course, request, base, placed, frame)
    facts = SumFacts(request, base, tuple(placed), found, _used_inputs(course, request, placed))
    dose = SummedDose(
        values_gy=found.values_gy,
        frame=frame,
        kind=DoseKind.PHYSICAL if request.alpha_beta_gy is None else DoseKind.EFFECTIVE,
        plan_uids=tuple(plan.counted.plan.sop_instance_uid for plan in placed),
        frame_of_reference_uid=_base_frame(base, course),
        title=title(facts),
        comment=comment(facts),
        input_hashes=tuple(each["sha256"] for each in facts.inputs),
        transform=_transform(placed),
        registration_uids=tuple(plan.registration_uid for plan in placed if plan.registration_uid),
    )
    with quiet_pydicom():
        received = next(file for file in intake.files if file.name == base.plan.file)
        dataset = summed_dose_dataset(dose, read_part10(received).item.dataset, bits=request.bits)
    part10 = as_part10(dataset)
    output = {"sop_instance_uid": str(dataset.SOPInstanceUID), "sha256": sha256(part10).hexdigest()}
    told = summary(facts, output)
    findings += coverage_findings(facts, told["plans"])
    said = [each.as_json() for each in dict.fromkeys([*course.findings, *findings])]
    return AccumulatedDose(part10, {**told, "findings": said})


def _base_frame(base: CountedPlan, course: Course) -> str:
    if base.frame_of_reference_uid is None:
        action = "Export plan and dose with their frame of reference."
        raise refused(f"plan '{base.label}' names no frame of reference", action, course.findings)
    return base.frame_of_reference_uid


def _frame(request: AccumulationRequest, base: CountedPlan, placed: Sequence[PlacedPlan]) -> VoxelFrame:
    like = base
    if request.grid_like is not None:
        like = plan_named([plan.counted for plan in placed], request.grid_like, "--grid-like")
    if like.frame_of_reference_uid != base.frame_of_reference_uid:
        problem = (
            f"the grid of plan '{like.label}' lies in another frame of reference than base '{base.label}'"
        )
        raise refused(problem, "Take the grid of a plan of the base's frame, or make it the base (--base).")
    if request.spacing_mm is not None:
        return VoxelFrame.around(like.dose.grid, request.spacing_mm)
    return VoxelFrame.of(like.dose.grid)


def _sum(
    course: Course,
    request: AccumulationRequest,
    base: CountedPlan,
    placed: Sequence[PlacedPlan],
    frame: VoxelFrame,
) -> DoseSum:
    alpha_beta = _alpha_beta(course, request, base, frame)
    layers = [plan.layer for plan in placed]
    if request.radar_mm is None:
        return sum_doses(frame, layers, alpha_beta, uncovered=request.uncovered)
    within = None
    if request.radar_within is not None:
        within = voxels_within(_region(course, base, request.radar_within), frame)
    certain = [plan.layer for plan in placed if plan.counted is base]
    others = [plan.layer for plan in placed if plan.counted is not base]
    found = worst_sum(
        frame,
        certain,
        others,
        Ellipsoid(request.radar_mm),
        alpha_beta,
        within=within,
        uncovered=request.uncovered,
    )
    return _in_order(found, placed, base)


def _in_order(found: DoseSum, placed: Sequence[PlacedPlan], base: CountedPlan) -> DoseSum:
    """With the uncovered volumes in the order of the plans, not the base first."""
    volumes = iter(found.uncovered_cc[1:])
    ordered = [found.uncovered_cc[0] if plan.counted is base else next(volumes) for plan in placed]
    return DoseSum(found.frame, found.values_gy, found.missing_plans, found.uncovered, tuple(ordered))


def _alpha_beta(
    course: Course, request: AccumulationRequest, base: CountedPlan, frame: VoxelFrame
) -> AlphaBetaMap | float | None:
    if request.alpha_beta_gy is None or not request.tissues:
        return request.alpha_beta_gy
    tissues = [(_region(course, base, name), ratio) for name, ratio in request.tissues.items()]
    return alpha_beta_of(frame, tissues, request.alpha_beta_gy)


def _region(course: Course, base: CountedPlan, name: str) -> Region:
    """A structure of the base plan's structure set."""
    linked = next(each for each in course.plans if each.plan is base.plan)
    structures = linked.structure_set
    if structures is None or structure_frame(structures) != base.frame_of_reference_uid:
        problem = f"base plan '{base.label}' has no structure set in its frame of reference"
        raise refused(problem, f"Hand over the one that holds '{name}'.", course.findings)
    roi = structures.roi_by_name(name)
    if roi is None or roi.structure is None:
        known = ", ".join(f"'{each.name}'" for each in structures.rois if each.structure is not None)
        problem = f"structure set '{structures.file}' has no contours of '{name}'"
        raise refused(problem, f"Name one of these: {known}.", course.findings)
    return Region.of(roi.structure)


def _transform(placed: Sequence[PlacedPlan]) -> SpatialTransform:
    found = {plan.transform for plan in placed}
    for transform in (SpatialTransform.NON_RIGID, SpatialTransform.RIGID):
        if transform in found:
            return transform
    return SpatialTransform.NONE


def _used_inputs(
    course: Course, request: AccumulationRequest, placed: Sequence[PlacedPlan]
) -> tuple[dict[str, str], ...]:
    """Every file that the sum depends on, with its hash."""
    kinds = {FileKind.PLAN, FileKind.DOSE}
    if request.tissues or request.radar_within:
        kinds.add(FileKind.STRUCTURE_SET)
    if request.as_delivered:
        kinds.add(FileKind.TREATMENT_RECORD)
    if any(plan.registration_uid for plan in placed):
        kinds.add(FileKind.REGISTRATION)
    if request.registration is RegistrationSource.COMPUTED:
        kinds.add(FileKind.CT)
    used = sorted(
        (file for file in course.files if file.used and file.kind in kinds), key=lambda file: file.name
    )
    return tuple({"file": file.name, "kind": file.kind.value, "sha256": file.sha256} for file in used)
