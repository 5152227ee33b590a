"""The report's rows and curves put together by the dose they were taken on, as the document shows them."""

from collections.abc import Iterable
from dataclasses import dataclass

from dosimetry.expressions import MetricKind, Unit, parse_metric
from trial_core.domain.criteria import ScopeKind, Verdict
from trial_core.domain.report import (
    CheckStatus,
    CheckWeight,
    CourseReport,
    Curve,
    PlanCheckResult,
    PlanReport,
    ResultRow,
)
from workers.reports.dvh_plot import Goal, Line, Stroke, dvh_svg
from workers.reports.gauge import Gauge, gauge
from workers.reports.marks import WORST_FIRST

_SUM_TITLES = {
    ScopeKind.SUM_PHYSICAL: "Sum of the plans, physical dose",
    ScopeKind.SUM_EQD2: "Sum of the plans, EQD2",
}

_WEIGHTIEST_FIRST = (CheckWeight.UNACCEPTABLE, CheckWeight.NOT_EVALUABLE, CheckWeight.VARIATION)


@dataclass(frozen=True)
class ShownRow:
    """A result row with the geometry of its scale."""

    row: ResultRow
    gauge: Gauge | None


@dataclass(frozen=True)
class Attention:
    """What a reader must look at: rows and, with their plans, checks."""

    rows: tuple[ResultRow, ...]
    checks: tuple[tuple[PlanReport, PlanCheckResult], ...]


@dataclass(frozen=True)
class LegendEntry:
    """A structure's name beside the stroke of its line."""

    name: str
    stroke: Stroke


@dataclass(frozen=True)
class DoseSection:
    """One dose: a plan's, or a sum's; its rows, its DVH drawing and the drawing's legend.

    `key` is the plan's, or the kind of sum; `needs_review`: a sum that rests on a registration nobody has
    looked at.
    """

    key: str
    title: str
    needs_review: bool
    rows: tuple[ShownRow, ...]
    svg: str
    legend: tuple[LegendEntry, ...]
    has_goals: bool


def dose_sections(report: CourseReport) -> tuple[DoseSection, ...]:
    """Return a section for each plan and each sum that has rows or curves, plans first."""
    keys = [*(plan.key for plan in report.plans), ScopeKind.SUM_PHYSICAL, ScopeKind.SUM_EQD2]
    sections = (_section(report, key, f"dvh{number}") for number, key in enumerate(keys, start=1))
    return tuple(section for section in sections if section.rows or section.svg)


def attention(report: CourseReport) -> Attention:
    """Return the rows that are not met, not evaluable or borderline, worst first, and the checks that failed.

    A check that counts as a note only, or that is not known and may be so, is no reason to stop here.
    """
    calm = (Verdict.PER_PROTOCOL, Verdict.NOT_CONTOURED)
    rows = [row for row in report.results if row.borderline or row.verdict not in calm]
    checks = [
        (plan, check)
        for plan in report.plans
        for check in plan.checks
        if check.status is not CheckStatus.PASSED and check.weight is not CheckWeight.NOTE
    ]
    return Attention(
        rows=tuple(sorted(rows, key=lambda row: WORST_FIRST.index(row.verdict))),
        checks=tuple(sorted(checks, key=lambda each: _WEIGHTIEST_FIRST.index(each[1].weight))),
    )


def stroke_of(report: CourseReport, structure: str) -> Stroke:
    """Return the stroke of a structure, the same in every drawing of a report."""
    order = list(dict.fromkeys(curve.structure for curve in report.curves))
    return Stroke.number(order.index(structure))


def _section(report: CourseReport, key: str, prefix: str) -> DoseSection:
    rows = [row for row in report.results if _key(row) == key]
    curves = [curve for curve in report.curves if _key(curve) == key]
    drawn = list(dict.fromkeys(curve.structure for curve in curves))
    goals = tuple(_goals(report, rows, drawn))
    lines = [
        Line(stroke_of(report, curve.structure), curve.dose_gy, curve.volume_percent) for curve in curves
    ]
    dose_label = "EQD2 (Gy)" if key == ScopeKind.SUM_EQD2 else "Dose (Gy)"
    return DoseSection(
        key=key,
        title=_title(report, key),
        needs_review=any(each.needs_review for each in report.sums if each.scope_kind.value == key),
        rows=tuple(ShownRow(row, gauge(row)) for row in rows),
        svg=dvh_svg(lines, goals, dose_label=dose_label, prefix=prefix) if lines else "",
        legend=tuple(LegendEntry(name, stroke_of(report, name)) for name in drawn),
        has_goals=bool(goals),
    )


def _key(part: ResultRow | Curve) -> str:
    return part.plan_key if part.scope_kind is ScopeKind.PLAN and part.plan_key else part.scope_kind.value


def _title(report: CourseReport, key: str) -> str:
    plan = next((plan for plan in report.plans if plan.key == key), None)
    return f"Plan {plan.label}" if plan is not None else _SUM_TITLES[ScopeKind(key)]


def _goals(report: CourseReport, rows: Iterable[ResultRow], drawn: list[str]) -> Iterable[Goal]:
    for row in rows:
        name = _drawn_name(row, drawn)
        for value, is_limit in ((row.limit, True), (row.ideal, False)):
            place = _place(report, row, value) if name is not None else None
            if name is not None and place is not None:
                yield Goal(stroke_of(report, name), *place, is_limit, row.relation == "<=")


def _drawn_name(row: ResultRow, drawn: list[str]) -> str | None:
    """Return the name of a row's curve: a target's is its ROI's, an organ's the protocol's."""
    return next((name for name in (*row.site_structures, row.structure) if name in drawn), None)


def _place(report: CourseReport, row: ResultRow, value: float | None) -> tuple[float, float] | None:
    """Return dose in Gray and volume in percent of a threshold; None for one that is no point of a DVH."""
    metric = parse_metric(row.metric)
    if value is None or metric.argument is None or metric.argument_unit is None:
        return None
    if metric.kind is MetricKind.DOSE_AT_VOLUME:
        dose_gy = _in_gray(report, row, value, metric.unit)
        percent = _in_percent(report, row, metric.argument, metric.argument_unit)
    elif metric.kind is MetricKind.VOLUME_AT_DOSE:
        dose_gy = _in_gray(report, row, metric.argument, metric.argument_unit)
        percent = _in_percent(report, row, value, metric.unit)
    else:
        return None
    return None if dose_gy is None or percent is None else (dose_gy, percent)


def _in_gray(report: CourseReport, row: ResultRow, value: float, unit: Unit) -> float | None:
    if unit is Unit.GY:
        return value
    prescribed = {
        target.prescription_gy
        for plan in report.plans
        if plan.key == row.plan_key
        for target in plan.targets
        if target.site_structure in row.site_structures
    } - {None}
    return value / 100 * _only(prescribed) if len(prescribed) == 1 else None


def _in_percent(report: CourseReport, row: ResultRow, value: float, unit: Unit) -> float | None:
    if unit is Unit.PERCENT:
        return value
    parts = (part for part in report.structures if part.name == row.structure)
    volumes = {part.volume_cc for part in parts if part.site_names == row.site_structures} - {None, 0.0}
    return 100 * value / _only(volumes) if len(volumes) == 1 else None


def _only(values: set[float | None]) -> float:
    (value,) = values
    assert value is not None  # noqa: S101  None was taken out before
    return value


def plan_of(report: CourseReport, key: str | None) -> PlanReport | None:
    """Return the plan that a row or a delivery fact refers to."""
    return next((plan for plan in report.plans if plan.key == key), None)
