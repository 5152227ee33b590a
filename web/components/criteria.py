"""The criteria table: every number with its uncertainty, its thresholds, its verdict and the reason."""

from __future__ import annotations

from itertools import groupby

from dash import html

from trial_core.domain.criteria import ScopeKind, Verdict
from trial_core.domain.report import CourseReport, ResultRow
from web.components.frame import Content
from web.components.numbers import shown, signed, threshold, with_uncertainty
from web.components.tables import table
from web.components.verdict import css_name, verdict_mark

COLUMNS = ("No.", "Structure", "Metric", "Ideal", "Limit", "Value", "Margin", "Verdict", "Reason")
_NUMERIC = ("No.", "Ideal", "Limit", "Value", "Margin")


def criteria_table(report: CourseReport, *, only_attention: bool) -> Content:
    """Give the table, grouped by the dose it was measured on, in the report's order."""
    rows = [row for row in report.results if not only_attention or needs_a_look(row)]
    if not rows:
        words = (
            "Every criterion is met, none of them borderline."
            if report.results
            else "No criterion could be applied."
        )
        return html.P(words, className="muted")
    body: list[Content] = []
    for heading, group in groupby(rows, key=lambda row: _heading(report, row)):
        body.append(html.Tr(html.Th(heading, colSpan=len(COLUMNS), scope="colgroup"), className="group-row"))
        body.extend(_row(row) for row in group)
    return table(
        "Unrounded values were judged; a value equal to a limit meets it.", COLUMNS, body, numeric=_NUMERIC
    )


def needs_a_look(row: ResultRow) -> bool:
    """Tell whether a row is anything but simply met or simply not contoured."""
    return row.borderline or row.verdict not in (Verdict.PER_PROTOCOL, Verdict.NOT_CONTOURED)


def _heading(report: CourseReport, row: ResultRow) -> str:
    if row.scope_kind is ScopeKind.PLAN:
        labels = {plan.key: plan.label for plan in report.plans}
        return labels.get(row.plan_key or "", row.scope)
    return (
        "Sum of the plans, physical dose"
        if row.scope_kind is ScopeKind.SUM_PHYSICAL
        else "Sum of the plans, EQD2"
    )


def _row(row: ResultRow) -> Content:
    cells = (
        html.Td(row.number, className="number"),
        html.Td(_structure(row)),
        html.Td(_metric(row), className="nowrap"),
        html.Td(threshold(row.relation, row.ideal, row.unit), className="number"),
        html.Td(threshold(row.relation, row.limit, row.unit), className="number"),
        html.Td(_value(row), className="number"),
        html.Td(signed(row.margin, row.unit), className="number"),
        html.Td(_verdict(row)),
        html.Td(row.reason or "–", className="reason"),
    )
    return html.Tr(
        cells,
        className=f"verdict-row-{css_name(row.verdict)}",
        **{"data-verdict": row.verdict.value, "data-number": str(row.number)},
    )


def _structure(row: ResultRow) -> list[Content]:
    other = [name for name in row.site_structures if name != row.structure]
    names = [html.Span(row.structure, className="strong")]
    if other:
        names.append(html.Span(f"in the files: {', '.join(row.site_structures)}", className="sub"))
    return names


def _metric(row: ResultRow) -> list[Content]:
    notes = []
    if row.alpha_beta_gy is not None:
        notes.append(f"EQD2, α/β {row.alpha_beta_gy:g} Gy")
    notes.append(row.requirement.value)
    if row.assumed:
        notes.append("assumed")
    return [row.metric, html.Span(" · ".join(notes), className="sub")]


def _value(row: ResultRow) -> list[Content]:
    goals = (row.ideal, row.limit)
    parts: list[Content] = [with_uncertainty(row.value, row.uncertainty, row.unit, goals)]
    low, high = row.if_uncovered_zero, row.if_uncovered_max
    if low is not None and high is not None and low != high:
        parts.append(
            html.Span(
                f"{shown(low, row.unit, goals)} to {shown(high, row.unit, goals)} {row.unit}, "
                "as part lies outside the dose grid",
                className="sub wrap",
            )
        )
    return parts


def _verdict(row: ResultRow) -> list[Content]:
    marks = [verdict_mark(row.verdict)]
    if row.borderline:
        marks.append(
            html.Span(
                "borderline",
                className="borderline",
                title="Nearer to a threshold than the DVH's own uncertainty",
            )
        )
    return marks
