"""The plans of a sum: which, with how many of their fractions, and which of them is the base."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from imaging.course import Course, FileKind, LinkedPlan, PlanDose
from imaging.dicom.rt_plan import RtPlan
from imaging.findings import Finding, FindingCode, Severity, error, warning
from workers.pipelines.accumulation_request import AccumulationRefusedError, AccumulationRequest
from workers.pipelines.delivery import fractions_given
from workers.pipelines.fraction_shares import PREDECESSOR
from workers.pipelines.regimen_assignment import plan_label, planned_fractions

_DECISIVE = (FileKind.PLAN, FileKind.DOSE, FileKind.UNREADABLE, FileKind.TREATMENT_RECORD)
_AS_WISHED = (
    "Say how many fractions of each plan count (--fractions PLAN=N), or count what was given (--delivered)."
)


@dataclass(frozen=True, eq=False)
class CountedPlan:
    """A plan of the sum.

    Attributes
    ----------
    label, plan, dose
        What it is called, and its whole planned dose.
    frame_of_reference_uid
        Of the dose, else of the plan.
    planned_fractions
        None where the plan does not tell.
    counted_fractions, weight
        How many of them count, None where all do and their number is not known; and their share.
    """

    label: str
    plan: RtPlan
    dose: PlanDose
    frame_of_reference_uid: str | None
    planned_fractions: int | None
    counted_fractions: float | None
    weight: float


def counted_plans(course: Course, request: AccumulationRequest) -> tuple[list[CountedPlan], list[Finding]]:
    """Every plan that was handed over, with what counts of it; nothing is left out in silence.

    Raises
    ------
    AccumulationRefusedError
        If a plan or dose cannot be used or stands alone, if plans replace one another and nobody has said
        what counts, or if a plan that the request names is not there.
    """
    _refuse_errors(course)
    plans = [_with_dose(linked) for linked in course.plans]
    if not plans:
        raise refused("there is no plan with its dose", "Hand over the RTPLAN and RTDOSE of each plan.")
    chosen = {_the(course, name).plan.sop_instance_uid: count for name, count in request.fractions.items()}
    if not request.as_delivered:
        _refuse_replaced(plans, chosen.keys())
    given, findings = fractions_given(course) if request.as_delivered else ({}, [])
    chosen = {**{uid: len(fractions) for uid, fractions in given.items()}, **chosen}
    counted = [_counted(linked, dose, chosen, request, findings) for linked, dose in plans]
    kept = [plan for plan in counted if plan is not None]
    if not kept:
        raise refused("no fraction of any plan counts", "Hand over plans of which fractions count.")
    return kept, findings


def base_plan(plans: Sequence[CountedPlan], name: str | None) -> CountedPlan:
    """The plan in whose frame of reference the sum lies: the one named, else that of most fractions.

    Raises
    ------
    AccumulationRefusedError
        If there is none of that name, or two have as many fractions and different frames of reference.
    """
    if name is not None:
        return plan_named(plans, name, "--base")
    most = max(plan.counted_fractions or 0 for plan in plans)
    candidates = [plan for plan in plans if (plan.counted_fractions or 0) == most]
    if len({plan.frame_of_reference_uid for plan in candidates}) > 1:
        labels = ", ".join(f"'{plan.label}'" for plan in candidates)
        problem = f"plans {labels} have as many fractions and lie in different frames of reference"
        raise refused(problem, "Name the one in whose frame the sum is to lie (--base).")
    return min(candidates, key=lambda plan: (plan.label, plan.plan.sop_instance_uid))


def plan_named(plans: Sequence[CountedPlan], name: str, option: str) -> CountedPlan:
    """The one plan of a label or file name.

    Raises
    ------
    AccumulationRefusedError
        If there is none, or several.
    """
    found = [plan for plan in plans if name in (plan.label, plan.plan.file)]
    if len(found) != 1:
        known = ", ".join(f"'{plan.label}' ({plan.plan.file})" for plan in plans)
        problem = f"{option}: {'no plan' if not found else 'more than one plan'} is called '{name}'"
        raise refused(problem, f"Name one of these by its label or its file: {known}.")
    return found[0]


def _refuse_errors(course: Course) -> None:
    """An error about a plan or a dose may hide dose: nobody adds the rest."""
    kinds = {file.name: file.kind for file in course.files}
    for finding in course.findings:
        about_all = finding.file is None or kinds.get(finding.file) in (*_DECISIVE, None)
        if finding.severity is Severity.ERROR and about_all:
            raise AccumulationRefusedError(f"nothing was added: {finding.message}", course.findings)
    if course.doses_without_plan:
        files = ", ".join(f"'{file}'" for one in course.doses_without_plan for file in one.dose.files)
        problem = f"the plan of a dose is missing ({files})"
        action = "Hand over its RTPLAN, or leave the dose out."
        raise refused(problem, action, course.findings)


def _with_dose(linked: LinkedPlan) -> tuple[LinkedPlan, PlanDose]:
    if linked.dose is None:
        reason = linked.why_no_dose or "none was handed over"
        action = "Hand over its dose, or leave the plan out."
        raise refused(f"plan '{plan_label(linked.plan)}' has no usable dose: {reason}", action)
    return linked, linked.dose


def _the(course: Course, name: str) -> LinkedPlan:
    found = [each for each in course.plans if name in (plan_label(each.plan), each.plan.file)]
    if len(found) != 1:
        known = ", ".join(f"'{plan_label(each.plan)}' ({each.plan.file})" for each in course.plans)
        problem = f"--fractions: {'no plan' if not found else 'more than one plan'} is called '{name}'"
        raise refused(problem, f"Name one of these by its label or its file: {known}.")
    return found[0]


def _refuse_replaced(plans: Sequence[tuple[LinkedPlan, PlanDose]], chosen: Set[str]) -> None:
    by_uid = {linked.plan.sop_instance_uid: linked.plan for linked, _ in plans}
    for uid, plan in by_uid.items():
        for related in plan.related_plans:
            earlier = by_uid.get(related.sop_instance_uid)
            is_replaced = earlier is not None and (related.relationship or "").upper() == PREDECESSOR
            told = {uid, related.sop_instance_uid} <= chosen
            if earlier is not None and is_replaced and not told:
                words = f"plan '{plan_label(plan)}' replaces '{plan_label(earlier)}'"
                raise refused(f"{words}: together they are not given as planned", _AS_WISHED)


def _counted(
    linked: LinkedPlan,
    dose: PlanDose,
    chosen: dict[str, float],
    request: AccumulationRequest,
    findings: list[Finding],
) -> CountedPlan | None:
    plan, planned = linked.plan, planned_fractions(linked.plan)
    counted = chosen.get(plan.sop_instance_uid, planned)
    if planned is None and counted is not None:
        problem = (
            f"plan '{plan_label(plan)}' does not tell its planned fractions, of which {counted:g} would count"
        )
        raise refused(problem, "Hand over a plan with NumberOfFractionsPlanned, or add all of it.")
    if counted == 0:
        findings.append(_none_counts(plan, request))
        return None
    if counted is not None and planned is not None and counted > planned:
        findings.append(_more_than_planned(plan, counted, planned))
    frame = dose.frame_of_reference_uid or plan.frame_of_reference_uid
    weight = counted / planned if counted is not None and planned is not None else 1.0
    return CountedPlan(plan_label(plan), plan, dose, frame, planned, counted, weight)


def _none_counts(plan: RtPlan, request: AccumulationRequest) -> Finding:
    why = (
        "no treatment record tells of a fraction of it"
        if request.as_delivered
        else "none of its fractions counts"
    )
    message = f"plan '{plan_label(plan)}' is not in the sum: {why}"
    action = "Hand over its treatment records, or say what was given (--fractions)."
    return warning(FindingCode.SUM_INCOMPLETE, message, action=action, file=plan.file)


def _more_than_planned(plan: RtPlan, counted: float, planned: int) -> Finding:
    message = f"plan '{plan_label(plan)}' counts with {counted:g} fractions; {planned} are planned"
    return warning(
        FindingCode.FRACTIONS_DIFFER, message, action="Compare with the treatment records.", file=plan.file
    )


def refused(problem: str, action: str, also: Sequence[Finding] = ()) -> AccumulationRefusedError:
    """Make the refusal of the whole sum, with its finding behind those about the input."""
    finding = error(FindingCode.SUM_INCOMPLETE, f"there is no sum: {problem}", action=action)
    return AccumulationRefusedError(f"{finding.message}. {action}", [*also, finding])
