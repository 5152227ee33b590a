"""The targets of a plan: the ROIs its TARGET dose references name, else those the protocol names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imaging.dicom.rt_plan import DoseReference, RtPlan
from imaging.dicom.rt_structure import Roi, StructureSet
from imaging.findings import Finding, FindingCode, error, warning
from trial_core.domain.protocol import Regimen, TargetRule
from trial_core.domain.report import StructureStatus
from workers.pipelines.regimen_assignment import AssignedPlan, stated_prescription_gy, target_references
from workers.pipelines.structure_lookup import FoundStructure, StructureLookup

_OTHER_TARGETS = ("GTV", "CTV", "ITV", "IGTV")
"""Interpreted types of volumes that a plan may aim at without their being the planning target."""


@dataclass(frozen=True, eq=False)
class PlanTarget:
    """One target of a plan; without a region in `structure`, its reason says why.

    `stated_gy` is the TargetPrescriptionDose of the reference that names it, or None.
    """

    rule: TargetRule
    structure: FoundStructure
    stated_gy: float | None

    @property
    def site_name(self) -> str:
        """The ROI's name, or the protocol's where there is none."""
        return self.structure.site_names[0] if self.structure.region else self.rule.structure


def find_targets(plan: AssignedPlan, lookup: StructureLookup) -> tuple[tuple[PlanTarget, ...], list[Finding]]:
    """The targets of a plan by the rules of its regimen; each rule gives at least one entry, found or not."""
    if plan.regimen is None or lookup.structure_set is None:
        return (), []
    referenced = _referenced_rois(plan.plan, lookup.structure_set)
    targets: list[PlanTarget] = []
    findings: list[Finding] = []
    for rule in plan.regimen.targets:
        chosen, said = _choose(rule, plan, lookup, [roi for roi, _ in referenced])
        findings += said
        targets += [PlanTarget(rule, each, _stated_gy(each, referenced, plan.plan)) for each in chosen]
    return tuple(targets), findings


def _referenced_rois(plan: RtPlan, structure_set: StructureSet) -> list[tuple[Roi, DoseReference]]:
    pairs = []
    for reference in target_references(plan):
        roi = None if reference.roi_number is None else structure_set.roi_by_number(reference.roi_number)
        if roi is not None:
            pairs.append((roi, reference))
    return pairs


def _choose(
    rule: TargetRule, plan: AssignedPlan, lookup: StructureLookup, referenced: Sequence[Roi]
) -> tuple[list[FoundStructure], list[Finding]]:
    named = lookup.candidates(rule.structure)
    both = [roi for roi in _once(referenced) if roi in named]
    unnamed = [roi for roi in _once(referenced) if _may_be(roi, plan.regimen, lookup)]
    if both:
        chosen, findings = _all_or_ambiguous(rule, plan, lookup, both + unnamed if rule.each else both)
        return chosen, findings + [_renamed(rule, plan, roi) for roi in unnamed if rule.each]
    if unnamed and not named:
        chosen, findings = _all_or_ambiguous(rule, plan, lookup, unnamed)
        return chosen, findings + [_renamed(rule, plan, roi) for roi in unnamed]
    if unnamed:
        return [_conflict(rule, unnamed, named)], [_conflict_finding(rule, plan, unnamed, named)]
    usable = [roi for roi in named if roi.structure is not None]
    return _all_or_ambiguous(rule, plan, lookup, usable or list(named))


def _once(rois: Sequence[Roi]) -> list[Roi]:
    return list({roi.number: roi for roi in rois}.values())


def _may_be(roi: Roi, regimen: Regimen | None, lookup: StructureLookup) -> bool:
    """Whether an ROI that the plan aims at may be a target whose name the protocol does not know."""
    others = [rule.structure for rule in regimen.targets] if regimen else []
    is_another = any(roi in lookup.candidates(name) for name in others)
    return (roi.interpreted_type or "") not in _OTHER_TARGETS and not is_another


def _all_or_ambiguous(
    rule: TargetRule, plan: AssignedPlan, lookup: StructureLookup, rois: Sequence[Roi]
) -> tuple[list[FoundStructure], list[Finding]]:
    if not rois:
        return [_missing(rule)], [_missing_finding(rule, plan)]
    if rule.each or len(rois) == 1:
        return [lookup.of_roi(rule.structure, roi) for roi in rois], []
    names = ", ".join(f"'{roi.name}'" for roi in rois)
    reason = f"more than one ROI could be the target: {names}"
    found = FoundStructure(rule.structure, StructureStatus.AMBIGUOUS, None, tuple(rois), reason)
    finding = error(
        FindingCode.TARGET_AMBIGUOUS,
        f"plan '{plan.label}': {reason}",
        action="Let the plan's target dose reference name the one that is meant.",
        file=plan.plan.file,
        element="DoseReferenceSequence",
        structure=rois[0].name,
    )
    return [found], [finding]


def _missing(rule: TargetRule) -> FoundStructure:
    reason = f"no ROI is named {rule.structure} or an alias, and the plan names none"
    return FoundStructure(rule.structure, StructureStatus.NOT_CONTOURED, None, (), reason)


def _missing_finding(rule: TargetRule, plan: AssignedPlan) -> Finding:
    return error(
        FindingCode.TARGET_MISSING,
        f"plan '{plan.label}': its target {rule.structure} was not found in the structure set",
        action="Name the target as in the protocol, or let the plan's target dose reference name it.",
        file=plan.plan.file,
        element="DoseReferenceSequence",
    )


def _conflict(rule: TargetRule, aimed: Sequence[Roi], named: Sequence[Roi]) -> FoundStructure:
    reason = f"the plan aims at {_names(aimed)}, the protocol's name fits {_names(named)}"
    return FoundStructure(rule.structure, StructureStatus.AMBIGUOUS, None, (*aimed, *named), reason)


def _conflict_finding(
    rule: TargetRule, plan: AssignedPlan, aimed: Sequence[Roi], named: Sequence[Roi]
) -> Finding:
    return error(
        FindingCode.TARGET_AMBIGUOUS,
        f"plan '{plan.label}' aims at {_names(aimed)}, but {rule.structure} fits {_names(named)}",
        action="Let the plan's target dose reference name the protocol's target, or rename the structures.",
        file=plan.plan.file,
        element="DoseReferenceSequence",
        structure=aimed[0].name,
    )


def _renamed(rule: TargetRule, plan: AssignedPlan, roi: Roi) -> Finding:
    return warning(
        FindingCode.STRUCTURE_RENAMED,
        f"plan '{plan.label}' aims at '{roi.name}', which is taken as {rule.structure} of the protocol",
        action=f"Look whether '{roi.name}' is the planning target; name it {rule.structure}.",
        file=plan.plan.file,
        element="DoseReferenceSequence",
        structure=roi.name,
    )


def _names(rois: Sequence[Roi]) -> str:
    return ", ".join(f"'{roi.name}'" for roi in rois)


def _stated_gy(
    structure: FoundStructure, referenced: Sequence[tuple[Roi, DoseReference]], plan: RtPlan
) -> float | None:
    """The dose of the references that name the ROI; where none names an ROI, that of the plan as a whole."""
    if structure.region is None:
        return None
    if not referenced:
        return stated_prescription_gy(plan)
    numbers = {roi.number for roi in structure.rois}
    doses = [
        reference.target_prescription_gy
        for roi, reference in referenced
        if roi.number in numbers and reference.target_prescription_gy is not None
    ]
    return max(doses, default=None)
