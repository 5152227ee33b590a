"""The criteria table: every number with its uncertainty, its thresholds, its verdict and the reason."""

from __future__ import annotations

from itertools import groupby

from dash import html

from trial_core.domain.criteria import Requirement, ScopeKind, Verdict
from trial_core.domain.report import CourseReport, ResultRow
from trial_core.domain.rounding import shown, signed, threshold
from web.components.frame import Content
from web.components.numbers import with_uncertainty
from web.components.tables import table
from web.components.verdict import css_name, verdict_mark
from web.figures.dvh import CONTOURS_OF

COLUMNS = ("Structure", "No.", "Metric", "Dose", "Ideal", "Limit", "Value", "Margin", "Verdict")
_NUMERIC = ("No.", "Ideal", "Limit", "Value", "Margin")


def criteria_table(report: CourseReport, *, only_attention: bool) -> Content:
    """Give the table, rows of one structure or target under its name; the numbers are the report's."""
    rows = [row for row in report.results if not only_attention or needs_a_look(row)]
    if not rows:
        met = "Every criterion is met, none of them borderline."
        return html.P(met if report.results else "No criterion could be applied.", className="muted")
    body: list[Content] = []
    for _, group in groupby(_by_structure(rows), key=lambda row: (row.counts_as, row.site_structures)):
        body.extend(_rows(report, list(group)))
    return table(_caption(report), COLUMNS, body, numeric=_NUMERIC)


def needs_a_look(row: ResultRow) -> bool:
    """Tell whether a row is anything but simply met or simply not contoured."""
    return row.borderline or row.verdict not in (Verdict.PER_PROTOCOL, Verdict.NOT_CONTOURED)


def row_id(number: int) -> str:
    """Give the place of a row in the page, to link to."""
    return f"criterion-{number}"


def dose_words(report: CourseReport, row: ResultRow) -> str:
    """Name the dose a row was judged in: a plan by its label, a sum as the report words it.

    Where a structure set beside the sum's own draws a structure otherwise, the words say whose contours.
    """
    if row.scope_kind is not ScopeKind.PLAN:
        return row.scope[:1].upper() + row.scope[1:]
    labels = {plan.key: plan.label for plan in report.plans}
    return labels.get(row.plan_key or "", row.scope)


def _by_structure(rows: list[ResultRow]) -> list[ResultRow]:
    """Bring the rows of each structure together, and within several targets those of each target."""
    structures = list(dict.fromkeys(row.structure for row in rows))
    targets = list(dict.fromkeys(row.counts_as for row in rows))
    return sorted(rows, key=lambda row: (structures.index(row.structure), targets.index(row.counts_as)))


def _caption(report: CourseReport) -> str:
    judged = "Unrounded values were judged; a value equal to a limit meets it."
    assumed = (
        " Every limit is assumed." if report.results and all(row.assumed for row in report.results) else ""
    )
    return judged + assumed


def _rows(report: CourseReport, rows: list[ResultRow]) -> list[Content]:
    every_limit_assumed = all(row.assumed for row in report.results)
    return [
        _row(report, row, rows_of_structure=len(rows) if first else 0, mark_assumed=not every_limit_assumed)
        for first, row in zip([True] + [False] * (len(rows) - 1), rows, strict=True)
    ]


def _row(report: CourseReport, row: ResultRow, *, rows_of_structure: int, mark_assumed: bool) -> Content:
    cells = [
        html.Td(row.number, className="number"),
        html.Td(_metric(row, mark_assumed=mark_assumed), className="nowrap"),
        html.Td(_dose(report, row), className="nowrap"),
        html.Td(threshold(row.relation, row.ideal, row.unit), className="number"),
        html.Td(threshold(row.relation, row.limit, row.unit), className="number"),
        html.Td(_value(row), className="number"),
        html.Td(signed(row.margin, row.unit), className="number margin"),
        html.Td(_verdict(row), className="verdict-cell"),
    ]
    if rows_of_structure:
        name = html.Th(_structure(row), scope="rowgroup", rowSpan=rows_of_structure, className="row-name")
        cells.insert(0, name)
    marks = {"data-verdict": row.verdict.value, "data-number": str(row.number)}
    return html.Tr(cells, id=row_id(row.number), className=f"verdict-row-{css_name(row.verdict)}", **marks)


def _dose(report: CourseReport, row: ResultRow) -> list[Content]:
    dose, _, contours = dose_words(report, row).partition(CONTOURS_OF)
    return [dose, html.Span(f"contours of {contours}", className="sub wrap") if contours else None]


def _structure(row: ResultRow) -> list[Content]:
    names: list[Content] = [row.structure]
    if row.site_structures and row.site_structures != (row.structure,):
        names.append(html.Span(", ".join(row.site_structures), className="sub", title="In the files"))
    if row.requirement is Requirement.IF_PRESENT:
        names.append(html.Span("if present", className="sub"))
    return names


def _metric(row: ResultRow, *, mark_assumed: bool) -> list[Content]:
    assumed = html.Span("assumed", className="sub") if mark_assumed and row.assumed else None
    return [row.metric, assumed]


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
        why = "Nearer to a threshold than the DVH's own uncertainty"
        marks.append(html.Span("borderline", className="borderline", title=why))
    if row.reason:
        marks.append(html.Span(row.reason, className="sub"))
    return marks
