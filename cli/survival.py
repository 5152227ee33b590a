"""`dosegate survival`: survival by group from a CSV file, without study or database."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.arguments import STANDARD_OUTPUT
from cli.errors import CommandError, Finding
from cli.output import check_writable, put_on_standard_output, say, show, to_json, write_whole
from cli.survival_csv import FollowUpRows, SurvivalColumns, read_survival_csv

if TYPE_CHECKING:
    from trial_core.statistics.survival import SurvivalAnalysis


def run(arguments: Namespace) -> int:
    """Analyse and show; 0 once there is a result, whatever it says."""
    if arguments.json and arguments.json != STANDARD_OUTPUT:
        check_writable(Path(arguments.json), "--json")
    strata = tuple(arguments.strata or ())
    columns = SurvivalColumns(arguments.duration, arguments.event, arguments.group, strata)
    rows = read_survival_csv(arguments.file, columns)
    _check_reference(arguments.reference, rows, columns)
    analysis = _analysis(rows, arguments)
    findings = list(_findings(rows, arguments, analysis))
    _put(analysis, findings, arguments)
    return 0


def _check_reference(reference: str | None, rows: FollowUpRows, columns: SurvivalColumns) -> None:
    if reference is not None and reference not in rows.groups:
        known = ", ".join(repr(key) for key in sorted(set(rows.groups)))
        raise CommandError(
            f"--reference {reference!r}: column {columns.group!r} has no such group. Its groups are {known}."
        )


def _analysis(rows: FollowUpRows, arguments: Namespace) -> SurvivalAnalysis:
    import numpy as np  # keeps `--help` and refusals quick

    from trial_core.statistics.follow_up import follow_up
    from trial_core.statistics.survival import analyse_survival, survival_data

    followed = follow_up(np.array(rows.durations), np.array(rows.events))
    return analyse_survival(
        survival_data(followed, rows.groups, rows.strata),
        reference=arguments.reference,
        tau_days=arguments.tau,
        landmark_days=tuple(dict.fromkeys(arguments.at or ())),
    )


def _put(analysis: SurvivalAnalysis, findings: list[Finding], arguments: Namespace) -> None:
    from trial_core.statistics.survival_json import survival_to_json

    document: Mapping[str, Any] = {**survival_to_json(analysis), "findings": findings}
    if arguments.json == STANDARD_OUTPUT:
        put_on_standard_output(to_json(document))
    elif arguments.json:
        write_whole(Path(arguments.json), to_json(document), "--json")
    else:
        _print(document)


def _print(document: Mapping[str, Any]) -> None:
    from cli.survival_table import survival_lines
    from cli.table import wants_colour
    from cli.verdict_table import finding_lines

    show(survival_lines(document, colour=wants_colour(sys.stdout)))
    for line in finding_lines(document["findings"], colour=wants_colour(sys.stderr)):
        say(line)


def _findings(rows: FollowUpRows, arguments: Namespace, analysis: SurvivalAnalysis) -> Iterator[Finding]:
    from trial_core.statistics.survival_remarks import remarks

    if rows.without_group:
        lines = ", ".join(map(str, rows.without_group[:10])) + (
            ", ..." if len(rows.without_group) > 10 else ""
        )
        yield _finding(
            "group-missing",
            f"Rows without a group in column {arguments.group!r} were left out: {len(rows.without_group)} "
            f"(line {lines}).",
        )
    if arguments.reference is None and _is_sorted_unlike_numbers(analysis.data.keys):
        first = ", ".join(map(repr, analysis.data.keys))
        yield _finding(
            "reference-by-text", f"Groups are sorted as text: {first}. Choose with --reference.", "info"
        )
    if rows.durations != tuple(float(day) for day in analysis.data.follow_up.times_days):
        yield _finding("times-joined", "Times that differ by rounding only count as one.", "info")
    for remark in remarks(analysis):
        yield _finding(remark.code, remark.message, "warning" if remark.grave else "info")


def _is_sorted_unlike_numbers(keys: Sequence[str]) -> bool:
    """Tell whether groups are whole numbers whose order as text, such as 10, 9, is another."""
    if not all(key.isdecimal() for key in keys):
        return False
    numbers = [int(key) for key in keys]
    return numbers != sorted(numbers)


def _finding(code: str, message: str, severity: str = "warning") -> Finding:
    return {
        "code": str(code),
        "severity": severity,
        "file": None,
        "element": None,
        "structure": None,
        "message": message,
        "action": None,
    }
