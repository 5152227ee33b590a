"""The report of a checked course as one HTML file: no script, no link, the same bytes for the same report."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from trial_core.domain import rounding
from trial_core.domain.gathered_findings import gathered
from trial_core.domain.report import CourseReport, InputFile
from trial_core.domain.reservations import reservations
from workers.reports.marks import check_mark, severity_mark, tally, verdict_mark
from workers.reports.sections import attention, dose_sections, plan_of

TEMPLATES = Path(__file__).parent / "templates"
_SEVERITIES = ("error", "warning", "info")


def render_html(report: CourseReport, *, record: Sequence[str] = ()) -> str:
    """Return the report as a self-contained HTML document.

    Everything that comes from files (names of structures, plans and files, findings) is escaped. Nothing in
    the document depends on a clock, a path or chance. `record`: what a patient's record says of the report,
    sentence by sentence; it stands above the verdict.
    """
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            record=record,
            sections=dose_sections(report),
            attention=attention(report),
            reservations=reservations(report),
            tally=tally(item.verdict for item in report.counted),
            findings=_worst_first(report.findings),
            gathered=gathered(_worst_first(report.findings)),
            inputs=sorted(report.inputs, key=_input_order),
            plan_of=lambda key: plan_of(report, key),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., Any]] = {
        "shown": rounding.shown,
        "plain": rounding.plain,
        "spread": rounding.spread,
        "threshold": rounding.threshold,
        "signed": rounding.signed,
        "file_size": rounding.file_size,
        "verdict": verdict_mark,
        "check": check_mark,
        "severity": severity_mark,
    }
    environment.filters.update(filters)
    return environment


def _worst_first(findings: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sort by severity; within one, the order of the report stays."""

    def rank(finding: Mapping[str, Any]) -> int:
        severity = finding.get("severity")
        return _SEVERITIES.index(severity) if severity in _SEVERITIES else 0

    return sorted(findings, key=rank)


def _input_order(file: InputFile) -> tuple[bool, str, str]:
    """Images last: they are many, and looked at least."""
    return file.kind.lower() == "ct", file.kind, file.name
