"""What has to be known about a sum: for people who read its DICOM comment, and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dosimetry.accumulation.dose_sum import DoseSum, Uncovered
from dosimetry.accumulation.voxel_frame import VoxelFrame
from imaging.dicom.rt_dose_export import DoseKind
from imaging.findings import Finding, FindingCode, warning
from workers.pipelines.accumulation_places import PlacedPlan
from workers.pipelines.accumulation_plans import CountedPlan
from workers.pipelines.accumulation_request import AccumulationRequest

_ALL = 1 - 1e-9
_MUCH = 0.5
"""Of a plan's highest dose: more than this outside the sum is no mere edge of a beam."""


@dataclass(frozen=True, eq=False)
class SumFacts:
    """A sum, how it was asked for, and which files it is made of."""

    request: AccumulationRequest
    base: CountedPlan
    placed: tuple[PlacedPlan, ...]
    found: DoseSum
    inputs: tuple[dict[str, str], ...]

    @property
    def needs_review(self) -> bool:
        """Whether a registration has to be looked at before the sum is relied on."""
        return any(plan.needs_review for plan in self.placed)


def title(facts: SumFacts) -> str:
    """What Dose Comment (3004,0006) says in 64 letters: what is in it, and what is doubtful first."""
    request = facts.request
    doubt = "REVIEW REGISTRATION: " if facts.needs_review else ""
    search = " worst case" if request.radar_mm is not None else ""
    if request.alpha_beta_gy is None:
        return f"{doubt}sum of physical doses{search}"
    others = " and by organ" if request.tissues else ""
    return f"{doubt}EQD2 sum{search}, a/b {request.alpha_beta_gy:g} Gy{others}"


def comment(facts: SumFacts) -> str:
    """What Image Comments (0020,4000) say: how the numbers came about, and what they lack."""
    request, found = facts.request, facts.found
    if request.alpha_beta_gy is None:
        kind = "Sum of physical doses"
    else:
        others = "".join(f", {name} {ratio:g}" for name, ratio in request.tissues.items())
        kind = f"Sum of EQD2, alpha/beta {request.alpha_beta_gy:g} Gy{others}"
    parts = [f"Dosegate: {kind}."]
    parts += [f"{_counted_words(plan)} ({plan.placed_by})." for plan in facts.placed]
    if facts.needs_review:
        parts.append("REGISTRATION NEEDS REVIEW.")
    parts += [
        f"NOT BORNE OUT: registration of {plan.counted.label}: {plan.doubt.words}."
        for plan in facts.placed
        if plan.doubt
    ]
    if request.radar_mm is not None:
        axes = " x ".join(f"{length:g}" for length in request.radar_mm)
        where = f" within {request.radar_within}" if request.radar_within else ""
        parts.append(f"Other plans by their highest dose within {axes} mm{where}.")
    if any(found.uncovered_cc):
        counted = "0 Gy" if found.uncovered is Uncovered.ZERO else "the highest dose on the face of its grid"
        volumes = f"{found.uncovered_by_any_cc:.1f} cc by a plan, {found.covered_by_none_cc:.1f} cc by all"
        parts.append(f"NOT COVERED: {volumes}; there a plan counts as {counted}.")
    return " ".join(parts)


def summary(facts: SumFacts, output: dict[str, str]) -> dict[str, Any]:
    """The sum as a JSON object."""
    request, found = facts.request, facts.found
    frame = found.frame
    spacing = np.linalg.norm(frame.index_to_patient_mm[:3, :3], axis=0)
    is_physical = request.alpha_beta_gy is None
    return {
        "output": output,
        "dose_type": (DoseKind.PHYSICAL if is_physical else DoseKind.EFFECTIVE).value,
        "alpha_beta_gy": None if is_physical else {"otherwise": request.alpha_beta_gy, **request.tissues},
        "maximum_gy": float(found.values_gy.max()),
        "needs_review": facts.needs_review,
        "base_plan": facts.base.label,
        "grid": {
            "planes_rows_columns": list(frame.shape),
            "spacing_mm": [float(step) for step in spacing] if frame.plane_offsets_mm is None else None,
            "index_to_patient_mm": frame.index_to_patient_mm.tolist(),
        },
        "radar": None
        if request.radar_mm is None
        else {"semi_axes_mm": list(request.radar_mm), "within": request.radar_within},
        "uncovered": {
            "counts_as": found.uncovered.value,
            "by_any_plan_cc": found.uncovered_by_any_cc,
            "by_all_plans_cc": found.covered_by_none_cc,
        },
        "plans": [_plan(plan, cc, facts) for plan, cc in zip(facts.placed, found.uncovered_cc, strict=True)],
        "inputs": list(facts.inputs),
    }


def coverage_findings(facts: SumFacts, plans: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """What of a plan is not in the sum, for the sum's grid or its own ends: `plans` of the `summary`."""
    frame = facts.found.frame
    whole_cc = float(frame.voxel_volumes_cc.sum()) * frame.shape[1] * frame.shape[2]
    findings = []
    for plan, said in zip(facts.placed, plans, strict=True):
        beyond_gy, highest_gy = said["maximum_beyond_grid_gy"], plan.layer.grid.maximum_gy
        if said["uncovered_cc"] >= whole_cc * _ALL:
            problem = (
                f"plan '{said['label']}' covers no voxel of the sum's grid: none of its dose is in the sum"
            )
            findings.append(_incomplete(problem, plan))
        elif plan.layer.deformation is not None and said["uncovered_cc"] > 0:
            problem = (
                f"plan '{said['label']}' is not known in {said['uncovered_cc']:.1f} cc of the sum's grid: "
                "its deformation or its dose grid ends there"
            )
            findings.append(_incomplete(problem, plan))
        elif beyond_gy is not None and beyond_gy >= _MUCH * highest_gy > 0:
            problem = (
                f"plan '{said['label']}' gives up to {beyond_gy:.3g} Gy outside the sum's grid (at most "
                f"{highest_gy:.3g} Gy anywhere): that is in no sum"
            )
            findings.append(_incomplete(problem, plan))
    return findings


def _incomplete(problem: str, plan: PlacedPlan) -> Finding:
    action = "Look at where the plans lie; another plan's grid may hold both (--grid-like)."
    return warning(FindingCode.SUM_INCOMPLETE, problem, action=action, file=plan.counted.plan.file)


def _plan(plan: PlacedPlan, uncovered_cc: float, facts: SumFacts) -> dict[str, Any]:
    counted = plan.counted
    return {
        "label": counted.label,
        "file": counted.plan.file,
        "sop_instance_uid": counted.plan.sop_instance_uid,
        "planned_fractions": counted.planned_fractions,
        "counted_fractions": counted.counted_fractions,
        "weight": counted.weight,
        "placed_by": plan.placed_by,
        "base_to_plan_mm": None if plan.layer.deformation else plan.layer.region_to_dose_mm.tolist(),
        "needs_review": plan.needs_review,
        "registration": dict(plan.quality) if plan.quality is not None else None,
        "registration_doubt": plan.doubt.words if plan.doubt else None,
        "uncovered_cc": uncovered_cc,
        "maximum_beyond_grid_gy": _beyond_gy(plan, facts),
    }


def _beyond_gy(plan: PlacedPlan, facts: SumFacts) -> float | None:
    """The plan's highest dose outside the sum's grid; 0 where there is none, None for a deformed plan."""
    if plan.layer.deformation is not None:
        return None
    frame, grid = facts.found.frame, plan.layer.grid
    to_frame = np.linalg.inv(plan.layer.region_to_dose_mm @ frame.index_to_patient_mm)
    highest = 0.0
    planes = frame.plane_coordinates
    first = np.array([0.0, 0.0, planes.min()])
    last = np.array([frame.shape[2] - 1, frame.shape[1] - 1, planes.max()])
    own = VoxelFrame.of(grid)
    for k, plane in enumerate(grid.values_gy):
        at = own.centres_mm(k) @ to_frame[:3, :3].T + to_frame[:3, 3]
        outside = ((at < first - 0.5) | (at > last + 0.5)).any(axis=-1)
        if outside.any():
            highest = max(highest, float(plane[outside].max()))
    return highest


def _counted_words(plan: PlacedPlan) -> str:
    counted = plan.counted
    if counted.counted_fractions is None:
        return f"{counted.label}: all of it"
    return f"{counted.label}: {counted.counted_fractions:g} of {counted.planned_fractions} fractions"
