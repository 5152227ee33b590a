"""How the dose of each plan of a sum finds its way: the same frame of reference, or a registration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dosimetry.accumulation.point_sum import DoseLayer
from imaging.course import Course
from imaging.dicom.deformable_registration import DeformableRegistration
from imaging.dicom.rt_dose_export import SpatialTransform
from imaging.errors import ImagingError
from imaging.findings import Finding, FindingCode, warning
from trial_core.protocols.reader import DEFAULT_PROTOCOL, read_protocol
from workers.pipelines.accumulation_plans import CountedPlan, refused
from workers.pipelines.accumulation_request import RegistrationSource
from workers.pipelines.computed_registration import CtRegistration, NoCtError, registration_of_cts
from workers.pipelines.placement import SAME_FRAME, Place, place
from workers.pipelines.registration_agreement import Agreement, agreement
from workers.pipelines.registration_sense import contradiction

_NO_STRUCTURES_DEFORMED = "how well a deformation brings structures together is not measured"
_NO_REGISTRATION = (
    "Hand over the registration of the two image sets, or have one computed from their CTs "
    "(--registration computed) and look at it."
)


@dataclass(frozen=True)
class RegistrationDoubt:
    """Why a check would not judge by a registration before a person accepted it: what, and which kind."""

    words: str
    code: FindingCode


@dataclass(frozen=True, eq=False)
class PlacedPlan:
    """A plan with its way from the base plan's frame of reference to its own.

    Attributes
    ----------
    counted, layer
        The plan, and its part in the sum.
    transform, placed_by
        What was done, and by what, in words.
    registration_uid
        SOP Instance UID of the registration; None for none and a computed one.
    needs_review
        A person has to look at the registration before the sum is relied on.
    quality
        Of a registration: figures for the person who looks at it.
    doubt
        Of a registration that nothing measures, or that the protocol which comes with Dosegate would not
        believe.
    """

    counted: CountedPlan
    layer: DoseLayer
    transform: SpatialTransform
    placed_by: str
    registration_uid: str | None = None
    needs_review: bool = False
    quality: Mapping[str, Any] | None = None
    doubt: RegistrationDoubt | None = None


def placed_plan(
    plan: CountedPlan, base: CountedPlan, course: Course, source: RegistrationSource
) -> PlacedPlan:
    """Find the way of a plan; never by coordinates alone.

    Raises
    ------
    AccumulationRefusedError
        If there is no way, or more than one.
    """
    layer = DoseLayer(plan.dose.grid, plan.planned_fractions, plan.weight)
    frames = base.frame_of_reference_uid, plan.frame_of_reference_uid
    if plan is base or (frames[0] is not None and frames[0] == frames[1]):
        return PlacedPlan(plan, layer, SpatialTransform.NONE, SAME_FRAME)
    if None in frames:
        problem = f"plan '{plan.label}' or '{base.label}' names no frame of reference"
        raise refused(problem, "Export plan and dose with their frame of reference.", course.findings)
    if source is RegistrationSource.COMPUTED:
        return _computed(plan, base, course, layer)
    return _by_file(plan, base, course, source, layer)


def review_findings(placed: PlacedPlan) -> list[Finding]:
    """What the person who reads the sum has to do about a registration."""
    if not placed.needs_review:
        return []
    label, file = placed.counted.label, placed.counted.plan.file
    message = f"plan '{label}' is in the sum by {placed.placed_by}: needs review"
    action = "Look at the registration before the sum is relied on."
    findings = [warning(FindingCode.LINKED_BY_FRAME, message, action=action, file=file)]
    if placed.doubt:
        message = f"the registration of plan '{label}' is not borne out: {placed.doubt.words}"
        action = "A check would judge nothing by it until a person accepted it: rely on no such sum unseen."
        findings.append(warning(placed.doubt.code, message, action=action, file=file))
    return findings


def _by_file(
    plan: CountedPlan, base: CountedPlan, course: Course, source: RegistrationSource, layer: DoseLayer
) -> PlacedPlan:
    frames = base.frame_of_reference_uid, plan.frame_of_reference_uid
    rigid = place(*frames, course.registrations)
    fields = [
        each
        for each in course.deformable_registrations
        if (each.registered_frame, each.source_frame) == frames
    ]
    if source is RegistrationSource.FILE and rigid.matrix is not None and fields:
        files = f"{rigid.placed_by} and the deformable '{fields[0].file}'"
        problem = f"plan '{plan.label}' is linked by {files}"
        raise refused(
            problem, "Say which one is meant (--registration rigid or deformable).", course.findings
        )
    if fields and source is not RegistrationSource.RIGID:
        return _deformed(plan, fields, course, layer)
    if rigid.matrix is not None and source is not RegistrationSource.DEFORMABLE:
        return _rigid(rigid, plan, base, course, replace(layer, region_to_dose_mm=rigid.matrix))
    reason = (
        _other_way_round(frames, course) or rigid.reason or "no registration of that kind links the frames"
    )
    raise refused(f"plan '{plan.label}': {reason}", _NO_REGISTRATION, course.findings)


def _rigid(
    rigid: Place, plan: CountedPlan, base: CountedPlan, course: Course, moved: DoseLayer
) -> PlacedPlan:
    _check_sense(rigid, plan, base, course)
    found = _agreement_of(moved.region_to_dose_mm, plan, base, course)
    return PlacedPlan(
        plan,
        moved,
        SpatialTransform.RIGID,
        rigid.placed_by,
        _uid_of(rigid.placed_by, course),
        needs_review=True,
        quality=_figures(found),
        doubt=_unmeasured(found) or _beyond_limits(found),
    )


def _check_sense(rigid: Place, plan: CountedPlan, base: CountedPlan, course: Course) -> None:
    frame, dose_frame = base.frame_of_reference_uid, plan.frame_of_reference_uid
    assert rigid.matrix is not None and frame and dose_frame  # noqa: S101, PT018 - the caller has looked
    doubt = contradiction(rigid.matrix, course.structure_sets, frame, dose_frame)
    if doubt:
        problem = f"plan '{plan.label}': {rigid.placed_by} is not believed: {doubt}"
        raise refused(problem, "Hand over the right registration (is its direction right?).", course.findings)


def _agreement_of(
    matrix: npt.NDArray[np.float64], plan: CountedPlan, base: CountedPlan, course: Course
) -> Agreement:
    """How far apart the registration leaves what both sides draw, as the report of a check states it."""
    frame, dose_frame = base.frame_of_reference_uid, plan.frame_of_reference_uid
    assert frame is not None  # noqa: S101 - the caller has looked
    assert dose_frame is not None  # noqa: S101 - the caller has looked
    return agreement(matrix, course.structure_sets, frame, dose_frame)


def _unmeasured(found: Agreement) -> RegistrationDoubt | None:
    return RegistrationDoubt(found.unknown, FindingCode.REGISTRATION_UNMEASURED) if found.unknown else None


def _beyond_limits(found: Agreement) -> RegistrationDoubt | None:
    """By the protocol that a check takes where none is named: a sum knows none of its own."""
    beyond = found.exceeds(read_protocol(DEFAULT_PROTOCOL).sum_rule)
    return RegistrationDoubt(beyond, FindingCode.REGISTRATION_BEYOND_LIMITS) if beyond else None


def _figures(found: Agreement) -> dict[str, Any]:
    return {
        "surface_distance_mm": found.distance_mm,
        "displacement_mm": found.displacement_mm,
        "structures": len(found.distances_mm),
    }


def _deformed(
    plan: CountedPlan, fields: list[DeformableRegistration], course: Course, layer: DoseLayer
) -> PlacedPlan:
    if len(fields) > 1:
        files = ", ".join(f"'{each.file}'" for each in fields)
        problem = f"plan '{plan.label}' is linked by {len(fields)} deformations: {files}"
        raise refused(problem, "Hand over the one that is meant.", course.findings)
    (field,) = fields
    moved = replace(layer, deformation=field.deformation)
    placed_by = f"deformable registration '{field.file}'"
    folding = field.folding
    quality = {
        "folded_cells": folding.folded_cells,
        "undefined_cells": folding.undefined_cells,
        "cells": folding.cells,
        "lowest_jacobian": None if np.isnan(folding.lowest) else folding.lowest,
        "highest_jacobian": None if np.isnan(folding.highest) else folding.highest,
    }
    kind, uid = SpatialTransform.NON_RIGID, field.sop_instance_uid
    doubt = RegistrationDoubt(_NO_STRUCTURES_DEFORMED, FindingCode.REGISTRATION_UNMEASURED)
    return PlacedPlan(plan, moved, kind, placed_by, uid, needs_review=True, quality=quality, doubt=doubt)


def _other_way_round(frames: tuple[str | None, str | None], course: Course) -> str:
    backwards = [
        each
        for each in course.deformable_registrations
        if (each.source_frame, each.registered_frame) == frames
    ]
    if not backwards:
        return ""
    return (
        f"the deformable registration '{backwards[0].file}' tells where points of its frame lie in the base "
        "plan's, and not the other way round; it is not inverted"
    )


def _uid_of(placed_by: str, course: Course) -> str | None:
    return next((one.sop_instance_uid for one in course.registrations if f"'{one.file}'" in placed_by), None)


def _computed(plan: CountedPlan, base: CountedPlan, course: Course, layer: DoseLayer) -> PlacedPlan:
    made = _register(plan, base, course)
    found = made.found
    measured = _agreement_of(found.matrix, plan, base, course)
    quality = {
        **vars(found.quality),
        **_figures(measured),
        "rotation_degrees": found.rotation_degrees,
        "shift_mm": found.shift_mm,
        "fixed_ct": made.fixed_uid,
        "moving_ct": made.moving_uid,
    }
    moved = replace(layer, region_to_dose_mm=found.matrix)
    placed_by = "a registration computed from the CTs (rigid, mutual information)"
    kind, doubt = SpatialTransform.RIGID, _beyond_limits(measured)
    return PlacedPlan(plan, moved, kind, placed_by, needs_review=True, quality=quality, doubt=doubt)


def _register(plan: CountedPlan, base: CountedPlan, course: Course) -> CtRegistration:
    fixed, moving = base.frame_of_reference_uid, plan.frame_of_reference_uid
    assert fixed is not None  # noqa: S101 - `placed_plan` has looked
    assert moving is not None  # noqa: S101 - `placed_plan` has looked
    try:
        return registration_of_cts(course, fixed, moving)
    except NoCtError as missing:
        lacking = base if missing.frame == fixed else plan
        problem = f"plan '{lacking.label}' has no CT in its frame of reference to compute a registration from"
        raise refused(problem, "Hand over its CT series, or a registration.", course.findings) from missing
    except ImagingError as problem:
        action = "Hand over a registration that a person has made."
        raise refused(f"plan '{plan.label}': {problem}", action, course.findings) from problem
