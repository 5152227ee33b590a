"""Criteria of the printed report: what needs attention, and every row by the dose it was judged in."""

from __future__ import annotations

from collections.abc import Iterator

from trial_core.domain.criteria import Requirement, ScopeKind
from trial_core.domain.report import CourseReport, PlanCheckResult, PlanReport, ResultRow
from trial_core.domain.rounding import NOTHING, plain, shown, signed, spread, threshold
from workers.reports.pdf.marks import check_mark, verdict_mark
from workers.reports.pdf.parts import Cell, Column, Row, Table, name, names, tint
from workers.reports.pdf.words import Words
from workers.reports.sections import Attention, DoseSection, ShownRow, plan_of

_SHORT = 18
"""Characters of what a check expects or found that stand in a column of numbers."""


def attention_table(found: Attention, words: Words) -> Table:
    """List what a reader must look at, worst first."""
    say = words.say
    columns = (
        Column(say("No."), 8, right=True),
        Column(say("What"), 36),
        Column(say("Dose"), 30),
        Column(say("Value"), 25, right=True),
        Column(say("Limit"), 17, right=True),
        Column(say("Verdict"), 31),
        Column(say("Reason"), 40),
    )
    rows = [_attention_row(row, words) for row in found.rows]
    checks = [_attention_check(plan, check, words) for plan, check in found.checks]
    return Table(columns, [*rows, *checks])


def criteria_table(section: DoseSection, title: str, words: Words) -> Table:
    """List the rows that were judged in one dose."""
    say = words.say
    columns = (
        Column(say("No."), 8, right=True),
        Column(say("Structure"), 31),
        Column(say("Metric and dose"), 37),
        Column(say("Ideal"), 14, right=True),
        Column(say("Limit"), 14, right=True),
        Column(say("Value"), 22, right=True),
        Column(say("Scale"), 16),
        Column(say("Margin"), 17, right=True),
        Column(say("Verdict"), 27),
    )
    again = say("{title}, continued", title=title)
    return Table(columns, [_row(entry, words) for entry in section.rows], continued=again)


def section_title(report: CourseReport, section: DoseSection, words: Words) -> str:
    """Name a dose: a plan's, or a sum's."""
    plan = plan_of(report, section.key)
    if plan is not None:
        return words.say("Plan {label}", label=name(plan.label))
    if section.key == ScopeKind.SUM_EQD2:
        return words.say("Sum of the plans, EQD2")
    return words.say("Sum of the plans, physical dose")


def value_cell(row: ResultRow, words: Words, *, strong: bool = True) -> Cell:
    """Give a row's value with its uncertainty, or its bounds where part lies outside the dose grid."""
    goals = (row.ideal, row.limit)
    low, high = row.if_uncovered_zero, row.if_uncovered_max
    if row.value is not None:
        text = f"{shown(row.value, row.unit, goals)} {row.unit}".strip()
        return Cell(text, (spread(row.uncertainty, row.unit),) if row.uncertainty is not None else (), strong)
    if low is None or high is None:
        return Cell(NOTHING)
    bounds = words.say("{low} to {high}", low=shown(low, row.unit, goals), high=shown(high, row.unit, goals))
    return Cell(f"{bounds} {row.unit}".strip(), strong=strong)


def _row(entry: ShownRow, words: Words) -> Row:
    row = entry.row
    mark = verdict_mark(row.verdict, words)
    cells = (
        Cell(str(row.number)),
        Cell(row.structure, tuple(_site_names(row, words)), strong=True),
        Cell(row.metric, tuple(_metric_lines(row, words))),
        Cell(threshold(row.relation, row.ideal, row.unit)),
        Cell(threshold(row.relation, row.limit, row.unit)),
        value_cell(row, words),
        Cell(gauge=entry.gauge),
        Cell(_margin(row)),
        Cell(mark.word, mark=mark, flag=words.say("borderline") if row.borderline else ""),
    )
    return Row(cells, tint(mark.shape), words.sentence(row.reason))


def _margin(row: ResultRow) -> str:
    text = signed(row.margin, row.unit)
    return text if row.margin is None else f"{text} {row.unit}".strip()


def _site_names(row: ResultRow, words: Words) -> Iterator[str]:
    if row.site_structures:
        yield words.say("in the files: {names}", names=names(row.site_structures))
    else:
        yield words.say("not in the files")


def _metric_lines(row: ResultRow, words: Words) -> Iterator[str]:
    facts = [name(words.sentence(row.scope))]
    if row.alpha_beta_gy is not None and "α/β" not in row.scope:
        facts.insert(1, f"α/β {plain(row.alpha_beta_gy)} Gy")
    if row.requirement is Requirement.IF_PRESENT:
        facts.append(words.word(row.requirement).lower())
    if row.assumed:
        facts.append(words.say("assumed"))
    yield " · ".join(facts)


def _attention_row(row: ResultRow, words: Words) -> Row:
    mark = verdict_mark(row.verdict, words)
    cells = (
        Cell(str(row.number)),
        Cell(name(row.counts_as), (row.metric,), strong=True),
        Cell(name(words.sentence(row.scope))),
        value_cell(row, words),
        Cell(threshold(row.relation, row.limit, row.unit)),
        Cell(mark.word, mark=mark, flag=words.say("borderline") if row.borderline else ""),
        Cell(words.sentence(row.reason)),
    )
    return Row(cells, tint(mark.shape))


def _attention_check(plan: PlanReport, check: PlanCheckResult, words: Words) -> Row:
    mark = check_mark(check, words)
    cells = (
        Cell(),
        Cell(words.sentence(check.label), strong=True),
        Cell(words.say("Plan {label}", label=name(plan.label))),
        Cell(_short(words.sentence(check.found))),
        Cell(_short(words.sentence(check.expected))),
        Cell(mark.word, mark=mark),
        Cell(words.sentence(check.message)),
    )
    return Row(cells, tint(mark.shape))


def _short(text: str) -> str:
    return text if len(text) < _SHORT else ""
