"""The criteria table: numbers with their uncertainty and thresholds, verdicts, reasons and comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from dash import html

from trial_core.domain.criteria import Requirement, ScopeKind, Verdict
from trial_core.domain.report import CourseReport, ResultRow
from trial_core.domain.rounding import shown, signed, threshold
from web.components.comments import SaidOf, comments_of
from web.components.frame import Content
from web.components.marks import said
from web.components.numbers import with_uncertainty
from web.components.tables import table
from web.components.verdict import css_name, verdict_mark
from web.figures.dvh_curves import CONTOURS_OF, sum_words
from web.words import t, tc


def criteria_table(report: CourseReport, comments: SaidOf | None = None) -> Content:
    """Give the table, rows of one structure or target under its name; the numbers are the report's.

    A row's first cell is a button: `assets/case.js` shows the row in the DVH and in the slices.
    """
    if not report.results:
        return html.P(t("No criterion could be applied."), className="muted")
    body: list[Content] = []
    for _, group in groupby(
        _by_structure(report.results), key=lambda row: (row.counts_as, row.site_structures)
    ):
        body.extend(_rows(report, list(group), comments or {}))
    return table(_caption(report), columns(), body, numeric=columns()[3:7])


def columns() -> tuple[str, ...]:
    """Name the columns; the structure stands above its rows."""
    return (
        tc("number of a criterion", "No."),
        t("Metric"),
        t("Dose"),
        t("Ideal"),
        t("Limit"),
        t("Value"),
        t("Margin"),
        t("Verdict"),
    )


def needs_a_look(row: ResultRow) -> bool:
    """Tell whether a row is anything but simply met or simply not contoured."""
    return row.borderline or row.verdict not in (Verdict.PER_PROTOCOL, Verdict.NOT_CONTOURED)


def row_id(number: int) -> str:
    """Give the place of a row in the page, to link to."""
    return f"criterion-{number}"


def dose_words(report: CourseReport, row: ResultRow) -> str:
    """Name the dose a row was judged in: a plan by its label, a sum as physical dose or as EQD2.

    Where a structure set beside the sum's own draws a structure otherwise, the words say whose contours.
    """
    if row.scope_kind is ScopeKind.PLAN:
        labels = {plan.key: plan.label for plan in report.plans}
        return labels.get(row.plan_key or "", row.scope)
    _, joint, file = row.scope.partition(CONTOURS_OF)
    return sum_words(row.scope_kind, row.alpha_beta_gy) + joint + file


def _by_structure(rows: Sequence[ResultRow]) -> list[ResultRow]:
    """Bring the rows of each structure together, and within several targets those of each target."""
    structures = list(dict.fromkeys(row.structure for row in rows))
    targets = list(dict.fromkeys(row.counts_as for row in rows))
    return sorted(rows, key=lambda row: (structures.index(row.structure), targets.index(row.counts_as)))


def _caption(report: CourseReport) -> str:
    judged = t("Unrounded values were judged; a value equal to a limit meets it.")
    assumed = t("Every limit is assumed.") if all(row.assumed for row in report.results) else ""
    return f"{judged} {assumed}".rstrip()


def _rows(report: CourseReport, rows: Sequence[ResultRow], comments: SaidOf) -> list[Content]:
    mark_assumed = not all(row.assumed for row in report.results)
    look = any(needs_a_look(row) for row in rows)
    name = html.Th(_structure(rows[0]), scope="rowgroup", colSpan=len(columns()))
    heading = html.Tr(name, className="group-row", **{"data-look": _yes(look)})
    return [heading, *(_row(report, row, comments, mark_assumed=mark_assumed) for row in rows)]


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def _row(report: CourseReport, row: ResultRow, comments: SaidOf, *, mark_assumed: bool) -> Content:
    cells = [
        html.Td(_chooser(row), className="number"),
        html.Td([row.metric, _assumed() if mark_assumed and row.assumed else None], className="nowrap"),
        html.Td(_dose(report, row)),
        html.Td(threshold(row.relation, row.ideal, row.unit), className="number"),
        html.Td(threshold(row.relation, row.limit, row.unit), className="number"),
        html.Td(_value(row), className="number"),
        html.Td(_margin(row), className="number margin"),
        html.Td([*_verdict(row), *comments_of(comments, f"result {row.number}")], className="verdict-cell"),
    ]
    marks = {
        "data-verdict": row.verdict.value,
        "data-number": str(row.number),
        "data-look": _yes(needs_a_look(row)),
    }
    return html.Tr(cells, id=row_id(row.number), className=f"verdict-row-{css_name(row.verdict)}", **marks)


def _chooser(row: ResultRow) -> Content:
    words = t(
        "Show {number}, {structure} {metric}", number=row.number, structure=row.counts_as, metric=row.metric
    )
    says: Mapping[str, str] = {"aria-label": words, "aria-pressed": "false"}
    return html.Button(str(row.number), type="button", className="row-button", **says)


def _assumed() -> Content:
    return html.Span(t("assumed"), className="sub")


def _dose(report: CourseReport, row: ResultRow) -> list[Content]:
    dose, _, contours = dose_words(report, row).partition(CONTOURS_OF)
    if row.scope_kind is ScopeKind.SUM_PHYSICAL:
        dose = t("Sum, physical")
    elif row.scope_kind is ScopeKind.SUM_EQD2:
        dose = t("Sum, EQD2")
    ratio = [] if row.alpha_beta_gy is None else [t("α/β = {ratio} Gy", ratio=f"{row.alpha_beta_gy:g}")]
    whose = [t("contours of {file}", file=contours)] if contours else []
    return [dose, *(html.Span(words, className="sub") for words in (*ratio, *whose))]


def _structure(row: ResultRow) -> list[Content]:
    names: list[Content] = [row.structure]
    if row.site_structures and row.site_structures != (row.structure,):
        files = t("in the files: {names}", names=", ".join(row.site_structures))
        names += [" ", html.Span(files, className="site-name")]
    if row.requirement is Requirement.IF_PRESENT:
        names += [" ", html.Span(t("if present"), className="site-name")]
    return names


def _margin(row: ResultRow) -> str:
    return f"{signed(row.margin, row.unit)} {row.unit}" if row.margin is not None else signed(None, row.unit)


def _value(row: ResultRow) -> list[Content]:
    goals = (row.ideal, row.limit)
    parts: list[Content] = [with_uncertainty(row.value, row.uncertainty, row.unit, goals)]
    low, high = row.if_uncovered_zero, row.if_uncovered_max
    if low is not None and high is not None and low != high:
        ends = {"low": shown(low, row.unit, goals), "high": shown(high, row.unit, goals), "unit": row.unit}
        words = t("{low} to {high} {unit}, as part lies outside the dose grid", **ends)
        parts.append(html.Span(words, className="sub wrap"))
    return parts


def _verdict(row: ResultRow) -> list[Content]:
    marks = [verdict_mark(row.verdict)]
    if row.borderline:
        why = t("Nearer to a threshold than the DVH's own uncertainty")
        marks.append(html.Span(t("borderline"), className="borderline", title=why))
    if row.reason:
        marks.append(html.Span(said(row.reason), className="sub"))
    return marks
