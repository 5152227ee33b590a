"""`dosegate gamma`: the gamma index of one RT Dose file against another."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.arguments import STANDARD_OUTPUT
from cli.errors import CommandError, RefusalCode
from cli.inputs import existing_paths
from cli.output import check_writable, put_on_standard_output, say, show, to_json, write_whole

if TYPE_CHECKING:
    from workers.pipelines.gamma import ComparedDoses


def run(arguments: Namespace) -> int:
    """Compare and show; 0 once there is a result, whatever it says."""
    if arguments.json and arguments.json != STANDARD_OUTPUT:
        check_writable(Path(arguments.json), "--json")
    compared = _compare(arguments)
    _say_what_to_know(compared, arguments.max_gamma)
    document = to_json(compared.as_json())
    if arguments.json == STANDARD_OUTPUT:
        put_on_standard_output(document)
    elif arguments.json:
        write_whole(Path(arguments.json), document, "--json")
    else:
        show(_lines(compared))
    return 0


def _compare(arguments: Namespace) -> ComparedDoses:
    reference, evaluation = existing_paths([arguments.reference, arguments.evaluation])
    from dosimetry.gamma.gamma_index import GammaCriteria  # keeps `--help` and refusals quick
    from imaging.errors import RefusedError
    from workers.pipelines.gamma import compare_doses

    criteria = GammaCriteria(
        dose_percent=arguments.dose_percent,
        distance_mm=arguments.distance_mm,
        is_local=arguments.local,
        cutoff_percent=arguments.cutoff_percent,
        max_gamma=arguments.max_gamma,
    )
    try:
        return compare_doses(reference, evaluation, criteria)
    except RefusedError as refusal:
        found = refusal.finding
        said = " ".join(part for part in (f"{found.file}:", found.message, found.action) if part)
        raise CommandError(said, [found.as_json()], code=RefusalCode.INPUT_UNUSABLE) from refusal


def _say_what_to_know(compared: ComparedDoses, max_gamma: float) -> None:
    from cli.table import wants_colour
    from cli.verdict_table import finding_lines

    findings = [finding.as_json() for finding in compared.findings]
    for line in finding_lines(findings, colour=wants_colour(sys.stderr)):
        say(line)
    result = compared.result
    if not result.points:
        say("No point was evaluated: the reference dose is 0 Gy everywhere. There is no pass rate.")
    if result.outside:
        say(
            f"{result.outside} of {result.points} points lie outside the evaluation dose grid; those with no "
            f"evaluation dose within reach count as gamma {max_gamma:g}."
        )


def _lines(compared: ComparedDoses) -> list[str]:
    from trial_core.domain.rounding import shown

    result = compared.result
    return [
        f"pass rate   {shown(result.pass_rate_percent, '%', (100.0,))} %",
        f"points      {result.points}",
        f"mean gamma  {shown(result.mean_gamma)}",
    ]
