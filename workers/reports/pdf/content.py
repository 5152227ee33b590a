"""The printed report as plain data for its template: the order of its parts, every word said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import escape
from typing import Any

from trial_core.domain.report import CourseReport
from trial_core.domain.reservations import reservations
from workers.reports.pdf.criteria import attention_table, criteria_table, section_title
from workers.reports.pdf.marks import tally, verdict_mark
from workers.reports.pdf.parts import Fact, Table, name
from workers.reports.pdf.record import Record, bands, signed_boxes, standing_box, submission_facts
from workers.reports.pdf.tables import (
    by_kind,
    delivery_table,
    files_table,
    findings_table,
    open_points_table,
    plan_box,
    plan_tables,
    structures_table,
    sums_table,
)
from workers.reports.pdf.words import Words
from workers.reports.sections import DoseSection, attention, dose_sections

_SEVERITIES = ("error", "warning", "info")


def printed(
    report: CourseReport, record: Record | None, words: Words, *, report_sha256: str
) -> dict[str, Any]:
    """Give everything that the template lays out, in the order in which it stands on paper."""
    return {
        "lang": words.tag,
        "title": _title(report, record, words),
        "date": _date(record),
        "running": _running(report, record, words, report_sha256),
        "bands": bands(record, words),
        "protocol": {"id": report.protocol.id, "title": words.sentence(report.protocol.title)},
        "verdict": _verdict(report, record, words),
        "plans": [plan_box(plan, words) for plan in report.plans],
        "parts": list(_parts(report, record, words, report_sha256)),
    }


def _title(report: CourseReport, record: Record | None, words: Words) -> str:
    about = (
        report.protocol.id if record is None else f"{report.protocol.id}, {record.view.summary.subject_code}"
    )
    return words.say("Constraint report, {about}", about=about)


def _date(record: Record | None) -> list[int] | None:
    """Give the moment of the check: the document's own date, for the clock's would make other bytes."""
    result = None if record is None or record.signed is None else record.signed.state.result
    at = None if result is None else result.created_at
    return None if at is None else [at.year, at.month, at.day, at.hour, at.minute, at.second]


def _running(report: CourseReport, record: Record | None, words: Words, report_sha256: str) -> dict[str, str]:
    """Give what stands on every page: whose and which version above, the code and the page below."""
    say = words.say
    if record is None:
        whose, code = "", say("Report {sha256}", sha256=report_sha256[:32])
    else:
        summary = record.view.summary
        whose = say(
            "Subject {code}, site {site}, version {version}",
            code=summary.subject_code,
            site=summary.site_code,
            version=summary.version,
        )
        code = say("Submission {id}", id=summary.submission_id)
    protocol = say("{id}, version {version}", id=report.protocol.id, version=report.protocol.version)
    return {
        "what": say("Constraint report"),
        "whose": whose,
        "code": code,
        "protocol": protocol,
        "page": say("Page {page} of {pages}"),
    }


def _verdict(report: CourseReport, record: Record | None, words: Words) -> dict[str, Any]:
    say = words.say
    return {
        "label": say("Verdict of the course"),
        "mark": verdict_mark(report.verdict, words),
        "reasons": tuple(map(words.sentence, report.reasons)),
        "tally": tally((item.verdict for item in report.counted), words),
        "counted": say(
            "Counted once each: structure and metric at its worst over plan, physical sum and EQD2 sum, "
            "and each plan check that did not pass and weighs."
        ),
        "standing": standing_box(record, words),
    }


def _parts(
    report: CourseReport, record: Record | None, words: Words, report_sha256: str
) -> Iterator[dict[str, Any]]:
    say = words.say
    yield _attention(report, words)
    for number, section in enumerate(dose_sections(report)):
        yield _dose(report, section, words, is_first=number == 0)
    tables = [table for plan in report.plans for table in plan_tables(plan, words)]
    yield from _with_tables(say("Plans"), tables, words)
    if report.delivery:
        yield from _with_tables(say("Delivery"), [delivery_table(report, words)], words)
    if report.sums:
        yield from _with_tables(say("Sums"), [sums_table(report.sums, words)], words)
    if report.structures:
        yield from _with_tables(say("Structures"), [structures_table(report, words)], words)
    if report.open_items:
        yield from _with_tables(say("Open points"), [open_points_table(report, words)], words)
    yield _findings(report, record, words)
    if record is not None:
        yield {"title": say("Reviews and decision"), "boxes": signed_boxes(report, record, words)}
    if report.protocol.assumed:
        yield {
            "title": say("Assumed settings"),
            "listed": tuple(map(words.sentence, report.protocol.assumed)),
        }
    yield _provenance(report, record, words, report_sha256)


def _attention(report: CourseReport, words: Words) -> dict[str, Any]:
    say, found, reserved = words.say, attention(report), reservations(report)
    notices = [words.sentence(f"{each.kind.capitalize()}: {each.words}") for each in reserved]
    if report.protocol.assumed:
        count = len(report.protocol.assumed)
        notices.append(
            say(
                "{n} settings of this protocol file are assumed: the sponsor has not published them. "
                "Criteria and checks that rest on them say “assumed”.",
                n=count,
            )
        )
    part: dict[str, Any] = {"title": say("Needs attention"), "notices": notices}
    if found.rows or found.checks:
        return {**part, "tables": [_continued(attention_table(found, words), part["title"], words)]}
    if not report.results:
        return {**part, "text": say("No criterion could be applied.")}
    if reserved:
        calm = say("Nothing else does: each criterion that could be judged is met, and none is borderline.")
    else:
        calm = say("Nothing does: each criterion is met, none is borderline, and no check of a plan failed.")
    return {**part, "text": calm}


def _dose(report: CourseReport, section: DoseSection, words: Words, *, is_first: bool) -> dict[str, Any]:
    say, title = words.say, section_title(report, section, words)
    how = say(
        "Unrounded values are judged; a value equal to a threshold meets it. The scale shows the band "
        "per protocol (green), of an acceptable variation (amber), the limit as a line, and the value "
        "as a diamond."
    )
    goals = say(
        "Triangles: thresholds that are points of a curve, filled for limits and open for ideals; "
        "those pointing left are to be passed on their left, those pointing right on their right."
    )
    return {
        "title": title,
        "flag": say("needs review") if section.needs_review else "",
        "text": how if is_first else "",
        "tables": [criteria_table(section, title, words)] if section.rows else [],
        "svg": _axes_said(section.svg, words),
        "alt": say("Cumulative dose-volume histograms, {dose}", dose=title),
        "legend": [{"name": name(entry.name), "stroke": entry.stroke} for entry in section.legend],
        "remark": goals if section.has_goals else "",
    }


def _axes_said(svg: str, words: Words) -> str:
    """Name the axes in the reader's language: the drawing is one for all, and its texts are ours."""
    said = {"Volume (%)": words.say("Volume (%)"), "Dose (Gy)": words.say("Dose (Gy)")}
    for english, label in said.items():
        svg = svg.replace(f">{english}<", f">{escape(label)}<")
    return svg


def _findings(report: CourseReport, record: Record | None, words: Words) -> dict[str, Any]:
    on_record = () if record is None else tuple(each.as_mapping() for each in record.view.findings)
    found = sorted((*on_record, *report.findings), key=_rank)
    title = words.say("Findings")
    if not found:
        return {"title": title, "text": words.say("None.")}
    return {"title": title, "tables": [_continued(findings_table(found, words), title, words)]}


def _rank(finding: Mapping[str, Any]) -> int:
    severity = finding.get("severity")
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else 0


def _provenance(
    report: CourseReport, record: Record | None, words: Words, report_sha256: str
) -> dict[str, Any]:
    say = words.say
    used = sum(file.used for file in report.inputs)
    protocol = say("{id}, version {version}", id=report.protocol.id, version=report.protocol.version)
    facts = [
        *([] if record is None else submission_facts(record, words)),
        Fact(say("Protocol"), protocol),
        Fact(say("Protocol file (SHA-256)"), report.protocol.sha256, mono=True),
        Fact(say("Report (SHA-256)"), report_sha256, mono=True),
        Fact(say("Program"), f"Dosegate {report.code_version}"),
        Fact(say("Files"), say("{n} handed over, {used} used", n=len(report.inputs), used=used)),
    ]
    closing = say(
        "The same record, files, protocol and program give this document again, byte for byte. "
        "Names and birth dates of patients are shown nowhere. This is a check of planned dose against a "
        "protocol; it is no release for treatment."
    )
    files = _continued(files_table(by_kind(report.inputs), words), say("Files"), words)
    return {"title": say("Provenance"), "facts": facts, "tables": [files], "closing": closing}


def _with_tables(title: str, tables: list[Table], words: Words) -> Iterator[dict[str, Any]]:
    if tables:
        yield {"title": title, "tables": [_continued(each, title, words) for each in tables]}


def _continued(table: Table, title: str, words: Words) -> Table:
    """Let a table say on its later pages to which heading it belongs."""
    return table if table.title else replace(table, continued=words.say("{title}, continued", title=title))
