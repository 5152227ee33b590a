"""Targets that no plan treats: an ROI of a target's name that is left out by all plans is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dosimetry.region import Region
from dosimetry.volume import region_volume_cc
from imaging.dicom.rt_structure import Roi, StructureSet
from imaging.findings import Finding, FindingCode, error
from trial_core.domain.protocol import Protocol, Regimen, TargetRule
from workers.pipelines.placement import structure_frame
from workers.pipelines.plan_aims import are_in_one_place, extent, same_name
from workers.pipelines.prepared_plans import PreparedPlan

_LEAST_COMMON = 0.1
"""Of the smaller one's volume, for two drawings to be of one lesion: those of two hands share far more."""


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
    In another structure set an ROI is the same target if the two share volume, or where the frames of
    reference differ if it has the same name: each of two plans may treat a part of what both sets show.
    Where the protocol has one target of a name, what lies in the place of the one that is treated is another
    drawing of it, and what lies elsewhere is a lesion left out.
    """
    return tuple(
        each
        for regimen in protocol.regimens
        for rule in regimen.targets
        for each in _of_rule(regimen, rule, plans)
    )


@dataclass(frozen=True, eq=False)
class _Drawn:
    """An ROI in the structure set of a plan."""

    plan: PreparedPlan
    roi: Roi

    @property
    def frame(self) -> str | None:
        structure_set = self.plan.lookup.structure_set
        return structure_frame(structure_set) if structure_set else None


def _of_rule(regimen: Regimen, rule: TargetRule, plans: Sequence[PreparedPlan]) -> Iterator[UntreatedTarget]:
    if not any(plan.assigned.regimen is regimen for plan in plans):
        return  # there is no plan of the regimen at all: said elsewhere where it is required
    if not rule.each and not any(_aims_at(plan, rule) for plan in plans):
        return  # the plan's own target is missing or ambiguous: said there
    aimed = [_Drawn(plan, roi) for plan in plans for roi in _aimed(plan)]
    for one in _candidates(rule, plans):
        if not any(_is_one(one, other, regimen, rule) for other in aimed):
            file = _file(one.plan.lookup.structure_set)
            yield UntreatedTarget(regimen.id, rule.structure, one.roi, file)


def _candidates(rule: TargetRule, plans: Sequence[PreparedPlan]) -> Iterator[_Drawn]:
    """What fits the target, each structure set once; an empty one beside the only target is a template's."""
    for plan in {_set_uid(plan): plan for plan in reversed(plans)}.values():
        for roi in plan.lookup.candidates(rule.structure):
            if rule.each or roi.structure is not None:
                yield _Drawn(plan, roi)


def _aims_at(plan: PreparedPlan, rule: TargetRule) -> bool:
    return any(target.rule is rule and target.structure.region is not None for target in plan.targets)


def _is_one(one: _Drawn, other: _Drawn, regimen: Regimen, rule: TargetRule) -> bool:
    """Whether two ROIs are one target: by number in one set; else by place, by name where that is unknown."""
    in_one_set = _set_uid(one.plan) == _set_uid(other.plan)
    if in_one_set and (rule.each or one.roi.number == other.roi.number):
        return one.roi.number == other.roi.number
    if other.plan.assigned.regimen is not regimen:
        return False
    comparable = in_one_set or (one.frame is not None and one.frame == other.frame)
    if comparable and one.roi.structure and other.roi.structure:
        return _are_one_lesion(one.roi, other.roi)
    return not rule.each or same_name(one.roi.name) == same_name(other.roi.name)


def _are_one_lesion(one: Roi, other: Roi) -> bool:
    """Whether two drawings lie in one place: boxes alone would let a lesion beside or within a bend be it."""
    if one.structure is None or other.structure is None or not are_in_one_place(extent(one), extent(other)):
        return False
    regions = Region.of(one.structure), Region.of(other.structure)
    smaller = min(region_volume_cc(each) for each in regions)
    return region_volume_cc(regions[0] & regions[1]) > _LEAST_COMMON * smaller


def _aimed(plan: PreparedPlan) -> Iterator[Roi]:
    for target in plan.targets:
        yield from target.structure.rois


def _set_uid(plan: PreparedPlan) -> str:
    return plan.lookup.structure_set.sop_instance_uid if plan.lookup.structure_set else ""


def _file(structure_set: StructureSet | None) -> str:
    return structure_set.file if structure_set else ""
