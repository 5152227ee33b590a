"""The targets of a plan: the ROIs its TARGET dose references name, else those the protocol names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from imaging.dicom.rt_plan import DoseReference, RtPlan
from imaging.dicom.rt_structure import Roi, StructureSet
from imaging.findings import Finding, FindingCode, error, warning
from trial_core.domain.protocol import Regimen, TargetRule
from trial_core.domain.report import StructureStatus
from workers.pipelines.regimen_assignment import AssignedPlan, target_references
from workers.pipelines.structure_lookup import FoundStructure, StructureLookup

_OTHER_TARGETS = ("GTV", "CTV", "ITV", "IGTV")
"""Interpreted types of volumes that a plan may aim at without their being the planning target."""


@dataclass(frozen=True, eq=False)
class PlanTarget:
    """One target of a plan; without a region in `structure`, its reason says why.

    Attributes
    ----------
    rule, structure
        The target of the protocol, and what was found for it.
    stated_gy
        The TargetPrescriptionDose of the reference that names it, else of the plan as a whole (SITE), else of
        another volume; None where there is none.
    stated_elsewhere
        `stated_gy` is another volume's (a boost of the GTV?): it is compared with the protocol's, and never
        stands in its place.
    """

    rule: TargetRule
    structure: FoundStructure
    stated_gy: float | None
    stated_elsewhere: bool = False

    @property
    def site_name(self) -> str:
        """The ROI's name, or the protocol's where there is none."""
        return self.structure.site_names[0] if self.structure.region else self.rule.structure


def find_targets(plan: AssignedPlan, lookup: StructureLookup) -> tuple[tuple[PlanTarget, ...], list[Finding]]:
    """The targets of a plan by the rules of its regimen; each rule gives at least one entry, found or not."""
    if plan.regimen is None or lookup.structure_set is None:
        return (), []
    referenced = _referenced_rois(plan.plan, lookup.structure_set)
    found: list[tuple[TargetRule, FoundStructure]] = []
    findings: list[Finding] = []
    for rule in plan.regimen.targets:
        chosen, said = _choose(rule, plan, lookup, referenced)
        findings += said
        found += [(rule, each) for each in chosen]
    aimed = {roi.number for _, each in found for roi in each.rois}
    findings += [_not_judged(plan, roi) for roi in referenced if _is_not_judged(roi, aimed)]
    findings += [_absent(plan, number) for number in absent_targets(plan.plan, lookup.structure_set)]
    return tuple(PlanTarget(rule, each, *_stated(each, aimed, plan.plan)) for rule, each in found), findings


def absent_targets(plan: RtPlan, structure_set: StructureSet) -> list[int]:
    """The ROI numbers that the plan aims at and the structure set lacks, each once."""
    numbers = [each.roi_number for each in target_references(plan) if each.roi_number is not None]
    return [each for each in dict.fromkeys(numbers) if structure_set.roi_by_number(each) is None]


def _referenced_rois(plan: RtPlan, structure_set: StructureSet) -> list[Roi]:
    """The ROIs that the plan aims at, each once."""
    numbers = [each.roi_number for each in target_references(plan) if each.roi_number is not None]
    rois = [structure_set.roi_by_number(each) for each in dict.fromkeys(numbers)]
    return [roi for roi in rois if roi is not None]


def _is_not_judged(roi: Roi, aimed: Set[int]) -> bool:
    return roi.number not in aimed and (roi.interpreted_type or "") not in _OTHER_TARGETS


def _choose(
    rule: TargetRule, plan: AssignedPlan, lookup: StructureLookup, referenced: Sequence[Roi]
) -> tuple[list[FoundStructure], list[Finding]]:
    named = lookup.candidates(rule.structure)
    both = [roi for roi in referenced if roi in named]
    unnamed = [roi for roi in referenced if _may_be(roi, plan.regimen, lookup)]
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


def _not_judged(plan: AssignedPlan, roi: Roi) -> Finding:
    regimen = plan.regimen.id if plan.regimen else ""
    return warning(
        FindingCode.TARGET_NOT_JUDGED,
        f"plan '{plan.label}' aims at '{roi.name}', which is no target of the regimen {regimen}: "
        "nothing judges its dose",
        action="Look whether the protocol allows this target; what it gives to the organs is counted.",
        file=plan.plan.file,
        element="DoseReferenceSequence",
        structure=roi.name,
    )


def _absent(plan: AssignedPlan, number: int) -> Finding:
    return error(
        FindingCode.REFERENCE_CONTRADICTORY,
        f"plan '{plan.label}' aims at ROI number {number}, which its structure set lacks",
        action="Hand over the structure set that the plan was made on, or export both again.",
        file=plan.plan.file,
        element="DoseReferenceSequence",
    )


def _stated(structure: FoundStructure, aimed: Set[int], plan: RtPlan) -> tuple[float | None, bool]:
    """The dose that the plan states for a target, and whether it is another volume's.

    References to the target come first, then those that name no ROI, then those to volumes beside.
    """
    if structure.region is None:
        return None, False
    own = {roi.number for roi in structure.rois}
    references = target_references(plan)
    for_it = _highest_gy(each for each in references if each.roi_number in own)
    for_all = _highest_gy(each for each in references if each.roi_number is None)
    if for_it is not None or for_all is not None:
        return (for_all if for_it is None else for_it), False
    elsewhere = _highest_gy(each for each in references if each.roi_number not in aimed)
    return elsewhere, elsewhere is not None


def _highest_gy(references: Iterable[DoseReference]) -> float | None:
    doses = [each.target_prescription_gy for each in references]
    return max((dose for dose in doses if dose is not None), default=None)
