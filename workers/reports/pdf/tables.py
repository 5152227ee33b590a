"""Tables of the printed report beside the criteria: plans, delivery, sums, structures, findings, files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from trial_core.domain.gathered_findings import Gathered, gathered
from trial_core.domain.report import (
    CourseReport,
    DeliveryFact,
    InputFile,
    OpenItem,
    PlanCheckResult,
    PlanReport,
    SumReport,
)
from trial_core.domain.rounding import NOTHING, file_size, plain, shown
from workers.reports.pdf.marks import check_mark, severity_mark, verdict_mark
from workers.reports.pdf.parts import Box, Cell, Column, Fact, Row, Table, name, names, tint
from workers.reports.pdf.words import Words
from workers.reports.sections import plan_of


def plan_box(plan: PlanReport, words: Words) -> Box:
    """Give a plan's verdict and what it is."""
    say = words.say
    fractions = say(
        "{dose} Gy in {share} of {of} fractions, {each} Gy each",
        dose=plain(plan.prescription_gy),
        share=_count(plan.share_fractions),
        of=_count(plan.regimen_fractions),
        each=plain(plan.dose_per_fraction_gy),
    )
    planned = say("not known") if plan.planned_fractions is None else str(plan.planned_fractions)
    facts = (
        Fact(say("Regimen"), words.sentence(plan.regimen_label) or say("none of the protocol's regimens")),
        Fact(say("Prescribed"), fractions),
        Fact(say("Fractions planned"), planned),
        Fact(
            say("Technique"),
            ", ".join(filter(None, map(_named, (plan.technique, plan.energy, plan.machine)))) or NOTHING,
        ),
        Fact(say("Approval"), plan.approval or NOTHING),
        Fact(say("Dose from"), plan.dose_summation or say("no usable dose")),
    )
    return Box(
        name(plan.label), verdict_mark(plan.verdict, words), facts, tuple(map(words.sentence, plan.reasons))
    )


def plan_tables(plan: PlanReport, words: Words) -> Iterator[Table]:
    """Give a plan's checks, targets and indices."""
    title = words.say("Plan {label}", label=name(plan.label))
    if plan.checks and all(check.assumed for check in plan.checks):
        yield _checks(
            plan.checks,
            words.say("{plan}: checks, each with an assumed expectation", plan=title),
            words,
            mark_assumed=False,
        )
    elif plan.checks:
        yield _checks(plan.checks, words.say("{plan}: checks", plan=title), words, mark_assumed=True)
    if plan.targets:
        yield _targets(plan, words.say("{plan}: targets", plan=title), words)
    if plan.indices:
        yield _indices(
            plan, words.say("{plan}: beside the criteria; no verdict rests on these", plan=title), words
        )


def delivery_table(report: CourseReport, words: Words) -> Table:
    """List the fractions that the files' treatment records show."""
    say = words.say
    columns = (
        Column(say("Plan"), 50),
        Column(say("Planned"), 20, right=True),
        Column(say("Delivered"), 20, right=True),
        Column(say("Partial"), 20, right=True),
        Column(say("Dose delivered"), 26, right=True),
        Column(say("Remark"), 50),
    )
    return Table(columns, [_delivered(report, fact, words) for fact in report.delivery])


def sums_table(sums: Iterable[SumReport], words: Words) -> Table:
    """List which plans were added, with what weight, and how each was placed."""
    say = words.say
    columns = (
        Column(say("Sum"), 36),
        Column(say("Plan"), 40),
        Column(say("Fractions"), 18, right=True),
        Column(say("Weight"), 16, right=True),
        Column(say("Placed by"), 40),
        Column(say("Remark"), 36),
    )
    return Table(columns, [row for each in sums for row in _sum_rows(each, words)])


def structures_table(report: CourseReport, words: Words) -> Table:
    """List the protocol's structures as they were found."""
    say = words.say
    columns = (
        Column(say("Protocol"), 34),
        Column(say("In the files"), 50),
        Column(say("Dose"), 34),
        Column(say("Status"), 24),
        Column(say("Volume"), 20, right=True),
        Column(say("Outside the dose grid"), 24, right=True),
    )
    rows = [
        Row(
            (
                Cell(part.name, strong=True),
                Cell(names(part.site_names) or NOTHING),
                Cell(name(words.sentence(part.scope))),
                Cell(words.word(part.status)),
                Cell(_with_unit(part.volume_cc, "cc")),
                Cell(_with_unit(part.uncovered_cc, "cc")),
            )
        )
        for part in report.structures
    ]
    return Table(columns, rows)


def findings_table(findings: Iterable[Mapping[str, Any]], words: Words) -> Table:
    """List findings, as they come."""
    say = words.say
    columns = (
        Column(say("Severity"), 20),
        Column(say("What happened"), 72),
        Column(say("Where"), 40),
        Column(say("What to do"), 54),
    )
    return Table(columns, [_finding(each, words) for each in gathered(findings)])


def open_points_table(report: CourseReport, words: Words) -> Table:
    """List what the check left to a person, with what was said to it."""
    say = words.say
    columns = (
        Column(say("Plan"), 34),
        Column(say("Asked for"), 38),
        Column(say("The check found"), 62),
        Column(say("Said to it"), 52),
    )
    return Table(columns, [_open_point(report, item, words) for item in report.open_items])


def files_table(files: Iterable[InputFile], words: Words) -> Table:
    """List the files that were handed over, each with its SHA-256."""
    say = words.say
    columns = (
        Column(say("File"), 58),
        Column(say("Kind"), 28),
        Column(say("Size"), 15, right=True),
        Column("SHA-256", 85),
    )
    return Table(columns, [_file(file, words) for file in files], dense=True)


def _checks(checks: Iterable[PlanCheckResult], title: str, words: Words, *, mark_assumed: bool) -> Table:
    say = words.say
    columns = (
        Column(say("Check"), 48),
        Column(say("Expected"), 32),
        Column(say("Found"), 32),
        Column(say("Outcome"), 32),
        Column(say("Remark"), 42),
    )
    rows = []
    for check in checks:
        mark = check_mark(check, words)
        cells = (
            Cell(words.sentence(check.label), (say("assumed"),) if mark_assumed and check.assumed else ()),
            Cell(words.sentence(check.expected) or NOTHING),
            Cell(words.sentence(check.found) or NOTHING),
            Cell(mark.word, mark=mark),
            Cell(words.sentence(check.message)),
        )
        rows.append(Row(cells, tint(mark.shape)))
    return Table(columns, rows, title)


def _targets(plan: PlanReport, title: str, words: Words) -> Table:
    say = words.say
    columns = (
        Column(say("Target"), 34),
        Column(say("In the files"), 40),
        Column(say("Protocol's prescription"), 28, right=True),
        Column(say("Plan's own"), 22, right=True),
        Column(say("Median dose"), 22, right=True),
        Column(say("Plausible"), 40),
    )
    no = say("no: every criterion of this plan waits for an explanation")
    rows = [
        Row(
            (
                Cell(target.name, strong=True),
                Cell(name(target.site_structure) or NOTHING),
                Cell(f"{plain(target.prescription_gy)} Gy"),
                Cell(f"{plain(target.plan_prescription_gy)} Gy"),
                Cell(_with_unit(target.median_gy, "Gy")),
                Cell(say("yes") if target.plausible else no, strong=not target.plausible),
            ),
            tint="" if target.plausible else "unknown",
        )
        for target in plan.targets
    ]
    return Table(columns, rows, title)


def _indices(plan: PlanReport, title: str, words: Words) -> Table:
    say = words.say
    columns = (
        Column(say("Index"), 56),
        Column(say("Structure"), 50),
        Column(say("Value"), 26, right=True),
        Column(say("Remark"), 54),
    )
    rows = [
        Row(
            (
                Cell(words.sentence(index.label)),
                Cell(name(index.structure)),
                Cell(_with_unit(index.value, index.unit)),
                Cell(words.sentence(index.reason)),
            )
        )
        for index in plan.indices
    ]
    return Table(columns, rows, title)


def _delivered(report: CourseReport, fact: DeliveryFact, words: Words) -> Row:
    plan = plan_of(report, fact.plan_key)
    cells = (
        Cell(NOTHING if plan is None else name(plan.label), strong=True),
        Cell(_count(fact.planned_fractions)),
        Cell(str(fact.delivered_fractions)),
        Cell(str(fact.partial_fractions)),
        Cell(_with_unit(fact.delivered_gy, "Gy")),
        Cell(words.sentence(fact.message)),
    )
    return Row(cells)


def _sum_rows(one: SumReport, words: Words) -> Iterator[Row]:
    say = words.say
    physical = one.alpha_beta_gy is None
    title = say("Physical dose") if physical else f"EQD2, α/β {plain(one.alpha_beta_gy)} Gy"
    if not one.layers:
        yield Row(
            (Cell(title, strong=True), *(Cell(NOTHING) for _ in range(4)), Cell(words.sentence(one.reason))),
            "unknown",
        )
    for layer in one.layers:
        flag = say("needs review") if layer.needs_review else ""
        cells = (
            Cell(title, strong=True),
            Cell(name(layer.label)),
            Cell(_count(layer.fractions)),
            Cell(plain(layer.weight)),
            Cell(name(words.sentence(layer.placed_by))),
            Cell("" if one.evaluable else words.sentence(one.reason), flag=flag),
        )
        yield Row(cells, "variation" if layer.needs_review else "")


def _open_point(report: CourseReport, item: OpenItem, words: Words) -> Row:
    plan = plan_of(report, item.plan_key)
    nobody = Cell(words.say("Nobody has spoken to it yet: until then it is not judged."), strong=True)
    cells = (
        Cell(NOTHING if plan is None else name(plan.label), strong=True),
        Cell(words.word(item.kind)),
        Cell(words.sentence(item.words)),
        Cell(f"{item.said_by}: {item.said}") if item.said else nobody,
    )
    return Row(cells, "" if item.said else "unknown")


def _finding(each: Gathered, words: Words) -> Row:
    finding = each.finding
    mark = severity_mark(str(finding.get("severity") or ""), words)
    where = [str(finding[key]) for key in ("file", "element", "structure") if finding.get(key)]
    others = (words.say("and {n} other files, each", n=each.others),) if each.others else ()
    cells = (
        Cell(mark.word, mark=mark),
        Cell(words.sentence(str(finding.get("message") or "")), (str(finding.get("code") or ""),)),
        Cell(" · ".join(map(name, where)) or NOTHING, others),
        Cell(words.sentence(str(finding.get("action") or NOTHING))),
    )
    return Row(cells)


def _file(file: InputFile, words: Words) -> Row:
    unused = () if file.used else (words.say("not used: {reason}", reason=words.sentence(file.reason)),)
    cells = (
        Cell(name(file.name), unused),
        Cell(file.kind or NOTHING),
        Cell(file_size(file.size_bytes)),
        Cell(file.sha256, mono=True),
    )
    return Row(cells)


def _with_unit(value: float | None, unit: str) -> str:
    return NOTHING if value is None else f"{shown(value, unit)} {unit}".strip()


def _count(number: int | None) -> str:
    return NOTHING if number is None else str(number)


def _named(text: str | None) -> str:
    return name(text or "")


def by_kind(files: Sequence[InputFile]) -> list[InputFile]:
    """Sort files: images last, for they are many, and looked at least."""
    return sorted(files, key=lambda file: (file.kind.lower() == "ct", file.kind, file.name))
