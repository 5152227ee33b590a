"""The guard: is the dose of a plan's targets near its prescription, or per fraction, percent, elsewhere?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from imaging.findings import Finding, FindingCode, error, warning
from trial_core.domain.persons_word import AcceptedWord, WordKind, item_key, word_for
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import OpenItem, TargetReport
from workers.pipelines.measuring import MEDIAN, Measurer
from workers.pipelines.plan_settings import plan_setting
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.targets import PlanTarget

_CGY_PER_GY = 100
_ROUNDING = 1e-12
"""Of a difference of decimals as binary numbers: 79.2 lies 13.200000000000003 above 66."""


@dataclass(frozen=True)
class Plausibility:
    """What the guard says of one plan: its targets, the `doubt` (empty: none), and findings.

    `item` waits for a person's explanation, or has it; a dose that is not known cannot be explained away.
    """

    targets: tuple[TargetReport, ...]
    doubt: str
    findings: tuple[Finding, ...]
    item: OpenItem | None = None


def plausibility(plan: PreparedPlan, protocol: Protocol, measurer: Measurer) -> Plausibility:
    """Compare the median dose of each target with its prescription, and heed what contradicts the dose.

    A plan whose targets are not found, or whose median dose is not known, is doubtful too: nothing then
    shows that its dose is the dose of a whole plan.
    """
    reports, doubts, findings, measured = [], [], [], True
    for target in plan.targets:
        report, doubt = _target(plan, target, protocol, measurer)
        reports.append(report)
        doubts += [doubt] if doubt else []
        findings += [_finding(plan, doubt, report.site_structure or None)] if doubt else []
        measured = measured and report.median_gy is not None and report.prescription_gy is not None
    if plan.obstacle:
        return Plausibility(tuple(reports), "", ())
    if contradicted := plan.assigned.linked.dose_doubt:
        doubts.append(contradicted)
        findings.append(_finding(plan, contradicted, None))
    if not plan.targets:
        doubts.append("no target is known")
        findings.append(_finding(plan, doubts[0], None))
    guard = Plausibility(tuple(reports), "; ".join(doubts), tuple(findings))
    return guard if not (doubts and plan.targets and measured) else replace(guard, item=_item(plan, guard))


def explained(guard: Plausibility, plan: PreparedPlan, accepted: Sequence[AcceptedWord]) -> Plausibility:
    """The guard after a person explained exactly this doubt: the plan is judged, and a warning says so."""
    word = word_for(accepted, guard.item.key) if guard.item else None
    if guard.item is None or word is None:
        return guard
    item = replace(guard.item, said_by=word.by, said=word.words)
    return Plausibility(guard.targets, "", (_explained(plan, guard.doubt, word),), item)


def _item(plan: PreparedPlan, guard: Plausibility) -> OpenItem:
    uid = plan.assigned.plan.sop_instance_uid
    figures = [f"{each.name} {each.median_gy!r} {each.prescription_gy!r}" for each in guard.targets]
    key = item_key(WordKind.DOSE, uid, guard.doubt, *figures)
    return OpenItem(key=key, kind=WordKind.DOSE, plan_key=plan.key, words=guard.doubt)


def _explained(plan: PreparedPlan, doubt: str, word: AcceptedWord) -> Finding:
    return warning(
        FindingCode.DOSE_IMPLAUSIBLE,
        f"plan '{plan.label}': {doubt}. It is judged all the same, for {word.by} explained: {word.words}",
        action="Look at the explanation before the verdict is relied on.",
        file=plan.assigned.plan.file,
    )


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
    guess = likely_unit(far[0], prescription, plan.assigned.planned_fractions)
    words = f"the median dose of '{target.site_name}' is {far[0]:.4g} Gy, more than {tolerance:g} % from its"
    return f"{words} prescription of {prescription:.4g} Gy{guess}"


def is_near(value: float, prescription_gy: float, tolerance_percent: float) -> bool:
    """Whether a dose lies within so many percent of the prescription, the ends included; NaN does not."""
    most_gy = tolerance_percent / 100 * prescription_gy
    return abs(value - prescription_gy) <= most_gy * (1 + _ROUNDING)


def likely_unit(value: float, prescription_gy: float, fractions: int | None) -> str:
    """What a dose that is no whole plan's in Gy looks like, in words within parentheses."""
    if (fractions or 0) > 1 and math.isclose(value * (fractions or 0), prescription_gy, rel_tol=0.2):
        return " (it looks like the dose of one fraction)"
    if math.isclose(value, 100.0, rel_tol=0.1):
        return " (it looks like percent)"
    if is_near(value / _CGY_PER_GY, prescription_gy, 20.0):
        return " (it looks like cGy)"
    return " (another target, or another prescription?)"


def _unknown(target: PlanTarget, reason: str) -> str:
    return f"the median dose of the target {target.rule.structure} is not known: {reason}"


def _finding(plan: PreparedPlan, doubt: str, structure: str | None) -> Finding:
    dose = plan.assigned.linked.dose
    return error(
        FindingCode.DOSE_IMPLAUSIBLE,
        f"plan '{plan.label}': {doubt}. Nothing of this plan is evaluable until a person explains it",
        action="Compare dose, target and prescription; export the dose of the whole plan in Gy.",
        file=dose.files[0] if dose and dose.files else plan.assigned.plan.file,
        structure=structure,
    )
