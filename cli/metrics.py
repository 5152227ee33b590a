"""`dosegate metrics`: dose metrics of any RTSTRUCT and RTDOSE, without study or database."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.arguments import STANDARD_OUTPUT
from cli.errors import CommandError, RefusalCode
from cli.inputs import existing_paths, scratch_folder
from cli.output import check_writable, put_on_standard_output, say, show, to_json, write_whole


def run(arguments: Namespace) -> int:
    """Compute and show the metrics; 0 once there is a result, whatever it found."""
    if arguments.json and arguments.json != STANDARD_OUTPUT:
        check_writable(Path(arguments.json), "--json")
    _check_expressions(arguments.metric)
    result = _compute(existing_paths(arguments.paths), arguments)
    if arguments.json == STANDARD_OUTPUT:
        put_on_standard_output(to_json(result))
    elif arguments.json:
        write_whole(Path(arguments.json), to_json(result), "--json")
    else:
        _print_table(result, arguments.metric)
    return 0


def _check_expressions(metrics: Sequence[str]) -> None:
    from dosimetry.errors import ExpressionError  # keeps `--help` free of numpy
    from dosimetry.expressions import parse_metric

    for metric in metrics:
        try:
            parse_metric(metric)
        except ExpressionError as problem:
            raise CommandError(f"--metric: {problem}", code=RefusalCode.METRIC_INVALID) from problem


def _compute(paths: Sequence[Path], arguments: Namespace) -> dict[str, Any]:
    from workers.pipelines.metrics import MetricsRefusedError, compute_metrics

    say("reading and measuring ...")
    with scratch_folder() as scratch:
        try:
            return compute_metrics(
                paths, arguments.structure or [], arguments.metric, arguments.prescription, scratch
            )
        except MetricsRefusedError as refusal:
            raise CommandError(str(refusal), refusal.findings, code=RefusalCode.INPUT_UNUSABLE) from refusal


def _print_table(result: Mapping[str, Any], metrics: Sequence[str]) -> None:
    from cli.table import Cell, Colour, lay_out, wants_colour
    from cli.verdict_table import finding_lines

    colour = wants_colour(sys.stdout)
    asked = list(dict.fromkeys(metrics))
    head = [
        Cell("structure", Colour.BOLD),
        *(Cell(name, Colour.BOLD, right=True) for name in ("volume cc", *asked)),
    ]
    rows = [
        [Cell(name), _number(found["volume_cc"]), *(_number(found["metrics"][metric]) for metric in asked)]
        for name, found in result["structures"].items()
    ]
    show(lay_out([head, *rows], colour=colour))
    for line in finding_lines(result["findings"], colour=wants_colour(sys.stderr)):
        say(line)


def _number(value: float | None) -> Any:
    from cli.table import Cell
    from trial_core.domain.rounding import shown

    return Cell(shown(value), right=True)
