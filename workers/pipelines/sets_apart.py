"""Structure sets of one frame of reference that draw what has one name in two places, or in two sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from imaging.dicom.rt_structure import Roi, StructureSet
from imaging.findings import Finding, FindingCode, warning
from trial_core.domain.protocol import Protocol
from workers.pipelines.placement import structure_frame
from workers.pipelines.plan_aims import same_name
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.registration_agreement import surfaces_apart_mm
from workers.pipelines.registration_sense import anatomy

_NAMED = 5
"""Further names add nothing: who looks at the sets sees them."""


def sets_apart(plans: Sequence[PreparedPlan], protocol: Protocol) -> list[Finding]:
    """A warning for each pair of sets in one frame of reference whose surfaces of one name lie apart.

    One frame is identity: doses are added as they lie, and nothing else would say that one set was drawn on
    another position of the patient, or that a target is larger in the set that no plan to it was made on.
    The limit is the protocol's, of what lies apart after a registration.
    """
    limit = protocol.sum_rule.surfaces_within_mm if protocol.sum_rule else None
    if limit is None:
        return []
    by_uid = {each.sop_instance_uid: each for plan in plans if (each := plan.lookup.structure_set)}
    aimed = {uid: _aimed(plans, uid) for uid in by_uid}
    return [
        found
        for one, other in combinations(by_uid.values(), 2)
        if structure_frame(one) == structure_frame(other)
        and (found := _apart(one, other, limit, aimed[one.sop_instance_uid] ^ aimed[other.sop_instance_uid]))
    ]


def _aimed(plans: Sequence[PreparedPlan], uid: str) -> set[str]:
    own = [plan for plan in plans if (each := plan.lookup.structure_set) and each.sop_instance_uid == uid]
    rois = [roi for plan in own for target in plan.targets for roi in target.structure.rois]
    return {same_name(roi.verbatim_name) for roi in rois}


def _apart(one: StructureSet, other: StructureSet, limit_mm: float, targets: set[str]) -> Finding | None:
    """Targets are compared where plans on one set alone aim at them: two sets may each call theirs 'PTV'."""
    here, there = _drawn(one, targets), _drawn(other, targets)
    distances = [
        (surfaces_apart_mm(here[name], there[name]), here[name].name)
        for name in sorted(here.keys() & there.keys())
    ]
    beyond = sorted(((mm, name) for mm, name in distances if mm > limit_mm), reverse=True)
    return _finding(one, other, beyond) if beyond else None


def _drawn(structure_set: StructureSet, targets: set[str]) -> dict[str, Roi]:
    """By plain name, of names that the set draws once: of two of one name nobody knows which is meant."""
    found: dict[str, list[Roi]] = {}
    for roi in _looked_at(structure_set, targets):
        found.setdefault(same_name(roi.verbatim_name), []).append(roi)
    return {name: rois[0] for name, rois in found.items() if len(rois) == 1}


def _looked_at(structure_set: StructureSet, targets: set[str]) -> Iterator[Roi]:
    organs = list(anatomy(structure_set))
    yield from organs
    for roi in structure_set.rois:
        if roi.structure and same_name(roi.verbatim_name) in targets and roi not in organs:
            yield roi


def _finding(one: StructureSet, other: StructureSet, beyond: Sequence[tuple[float, str]]) -> Finding:
    listed = ", ".join(f"'{name}' {mm:.1f} mm" for mm, name in beyond[:_NAMED])
    return warning(
        FindingCode.STRUCTURE_SETS_APART,
        f"'{one.file}' and '{other.file}' lie in one frame of reference, and what both draw under one name "
        f"is apart by mean distance of surfaces: {listed}. Each plan is judged by its own set, and doses are "
        "added as they lie",
        action="Look whether both sets show the patient in one position, and which of them is right.",
        file=other.file,
        structure=beyond[0][1] if len(beyond) == 1 else None,
    )
