"""The guard: is the dose of a plan's targets near its prescription, or per fraction, percent, elsewhere?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from imaging.findings import Finding, FindingCode, error
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import TargetReport
from workers.pipelines.measuring import MEDIAN, Measurer
from workers.pipelines.plan_settings import plan_setting
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.targets import PlanTarget


@dataclass(frozen=True)
class Plausibility:
    """What the guard says of one plan: its targets, the `doubt` (empty: none), and findings."""

    targets: tuple[TargetReport, ...]
    doubt: str
    findings: tuple[Finding, ...]


def plausibility(plan: PreparedPlan, protocol: Protocol, measurer: Measurer) -> Plausibility:
    """Compare the median dose of each target with its prescription.

    A plan whose targets are not found, or whose median dose is not known, is doubtful too: nothing then
    shows that its dose is the dose of a whole plan.
    """
    reports, doubts = [], []
    for target in plan.targets:
        report, doubt = _target(plan, target, protocol, measurer)
        reports.append(report)
        doubts += [doubt] if doubt else []
    if plan.obstacle:
        return Plausibility(tuple(reports), "", ())
    if not plan.targets:
        doubts.append("no target is known")
    return Plausibility(tuple(reports), "; ".join(doubts), tuple(_finding(plan, doubt) for doubt in doubts))


def _target(
    plan: PreparedPlan, target: PlanTarget, protocol: Protocol, measurer: Measurer
) -> tuple[TargetReport, str]:
    (measured,) = measurer.measure(target.structure, [plan_setting(plan, target)])
    median = measured.evaluate(MEDIAN)
    prescription = plan.prescription_gy(target)
    values = [
        value
        for value in (median.value, median.if_uncovered_zero, median.if_uncovered_max)
        if value is not None
    ]
    tolerance = protocol.plausible_dose.tolerance_percent
    doubt = _doubt(target, plan, values, tolerance) if values else _unknown(target, median.reason)
    report = TargetReport(
        name=target.rule.structure,
        site_structure=target.site_name if target.structure.region else "",
        prescription_gy=prescription,
        plan_prescription_gy=target.stated_gy,
        median_gy=median.value,
        plausible=not doubt,
    )
    return report, doubt


def _doubt(target: PlanTarget, plan: PreparedPlan, values: Sequence[float], tolerance: float) -> str:
    prescription = plan.prescription_gy(target)
    if prescription is None:
        return _unknown(target, "no prescription")
    far = [value for value in values if not is_near(value, prescription, tolerance)]
    if not far:
        return ""
    guess = _guess(far[0], prescription, plan)
    words = f"the median dose of '{target.site_name}' is {far[0]:.4g} Gy, more than {tolerance:g} % from its"
    return f"{words} prescription of {prescription:.4g} Gy{guess}"


def is_near(value: float, prescription_gy: float, tolerance_percent: float) -> bool:
    """Whether a dose lies within so many percent of the prescription, the ends included; NaN does not."""
    return abs(value - prescription_gy) <= tolerance_percent / 100 * prescription_gy


def _guess(value: float, prescription: float, plan: PreparedPlan) -> str:
    fractions = plan.assigned.planned_fractions or 0
    if fractions > 1 and math.isclose(value * fractions, prescription, rel_tol=0.2):
        return " (it looks like the dose of one fraction)"
    if math.isclose(value, 100.0, rel_tol=0.1):
        return " (it looks like percent)"
    return " (another target, or another prescription?)"


def _unknown(target: PlanTarget, reason: str) -> str:
    return f"the median dose of the target {target.rule.structure} is not known: {reason}"


def _finding(plan: PreparedPlan, doubt: str) -> Finding:
    dose = plan.assigned.linked.dose
    return error(
        FindingCode.DOSE_IMPLAUSIBLE,
        f"plan '{plan.label}': {doubt}. Nothing of this plan is evaluable until a person explains it",
        action="Compare dose, target and prescription; export the dose of the whole plan in Gy.",
        file=dose.files[0] if dose and dose.files else plan.assigned.plan.file,
        structure=next((target.site_name for target in plan.targets if target.structure.region), None),
    )
