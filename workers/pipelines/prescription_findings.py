"""Findings on what a plan prescribes: every TARGET volume or site whose dose is not the protocol's."""

from __future__ import annotations

from collections.abc import Sequence

from imaging.dicom.rt_plan import DoseReference
from imaging.findings import Finding, FindingCode, warning
from trial_core.domain.protocol import PRESCRIPTION_TOLERANCE_GY
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.regimen_assignment import target_references
from workers.pipelines.targets import PlanTarget


def prescription_findings(plan: PreparedPlan) -> list[Finding]:
    """One for each TargetPrescriptionDose of a volume or site that differs, whatever ROI it names.

    A boost to a GTV inside the planning target is said as well: it changes no prescription here.
    """
    if plan.share is not None and plan.share.unclear:
        return []  # what the protocol prescribes in this plan is not known, and that is said
    findings = (_of_reference(plan, reference) for reference in target_references(plan.assigned.plan))
    return [finding for finding in findings if finding is not None]


def _of_reference(plan: PreparedPlan, reference: DoseReference) -> Finding | None:
    stated, named = reference.target_prescription_gy, _targets_of(plan, reference)
    targets = named or plan.targets
    expected = [each for each in (_default_of_whole_plan_gy(plan, one) for one in targets) if each]
    given = [] if named else [one.stated_gy for one in plan.targets if _rests_on_its_own(plan, one)]
    if stated is None or not expected or _is_one_of(stated, [*expected, *(each for each in given if each)]):
        return None
    nearest = min(expected, key=lambda each: abs(each - stated))
    permitted = any(plan.prescribes(one) and one.stated_gy == stated for one in targets)
    return _finding(plan, reference, nearest, permitted=permitted)


def _targets_of(plan: PreparedPlan, reference: DoseReference) -> list[PlanTarget]:
    if reference.roi_number is None:
        return []
    numbers = {id(target): {roi.number for roi in target.structure.rois} for target in plan.targets}
    return [target for target in plan.targets if reference.roi_number in numbers[id(target)]]


def _rests_on_its_own(plan: PreparedPlan, target: PlanTarget) -> bool:
    """Whether a reference to the target itself gives what it is judged by, and is said for itself."""
    numbers = {roi.number for roi in target.structure.rois}
    stated = [each for each in target_references(plan.assigned.plan) if each.roi_number in numbers]
    return plan.prescribes(target) and any(each.target_prescription_gy is not None for each in stated)


def _is_one_of(stated: float, doses: Sequence[float]) -> bool:
    return any(abs(stated - each) <= PRESCRIPTION_TOLERANCE_GY for each in doses)


def _default_of_whole_plan_gy(plan: PreparedPlan, target: PlanTarget) -> float | None:
    """The protocol's default for all fractions of the plan, also where a later plan took some over."""
    regimen = plan.assigned.regimen
    if regimen is not None and plan.prescribes(target):
        return regimen.prescription_gy(target.rule)
    prescription = plan.prescription_gy(target)
    return prescription / plan.share.weight if prescription is not None and plan.share else None


def _finding(plan: PreparedPlan, reference: DoseReference, expected: float, *, permitted: bool) -> Finding:
    words = "the protocol {:g} Gy; percent doses refer to the protocol's"
    if permitted:
        words = "the protocol {:g} Gy by default, and permits it; percent doses refer to the plan's"
    name, stated = _name(plan, reference), f"{reference.target_prescription_gy:g} Gy"
    return warning(
        FindingCode.PRESCRIPTION_DIFFERS,
        f"plan '{plan.label}' prescribes {stated} to {_words(reference, name)}, " + words.format(expected),
        action="Compare the plan's prescription with the protocol.",
        file=plan.assigned.plan.file,
        element="TargetPrescriptionDose",
        structure=name,
    )


def _name(plan: PreparedPlan, reference: DoseReference) -> str | None:
    structure_set = plan.lookup.structure_set
    if structure_set is None or reference.roi_number is None:
        return None
    roi = structure_set.roi_by_number(reference.roi_number)
    return roi.name if roi else None


def _words(reference: DoseReference, name: str | None) -> str:
    if name is not None:
        return f"'{name}'"
    if reference.roi_number is None:
        return "a target that it names no ROI of"
    return f"ROI number {reference.roi_number}, which the structure set lacks"
