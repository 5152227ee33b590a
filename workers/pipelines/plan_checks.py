"""The checks of a plan beside its DVH: fractions, prescription, approval, dose, grid, CT, links, names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from imaging.course import Course
from imaging.findings import FindingCode
from trial_core.domain.protocol import (
    PRESCRIPTION_TOLERANCE_GY,
    CheckId,
    PlanCheckRule,
    Protocol,
)
from trial_core.domain.report import CheckStatus, CheckWeight, PlanCheckResult
from workers.pipelines.file_checks import (
    Answer,
    check_ct_complete,
    check_ct_spacing,
    check_dose,
    check_dose_grid_spacing,
    check_frame_of_reference,
    check_references,
    check_structures_complete,
    failed,
    passed,
    unknown,
)
from workers.pipelines.plan_facts import plan_facts
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.regimen_assignment import target_references

_NOT_YET_APPROVED = "unapproved"


def check_plan(plan: PreparedPlan, course: Course, protocol: Protocol) -> tuple[PlanCheckResult, ...]:
    """Every plan check that the protocol asks for, in its order."""
    return tuple(_result(rule, _CHECKS[rule.id](plan, course, rule)) for rule in protocol.plan_checks)


def _result(rule: PlanCheckRule, answer: Answer) -> PlanCheckResult:
    return PlanCheckResult(
        id=rule.id.value,
        label=rule.label,
        status=answer.status,
        weight=_weight(rule, answer),
        expected=answer.expected,
        found=answer.found,
        message=answer.message,
        assumed=rule.provenance.assumed,
    )


def _weight(rule: PlanCheckRule, answer: Answer) -> CheckWeight:
    if answer.status is CheckStatus.UNKNOWN:
        return rule.unknown
    return rule.variation if answer.permitted else rule.failure


@dataclass(frozen=True)
class _Fractionation:
    """Fractions and total dose of a plan, as planned and as expected."""

    planned: int | None
    expected: int | None
    stated_gy: float | None
    expected_gy: float | None
    permitted: bool


def _fractionation(plan: PreparedPlan) -> _Fractionation:
    regimen, share = plan.assigned.regimen, plan.share
    planned = plan.assigned.planned_fractions
    if regimen is None or share is None:
        return _Fractionation(planned, None, None, None, permitted=False)
    stated, expected_gy = _worst_prescription(plan)
    alone = share.fractions == regimen.prescription.fractions and not share.problem
    total = regimen.prescription.dose_gy if stated is None else stated
    permitted = alone and planned is not None and regimen.permitted.allows(total, planned)
    expected = None if share.problem else round(share.fractions / share.weight)
    if plan.targets and all(plan.prescribes(target) for target in plan.targets):
        expected = planned
    return _Fractionation(planned, expected, stated, expected_gy, permitted)


def _worst_prescription(plan: PreparedPlan) -> tuple[float | None, float | None]:
    """Of all targets with a stated prescription, the one that is furthest from the protocol's."""
    weight = plan.share.weight if plan.share else 1.0
    pairs = [
        (target.stated_gy, expected / weight)
        for target in plan.targets
        if target.stated_gy is not None and (expected := plan.prescription_gy(target)) is not None
    ]
    if pairs:
        return max(pairs, key=lambda pair: abs(pair[0] - pair[1]))
    expected = plan.plan_prescription_gy
    return None, None if expected is None else expected / weight


def _check_fractions(plan: PreparedPlan, _course: Course, _rule: PlanCheckRule) -> Answer:
    facts = _fractionation(plan)
    if facts.planned is None:
        return unknown("NumberOfFractionsPlanned is missing, or several fraction groups differ")
    if plan.share and plan.share.unclear:
        return unknown(plan.share.problem, found=str(facts.planned))
    if plan.share and plan.share.problem:
        return failed("", str(facts.planned), plan.share.problem)
    if facts.expected is None:
        return unknown("the plan belongs to no regimen", found=str(facts.planned))
    expected = str(facts.expected)
    if facts.planned == facts.expected:
        return passed(expected, expected)
    message = (
        f"the plan has {facts.planned} fraction{'' if facts.planned == 1 else 's'}, the protocol {expected}"
    )
    return failed(expected, str(facts.planned), message, permitted=facts.permitted)


def _check_dose_per_fraction(plan: PreparedPlan, _course: Course, _rule: PlanCheckRule) -> Answer:
    facts = _fractionation(plan)
    if facts.stated_gy is None:
        return unknown(_without_stated_dose(plan))
    if facts.planned is None:
        return unknown("NumberOfFractionsPlanned is missing, or several fraction groups differ")
    regimen = plan.assigned.regimen
    if facts.expected_gy is None or facts.expected is None or regimen is None:
        return unknown("what the protocol prescribes in this plan is not known")
    found, expected = facts.stated_gy / facts.planned, facts.expected_gy / facts.expected
    words = f"{expected:g} Gy", f"{found:g} Gy"
    if abs(found - expected) <= PRESCRIPTION_TOLERANCE_GY:
        return passed(*words)
    message = f"the plan gives {found:g} Gy a fraction, the protocol {expected:g} Gy"
    return failed(*words, message, permitted=facts.permitted)


def _check_prescription(plan: PreparedPlan, _course: Course, _rule: PlanCheckRule) -> Answer:
    facts = _fractionation(plan)
    if facts.stated_gy is None:
        return unknown(_without_stated_dose(plan))
    if facts.expected_gy is None:
        return unknown(
            "what the protocol prescribes in this plan is not known", found=f"{facts.stated_gy:g} Gy"
        )
    words = f"{facts.expected_gy:g} Gy", f"{facts.stated_gy:g} Gy"
    if abs(facts.stated_gy - facts.expected_gy) <= PRESCRIPTION_TOLERANCE_GY:
        return passed(*words)
    message = f"the plan prescribes {words[1]}, the protocol {words[0]}"
    return failed(*words, message, permitted=facts.permitted)


def _without_stated_dose(plan: PreparedPlan) -> str:
    """Why nothing can be compared: the plan gives no dose, or gives it to what is no target here."""
    if any(each.target_prescription_gy is not None for each in target_references(plan.assigned.plan)):
        return "the plan states its prescription (TargetPrescriptionDose) for no known target of the protocol"
    return "the plan states no target prescription (TargetPrescriptionDose)"


def _check_approval(plan: PreparedPlan, _course: Course, rule: PlanCheckRule) -> Answer:
    """Whether the plan is approved (PS3.3 C.8.8.16).

    UNAPPROVED is what may be permitted, for it may be approved as it is; REJECTED was looked at, and nobody
    is to be treated with it.
    """
    return _approved(plan.assigned.plan.approval, "ApprovalStatus", rule)


def _check_structures_approval(plan: PreparedPlan, _course: Course, rule: PlanCheckRule) -> Answer:
    """Whether the structure set is approved: numbers of contours that somebody rejected judge nothing."""
    structure_set = plan.lookup.structure_set
    if structure_set is None:
        return unknown("no structure set", expected=" or ".join(rule.allowed))
    return _approved(structure_set.approval, "ApprovalStatus of the structure set", rule)


def _approved(status: str | None, element: str, rule: PlanCheckRule) -> Answer:
    permitted = (status or "").casefold() == _NOT_YET_APPROVED
    return replace(_one_of(rule, status, element), permitted=permitted)


def _check_machine(plan: PreparedPlan, _course: Course, rule: PlanCheckRule) -> Answer:
    return _one_of(rule, plan_facts(plan.assigned.plan).machine, "TreatmentMachineName")


def _check_energy(plan: PreparedPlan, _course: Course, rule: PlanCheckRule) -> Answer:
    return _one_of(rule, plan_facts(plan.assigned.plan).energy, "NominalBeamEnergy")


def _check_technique(plan: PreparedPlan, _course: Course, rule: PlanCheckRule) -> Answer:
    return _one_of(rule, plan_facts(plan.assigned.plan).technique, "the beams' technique")


def _check_patient_position(plan: PreparedPlan, course: Course, rule: PlanCheckRule) -> Answer:
    found = ", ".join(plan.assigned.plan.patient_positions)
    code, file = FindingCode.PATIENT_POSITION_MISMATCH, plan.assigned.plan.file
    differs = [each.message for each in course.findings if each.code is code and each.file == file]
    if differs:
        return failed(", ".join(rule.allowed), found, differs[0])
    return _one_of(rule, found or None, "PatientPosition")


def _check_structure_names(plan: PreparedPlan, _course: Course, _rule: PlanCheckRule) -> Answer:
    renamed = plan.lookup.renamed()
    if not renamed:
        return passed("names of the protocol", "names of the protocol")
    words = ", ".join(f"'{site}' for {name}" for name, site in renamed)
    return failed("names of the protocol", words, "understood by alias; TG-263 names leave no doubt")


def _check_dose_algorithm(_plan: PreparedPlan, _course: Course, _rule: PlanCheckRule) -> Answer:
    return unknown("the dose algorithm is usually not in the files: ask the site for it")


def _one_of(rule: PlanCheckRule, found: str | None, element: str) -> Answer:
    expected = " or ".join(rule.allowed)
    if not found:
        return unknown(f"{element} is missing", expected=expected)
    allowed = {value.casefold() for value in rule.allowed}
    if not rule.allowed or found.casefold() in allowed:
        return passed(expected, found)
    return failed(expected, found, f"{element} is {found}; the protocol asks for {expected}")


_Check = Callable[[PreparedPlan, Course, PlanCheckRule], Answer]
_CHECKS: dict[CheckId, _Check] = {
    CheckId.FRACTIONS: _check_fractions,
    CheckId.DOSE_PER_FRACTION: _check_dose_per_fraction,
    CheckId.PRESCRIPTION: _check_prescription,
    CheckId.APPROVAL: _check_approval,
    CheckId.STRUCTURES_APPROVAL: _check_structures_approval,
    CheckId.MACHINE: _check_machine,
    CheckId.ENERGY: _check_energy,
    CheckId.TECHNIQUE: _check_technique,
    CheckId.DOSE: check_dose,
    CheckId.DOSE_GRID_SPACING: check_dose_grid_spacing,
    CheckId.CT_SPACING: check_ct_spacing,
    CheckId.CT_COMPLETE: check_ct_complete,
    CheckId.REFERENCES: check_references,
    CheckId.FRAME_OF_REFERENCE: check_frame_of_reference,
    CheckId.PATIENT_POSITION: _check_patient_position,
    CheckId.STRUCTURES_COMPLETE: check_structures_complete,
    CheckId.STRUCTURE_NAMES: _check_structure_names,
    CheckId.DOSE_ALGORITHM: _check_dose_algorithm,
}
