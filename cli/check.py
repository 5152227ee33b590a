"""`dosegate check`: judge a course by a protocol."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.arguments import STANDARD_OUTPUT
from cli.errors import CommandError, RefusalCode, with_refusal
from cli.inputs import existing_paths, scratch_folder
from cli.output import check_writable, put_on_standard_output, say, show, write_whole
from cli.progress import StageLog

if TYPE_CHECKING:
    from trial_core.domain.protocol import Protocol
    from trial_core.domain.report import CourseReport

ACCEPTED, NOT_ACCEPTED, UNUSABLE = 0, 1, 2


def run(arguments: Namespace) -> int:
    """Check, write what was asked for, and give the exit status."""
    _check_outputs(arguments)
    paths = existing_paths(arguments.paths)
    report = _check(paths, _protocol(arguments.protocol))
    why_unusable = _why_unusable(report)
    _write(arguments, report, why_unusable)
    if why_unusable:
        say(f"dosegate: {why_unusable}")
        return UNUSABLE
    return NOT_ACCEPTED if report.has_unacceptable_or_not_evaluable else ACCEPTED


def _check(paths: list[Path], protocol: Protocol) -> CourseReport:
    from workers.pipelines.plan_check import check_paths  # the dose engine takes a second to load

    log = StageLog()
    with scratch_folder() as scratch:
        return check_paths(paths, protocol, scratch, log.note)


def _why_unusable(report: CourseReport) -> str | None:
    from workers.usability import why_unusable

    return why_unusable(report)


def _protocol(name: str | None) -> Protocol:
    from trial_core.protocols.errors import ProtocolError, ProtocolNotFoundError
    from trial_core.protocols.reader import read_protocol

    try:
        return read_protocol(name) if name is not None else read_protocol()
    except ProtocolNotFoundError as problem:
        raise CommandError(f"--protocol: {problem}", code=RefusalCode.PROTOCOL_UNKNOWN) from problem
    except ProtocolError as problem:
        raise CommandError(f"--protocol: {problem}", code=RefusalCode.PROTOCOL_INVALID) from problem


def _check_outputs(arguments: Namespace) -> None:
    if arguments.json and arguments.json != STANDARD_OUTPUT:
        check_writable(Path(arguments.json), "--json")
    if arguments.html:
        check_writable(Path(arguments.html), "--html")
    if arguments.pdf:
        check_writable(Path(arguments.pdf), "--pdf")


def _write(arguments: Namespace, report: CourseReport, why_unusable: str | None) -> None:
    if arguments.html:
        write_whole(Path(arguments.html), _html(report), "--html")
    if arguments.pdf:
        write_whole(Path(arguments.pdf), _pdf(report), "--pdf")
    if arguments.json == STANDARD_OUTPUT:
        put_on_standard_output(_json(report, why_unusable))
        return
    if arguments.json:
        write_whole(Path(arguments.json), _json(report, why_unusable), "--json")
    if why_unusable:
        _print_findings(report)
    else:
        print_verdicts(report)


def print_verdicts(report: CourseReport) -> None:
    """Print the verdict table on standard output."""
    from cli.table import wants_colour
    from cli.verdict_table import verdict_lines

    show(verdict_lines(report, colour=wants_colour(sys.stdout)))


def _print_findings(report: CourseReport) -> None:
    from cli.table import wants_colour
    from cli.verdict_table import finding_lines

    show(finding_lines(report.findings, colour=wants_colour(sys.stdout)))


def _json(report: CourseReport, why_unusable: str | None) -> bytes:
    from trial_core.domain.report_json import report_to_dict, report_to_json

    if why_unusable is None:
        return report_to_json(report)
    findings = with_refusal(report.findings, why_unusable, RefusalCode.INPUT_UNUSABLE)
    document = {**report_to_dict(report), "findings": findings, "error": why_unusable}
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8")


def _html(report: CourseReport) -> bytes:
    from workers.reports.html import render_html

    return render_html(report).encode("utf-8")


def _pdf(report: CourseReport) -> bytes:
    from workers.reports.pdf.render import render_pdf

    return render_pdf(report)
