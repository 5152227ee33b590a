"""The plans of a report side by side: checks, facts, targets, and the numbers beside the criteria."""

from __future__ import annotations

from dash import html

from trial_core.domain.report import CheckStatus, CourseReport, PlanCheckResult, PlanIndex, PlanReport
from trial_core.domain.rounding import NOTHING, shown
from web.components.frame import Content
from web.components.numbers import count, gray
from web.components.tables import table
from web.components.verdict import check_mark, verdict_mark


def plans_card(report: CourseReport) -> Content:
    """Give every plan as a column: its verdict, its checks, its facts."""
    if not report.plans:
        return html.P("No plan was found in the files.", className="muted")
    return html.Div([_checks(report), _facts(report), _targets(report), _indices(report)])


def _checks(report: CourseReport) -> Content:
    labels = {check.id: check.label for plan in report.plans for check in plan.checks}
    found = {(plan.key, check.id): check for plan in report.plans for check in plan.checks}
    rows = [html.Tr([html.Th("Verdict of the plan", scope="row"), *map(_verdict, report.plans)])]
    for check_id, label in labels.items():
        cells = [_check(found.get((plan.key, check_id))) for plan in report.plans]
        rows.append(html.Tr([html.Th(label, scope="row"), *cells]))
    assumed = (
        "All of these expectations are assumed." if all(check.assumed for check in found.values()) else ""
    )
    return table(f"Plan checks. {assumed}".strip(), ("Check", *(plan.label for plan in report.plans)), rows)


def _verdict(plan: PlanReport) -> Content:
    reasons = (
        html.Ul([html.Li(reason) for reason in plan.reasons], className="reasons") if plan.reasons else None
    )
    return html.Td([verdict_mark(plan.verdict), reasons])


def _check(check: PlanCheckResult | None) -> Content:
    if check is None:
        return html.Td(NOTHING)
    parts = [check_mark(check), html.Span(check.found, className="found")]
    if check.expected and (check.status is not CheckStatus.PASSED or check.expected != check.found):
        parts.append(html.Span(f"expected: {check.expected}", className="sub"))
    if check.message:
        parts.append(html.Span(check.message, className="sub"))
    return html.Td(parts)


def _facts(report: CourseReport) -> Content:
    names = [name for name, _ in _facts_of(report.plans[0])]
    values = [[value for _, value in _facts_of(plan)] for plan in report.plans]
    rows = [
        html.Tr([html.Th(name, scope="row"), *(html.Td(column[index]) for column in values)])
        for index, name in enumerate(names)
    ]
    listing = table("Facts of the plans", ("Fact", *(plan.label for plan in report.plans)), rows)
    return html.Details([html.Summary("Prescription, machine, technique and other facts"), listing])


def _facts_of(plan: PlanReport) -> list[tuple[str, str]]:
    share = (
        "" if plan.share_fractions is None else f"{plan.share_fractions} of {count(plan.regimen_fractions)}"
    )
    facts = [
        ("Regimen", plan.regimen_label),
        ("Prescription", gray(plan.prescription_gy)),
        ("Fractions planned", count(plan.planned_fractions)),
        ("Dose per fraction", gray(plan.dose_per_fraction_gy)),
        ("Share of the regimen's fractions", share),
        ("Machine", plan.machine),
        ("Energy", plan.energy),
        ("Technique", plan.technique),
        ("Approval", plan.approval),
        ("Dose summation", plan.dose_summation),
    ]
    return [(name, value or NOTHING) for name, value in facts]


def _targets(report: CourseReport) -> Content:
    rows = [
        html.Tr(
            [
                html.Td(plan.label),
                html.Td(target.name),
                html.Td(target.site_structure or NOTHING),
                html.Td(gray(target.prescription_gy), className="number"),
                html.Td(gray(target.plan_prescription_gy), className="number"),
                html.Td(gray(target.median_gy), className="number"),
                html.Td("Yes" if target.plausible else html.Strong("No: see the plan's reasons")),
            ]
        )
        for plan in report.plans
        for target in plan.targets
    ]
    columns = ("Plan", "Target", "In the files", "Protocol", "Plan states", "Median dose", "Plausible")
    return table("Targets, and the guard against an implausible dose", columns, rows, numeric=columns[3:6])


def _indices(report: CourseReport) -> Content:
    labels = {index.id: index.label for plan in report.plans for index in plan.indices}
    if not labels:
        return None
    rows = [
        html.Tr([html.Td(plan.label), html.Td(structure), *(_index(plan, structure, one) for one in labels)])
        for plan in report.plans
        for structure in dict.fromkeys(index.structure for index in plan.indices)
    ]
    columns = ("Plan", "Structure", *labels.values())
    return table("Beside the criteria; no verdict rests on these", columns, rows, numeric=columns[2:])


def _index(plan: PlanReport, structure: str, index_id: str) -> Content:
    found = [index for index in plan.indices if (index.structure, index.id) == (structure, index_id)]
    return html.Td([_index_text(index) for index in found] or NOTHING, className="number")


def _index_text(index: PlanIndex) -> Content:
    value = NOTHING if index.value is None else f"{shown(index.value, index.unit)} {index.unit}".strip()
    return html.Div([value, html.Span(index.reason, className="sub wrap") if index.reason else None])
