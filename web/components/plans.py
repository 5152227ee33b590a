"""The plans of a report side by side: checks, facts, targets, and the numbers beside the criteria."""

from __future__ import annotations

from dash import html

from trial_core.domain.report import CheckStatus, CourseReport, PlanCheckResult, PlanIndex, PlanReport
from trial_core.domain.rounding import NOTHING, shown
from web.components.comments import SaidOf, comments_of
from web.components.frame import Content
from web.components.marks import said
from web.components.numbers import count, gray
from web.components.tables import table
from web.components.verdict import check_mark, sentence_case, verdict_mark
from web.words import t


def plans_card(report: CourseReport) -> Content:
    """Give every plan's facts, targets, and the numbers beside the criteria."""
    if not report.plans:
        return html.P(t("No plan was found in the files."), className="muted")
    return html.Div([_targets(report), _indices(report), _facts(report)])


def checks_card(report: CourseReport, comments: SaidOf | None = None) -> Content:
    """Give every plan as a column: its verdict and its checks, with what reviewers said of them."""
    title = html.H2(t("Plan checks"))
    if not report.plans:
        words = html.P(t("No plan was found in the files."), className="muted")
        return html.Section([title, words], className="card", id="checks")
    return html.Section([title, _checks(report, comments or {})], className="card", id="checks")


def _checks(report: CourseReport, comments: SaidOf) -> Content:
    labels = {check.id: check.label for plan in report.plans for check in plan.checks}
    found = {(plan.key, check.id): check for plan in report.plans for check in plan.checks}
    rows = [
        html.Tr(
            [
                html.Th(t("Verdict of the plan"), scope="row"),
                *(_verdict(plan, comments) for plan in report.plans),
            ]
        )
    ]
    for check_id, label in labels.items():
        cells = [_check(plan.key, found.get((plan.key, check_id)), comments) for plan in report.plans]
        rows.append(html.Tr([html.Th(said(label), scope="row"), *cells]))
    is_assumed = bool(found) and all(check.assumed for check in found.values())
    caption = (
        t("All of these expectations are assumed.")
        if is_assumed
        else t("What the protocol expects of each plan")
    )
    return table(caption, (t("Check"), *(plan.label for plan in report.plans)), rows)


def _verdict(plan: PlanReport, comments: SaidOf) -> Content:
    listed = [html.Li(said(sentence_case(reason))) for reason in plan.reasons]
    reasons = html.Ul(listed, className="reasons") if listed else None
    return html.Td([verdict_mark(plan.verdict), reasons, *comments_of(comments, plan.key)])


def _check(plan_key: str, check: PlanCheckResult | None, comments: SaidOf) -> Content:
    if check is None:
        return html.Td(NOTHING)
    parts = [check_mark(check), html.Span(said(check.found), className="found")]
    if check.expected and (check.status is not CheckStatus.PASSED or check.expected != check.found):
        parts.append(html.Span([t("expected: "), said(check.expected)], className="sub"))
    if check.message:
        parts.append(html.Span(said(check.message), className="sub"))
    return html.Td([*parts, *comments_of(comments, f"{plan_key}: {check.id}")])


def _facts(report: CourseReport) -> Content:
    names = [name for name, _ in _facts_of(report.plans[0])]
    values = [[value for _, value in _facts_of(plan)] for plan in report.plans]
    rows = [
        html.Tr([html.Th(name, scope="row"), *(html.Td(column[index]) for column in values)])
        for index, name in enumerate(names)
    ]
    listing = table(t("Facts of the plans"), (t("Fact"), *(plan.label for plan in report.plans)), rows)
    return html.Details([html.Summary(t("Prescription, machine, technique and other facts")), listing])


def _facts_of(plan: PlanReport) -> list[tuple[str, str]]:
    share = (
        ""
        if plan.share_fractions is None
        else t("{n} of {of}", n=plan.share_fractions, of=count(plan.regimen_fractions))
    )
    facts = [
        (t("Regimen"), plan.regimen_label),
        (t("Prescription"), gray(plan.prescription_gy)),
        (t("Fractions planned"), count(plan.planned_fractions)),
        (t("Dose per fraction"), gray(plan.dose_per_fraction_gy)),
        (t("Share of the regimen's fractions"), share),
        (t("Machine"), plan.machine),
        (t("Energy"), plan.energy),
        (t("Technique"), plan.technique),
        (t("Approval"), plan.approval),
        (t("Dose summation"), plan.dose_summation),
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
                html.Td(t("Yes") if target.plausible else html.Strong(t("No: see the plan's reasons"))),
            ]
        )
        for plan in report.plans
        for target in plan.targets
    ]
    columns = (
        t("Plan"),
        t("Target"),
        t("In the files"),
        t("Protocol"),
        t("Plan states"),
        t("Median dose"),
        t("Plausible"),
    )
    return table(t("Targets, and the guard against an implausible dose"), columns, rows, numeric=columns[3:6])


def _indices(report: CourseReport) -> Content:
    labels = {index.id: index.label for plan in report.plans for index in plan.indices}
    if not labels:
        return None
    rows = [
        html.Tr([html.Td(plan.label), html.Td(structure), *(_index(plan, structure, one) for one in labels)])
        for plan in report.plans
        for structure in dict.fromkeys(index.structure for index in plan.indices)
    ]
    columns = (t("Plan"), t("Structure"), *labels.values())
    return table(t("Beside the criteria; no verdict rests on these"), columns, rows, numeric=columns[2:])


def _index(plan: PlanReport, structure: str, index_id: str) -> Content:
    found = [index for index in plan.indices if (index.structure, index.id) == (structure, index_id)]
    return html.Td([_index_text(index) for index in found] or NOTHING, className="number")


def _index_text(index: PlanIndex) -> Content:
    value = NOTHING if index.value is None else f"{shown(index.value, index.unit)} {index.unit}".strip()
    return html.Div([value, html.Span(said(index.reason), className="sub wrap") if index.reason else None])
