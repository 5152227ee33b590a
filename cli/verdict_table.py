"""The report of a checked course as text: every verdict as a shape and a word."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cli.table import Cell, Colour, harmless, lay_out, painted
from trial_core.domain.criteria import ScopeKind, Verdict
from trial_core.domain.gathered_findings import Gathered, gathered
from trial_core.domain.report import (
    CheckStatus,
    CheckWeight,
    CourseReport,
    DeliveryFact,
    PlanCheckResult,
    PlanReport,
    ResultRow,
)
from trial_core.domain.reservations import needs_review, reservations
from trial_core.domain.rounding import NOTHING, shown, threshold

SHAPES: dict[Verdict, tuple[str, Colour]] = {
    Verdict.PER_PROTOCOL: ("+", Colour.GREEN),
    Verdict.ACCEPTABLE_VARIATION: ("~", Colour.YELLOW),
    Verdict.UNACCEPTABLE_DEVIATION: ("X", Colour.RED),
    Verdict.NOT_EVALUABLE: ("?", Colour.RED),
    Verdict.NOT_CONTOURED: ("-", Colour.GREY),
}
CHECK_SHAPES: dict[CheckStatus, str] = {
    CheckStatus.PASSED: "+",
    CheckStatus.FAILED: "X",
    CheckStatus.UNKNOWN: "?",
}
SEVERITY_COLOURS = {"error": Colour.RED, "warning": Colour.YELLOW, "info": Colour.GREY}


def verdict_lines(report: CourseReport, *, colour: bool) -> list[str]:
    """Give the report as lines of text for people."""
    return [
        *_heading(report, colour),
        "",
        *_criteria(report, colour),
        *_plan_checks(report.plans, colour),
        *_deliveries(report),
        *_reservations(report, colour),
        *_findings(report.findings, colour),
        "",
        *_assumptions(report),
        *_with_reasons("Course", report.verdict, report.reasons, colour),
    ]


def in_words(verdict: Verdict, *, colour: bool) -> str:
    """Give a verdict as its shape and its word."""
    shape, paint = SHAPES[verdict]
    return painted(f"{shape} {verdict.value}", paint, wanted=colour)


def _heading(report: CourseReport, colour: bool) -> list[str]:
    protocol = report.protocol
    title = f"{protocol.title} (protocol {protocol.id}, version {protocol.version})"
    plans = [_with_reasons(plan.label, plan.verdict, plan.reasons, colour) for plan in report.plans]
    return [painted(harmless(title), Colour.BOLD, wanted=colour), *itertools.chain(*plans)]


def _with_reasons(label: str, verdict: Verdict, reasons: Iterable[str], colour: bool) -> list[str]:
    return [
        f"{harmless(label)}: {in_words(verdict, colour=colour)}",
        *(f"    {harmless(reason)}" for reason in reasons),
    ]


def _criteria(report: CourseReport, colour: bool) -> list[str]:
    if not report.results:
        return []
    head = [
        Cell(text, Colour.BOLD)
        for text in ("verdict", "structure", "metric", "dose", "value", "ideal", "limit", "note")
    ]
    rows = (_criterion(row, reviewed=not _rests_on_review(row, report)) for row in report.results)
    return lay_out([head, *rows], colour=colour)


def _rests_on_review(row: ResultRow, report: CourseReport) -> bool:
    return row.scope_kind is not ScopeKind.PLAN and needs_review(report, row.alpha_beta_gy)


def _criterion(row: ResultRow, *, reviewed: bool) -> list[Cell]:
    shape, paint = SHAPES[row.verdict]
    return [
        Cell(f"{shape} {row.verdict.value}", paint),
        Cell(_structure(row)),
        Cell(row.metric),
        Cell(row.scope),
        Cell(_value(row), right=True),
        Cell("" if row.ideal is None else threshold(row.relation, row.ideal), right=True),
        Cell(threshold(row.relation, row.limit), right=True),
        Cell("; ".join(note for note in _notes(row, reviewed=reviewed) if note)),
    ]


def _notes(row: ResultRow, *, reviewed: bool) -> tuple[str, ...]:
    return ("borderline" if row.borderline else "", "" if reviewed else "needs review", row.reason)


def _structure(row: ResultRow) -> str:
    """Name the ROI, too, where it has another name: one structure of the protocol may be several targets."""
    (site, *others) = row.site_structures or (row.structure,)
    return row.structure if others or site == row.structure else f"{row.structure} ({site})"


def _value(row: ResultRow) -> str:
    """Show the value; where a part is outside the dose grid and there is none, the two it may lie between."""
    bounds = (row.if_uncovered_zero, row.if_uncovered_max)
    values = bounds if row.value is None and None not in bounds else (row.value,)
    text = " to ".join(shown(value, row.unit, (row.ideal, row.limit)) for value in values)
    return text if text == NOTHING else f"{text} {row.unit}"


def _plan_checks(plans: Iterable[PlanReport], colour: bool) -> list[str]:
    """Show what was not passed; the rest as a count (JSON and HTML have them all)."""
    checks = [(plan, check) for plan in plans for check in plan.checks]
    open_ = [_plan_check(plan, check) for plan, check in checks if check.status is not CheckStatus.PASSED]
    if not checks:
        return []
    count = f"{len(checks) - len(open_)} of {len(checks)} plan checks passed."
    head = [Cell(text, Colour.BOLD) for text in ("plan check", "plan", "what", "expected", "found", "note")]
    return ["", count, *(lay_out([head, *open_], colour=colour) if open_ else [])]


def _plan_check(plan: PlanReport, check: PlanCheckResult) -> list[Cell]:
    return [
        Cell(f"{CHECK_SHAPES[check.status]} {check.status.value}", _check_colour(check)),
        Cell(plan.label),
        Cell(check.label),
        Cell(check.expected),
        Cell(check.found),
        Cell(check.message),
    ]


def _deliveries(report: CourseReport) -> list[str]:
    """Show what the treatment records tell; verdicts are those of the planned dose."""
    labels = {plan.key: plan.label for plan in report.plans}
    lines = [_delivery(fact, labels.get(fact.plan_key, fact.plan_key)) for fact in report.delivery]
    return ["", *lines] if lines else []


def _delivery(fact: DeliveryFact, label: str) -> str:
    planned = NOTHING if fact.planned_fractions is None else fact.planned_fractions
    given = f"delivered of {label}: {fact.delivered_fractions} of {planned} fractions"
    dose = "" if fact.delivered_gy is None else f", {shown(fact.delivered_gy, 'Gy')} Gy"
    return harmless("; ".join(part for part in (given + dose, fact.message) if part))


def _reservations(report: CourseReport, colour: bool) -> list[str]:
    lines = [
        f"{painted(each.kind, Colour.YELLOW, wanted=colour)}: {harmless(each.words)}"
        for each in reservations(report)
    ]
    return ["", *lines] if lines else []


def _check_colour(check: PlanCheckResult) -> Colour:
    return Colour.RED if check.weight is CheckWeight.UNACCEPTABLE else Colour.YELLOW


def _findings(findings: Sequence[Mapping[str, Any]], colour: bool) -> list[str]:
    return ["", *finding_lines(findings, colour=colour)] if findings else []


def finding_lines(findings: Iterable[Mapping[str, Any]], *, colour: bool) -> list[str]:
    """Give findings as lines, what weighs most first; what is said of many files alike is said once."""
    weight = list(SEVERITY_COLOURS).index
    return [
        finding_line(_with_others(each), colour=colour)
        for each in sorted(gathered(findings), key=lambda one: weight(one.finding["severity"]))
    ]


def _with_others(each: Gathered) -> Mapping[str, Any]:
    if not each.others:
        return each.finding
    return {**each.finding, "file": f"{each.finding['file']} and {each.others} other files, each"}


def finding_line(finding: Mapping[str, Any], *, colour: bool) -> str:
    """Give one finding as a line: severity, where, what happened, what to do."""
    severity = painted(finding["severity"], SEVERITY_COLOURS.get(finding["severity"]), wanted=colour)
    named = [str(finding[key]) for key in ("file", "structure", "element") if finding.get(key)]
    where = ", ".join(name for name in named if f"'{name}'" not in finding["message"])
    what = " ".join(_as_sentence(part) for part in (finding["message"], finding.get("action")) if part)
    return f"{severity}: {harmless(where + ': ' if where else '')}{harmless(what)}"


def _as_sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def _assumptions(report: CourseReport) -> list[str]:
    count = len(report.protocol.assumed)
    return (
        [f"{count} points of the protocol are assumed, not published; the report lists them."]
        if count
        else []
    )
