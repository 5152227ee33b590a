"""Targets that no plan treats: where every ROI of a name is a target, one left out by all plans is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imaging.dicom.rt_structure import Roi, StructureSet
from imaging.findings import Finding, FindingCode, error
from trial_core.domain.protocol import Protocol, Regimen, TargetRule
from workers.pipelines.placement import structure_frame
from workers.pipelines.plan_aims import are_in_one_place, extent, same_name
from workers.pipelines.prepared_plans import PreparedPlan


@dataclass(frozen=True, eq=False)
class UntreatedTarget:
    """An ROI that fits a target of the protocol and is no plan's target.

    Attributes
    ----------
    regimen, structure
        Id of the regimen, and its target as the protocol names it.
    roi, file
        The ROI, and the structure set it is in.
    """

    regimen: str
    structure: str
    roi: Roi
    file: str

    @property
    def reason(self) -> str:
        """Why a criterion on it has no value."""
        return "no plan treats it" + ("" if self.roi.structure else ", and it has no usable contour")

    @property
    def obstacle(self) -> str:
        """Why the course cannot be judged."""
        return f"'{self.roi.name}' is a {self.structure} of the regimen {self.regimen}: {self.reason}"

    def finding(self) -> Finding:
        """The finding that says it."""
        return error(
            FindingCode.TARGET_UNTREATED,
            f"{self.obstacle}. The course is not evaluable without it",
            action="Hand over the plan that treats it; rename it if it is no planning target.",
            file=self.file,
            structure=self.roi.name,
        )


def untreated_targets(plans: Sequence[PreparedPlan], protocol: Protocol) -> tuple[UntreatedTarget, ...]:
    """Every ROI in the structure sets of the plans that is to be treated and is no plan's target.

    Notes
    -----
    In another structure set an ROI is the same target if it lies in the same place, or where the frames of
    reference differ if it has the same name: each of two plans may treat a part of what both sets show.
    """
    return tuple(
        each
        for regimen in protocol.regimens
        for rule in regimen.targets
        if rule.each
        for each in _of_rule(regimen, rule, plans)
    )


def _of_rule(regimen: Regimen, rule: TargetRule, plans: Sequence[PreparedPlan]) -> Iterator[UntreatedTarget]:
    if not any(plan.assigned.regimen is regimen for plan in plans):
        return  # there is no plan of the regimen at all: said elsewhere where it is required
    aimed = [(plan, roi) for plan in plans for roi in _aimed(plan)]
    for plan in {_set_uid(plan): plan for plan in reversed(plans)}.values():
        for roi in plan.lookup.candidates(rule.structure):
            if not any(_is_one(plan, roi, other, another, regimen) for other, another in aimed):
                yield UntreatedTarget(regimen.id, rule.structure, roi, _file(plan.lookup.structure_set))


def _is_one(plan: PreparedPlan, roi: Roi, other: PreparedPlan, another: Roi, regimen: Regimen) -> bool:
    """Whether two ROIs are one target: by number in one set; else by place, by name where that is unknown."""
    if _set_uid(plan) == _set_uid(other):
        return roi.number == another.number
    if other.assigned.regimen is not regimen:
        return False
    sets = (plan.lookup.structure_set, other.lookup.structure_set)
    frames = {structure_frame(each) if each else None for each in sets}
    if len(frames) == 1 and None not in frames and roi.structure and another.structure:
        return are_in_one_place(extent(roi), extent(another))
    return same_name(roi.name) == same_name(another.name)


def _aimed(plan: PreparedPlan) -> Iterator[Roi]:
    for target in plan.targets:
        yield from target.structure.rois


def _set_uid(plan: PreparedPlan) -> str:
    return plan.lookup.structure_set.sop_instance_uid if plan.lookup.structure_set else ""


def _file(structure_set: StructureSet | None) -> str:
    return structure_set.file if structure_set else ""
