"""`dosegate accumulate`: the sum of plans on one grid, written as RTDOSE."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.arguments import STANDARD_OUTPUT
from cli.errors import CommandError, RefusalCode
from cli.inputs import existing_paths, scratch_folder
from cli.output import check_writable, put_on_standard_output, say, show, to_json, write_whole

if TYPE_CHECKING:
    from workers.pipelines.accumulate import AccumulatedDose
    from workers.pipelines.accumulation_request import AccumulationRequest


def run(arguments: Namespace) -> int:
    """Add, write and tell; 0 once there is a sum."""
    output = Path(arguments.output)
    check_writable(output, "--output")
    if arguments.json and arguments.json != STANDARD_OUTPUT:
        check_writable(Path(arguments.json), "--json")
    tissues = _tissues(arguments)
    found = _accumulate(existing_paths(arguments.paths), _request(arguments, tissues))
    write_whole(output, found.part10, "--output")
    _tell(arguments, {**found.summary, "output": {"file": output.name, **found.summary["output"]}})
    return 0


def _accumulate(paths: Sequence[Path], request: AccumulationRequest) -> AccumulatedDose:
    from workers.pipelines.accumulate import accumulate_paths  # the dose engine takes a second to load
    from workers.pipelines.accumulation_request import AccumulationRefusedError

    say("reading and adding ...")
    with scratch_folder() as scratch:
        try:
            return accumulate_paths(paths, request, scratch)
        except AccumulationRefusedError as refusal:
            raise CommandError(str(refusal), refusal.findings, code=RefusalCode.INPUT_UNUSABLE) from refusal


def _tissues(arguments: Namespace) -> dict[str | None, float]:
    """alpha/beta by name of structure, None for all others; empty for physical dose."""
    named: list[tuple[str | None, float]] = arguments.alpha_beta
    if arguments.physical == bool(named):
        raise CommandError(
            "Say what is added: --physical, or --alpha-beta G for EQD2 (--alpha-beta 3), one of the two."
        )
    tissues = dict(named)
    if len(tissues) < len(named):
        raise CommandError("--alpha-beta: a structure, or what holds for all others, is given twice.")
    if named and None not in tissues:
        raise CommandError(
            "--alpha-beta: say what holds outside the named structures, too, such as --alpha-beta 3."
        )
    return tissues


def _request(arguments: Namespace, tissues: Mapping[str | None, float]) -> AccumulationRequest:
    from dosimetry.accumulation.dose_sum import Uncovered
    from workers.pipelines.accumulation_request import AccumulationRequest, RegistrationSource

    fractions = dict(arguments.fractions)
    if len(fractions) < len(arguments.fractions):
        raise CommandError("--fractions: a plan is given twice.")
    if arguments.radar_within and arguments.radar_mm is None:
        raise CommandError("--radar-within: it restricts --radar-mm, which is not given.")
    return AccumulationRequest(
        alpha_beta_gy=tissues.get(None),
        tissues={name: ratio for name, ratio in tissues.items() if name is not None},
        fractions=fractions,
        as_delivered=arguments.delivered,
        base=arguments.base,
        grid_like=arguments.grid_like,
        spacing_mm=arguments.spacing_mm,
        registration=RegistrationSource(arguments.registration),
        radar_mm=arguments.radar_mm,
        radar_within=arguments.radar_within,
        uncovered=Uncovered.ZERO if arguments.uncovered == "zero" else Uncovered.HIGHEST_ON_FACE,
        bits=int(arguments.bits),
    )


def _tell(arguments: Namespace, summary: Mapping[str, Any]) -> None:
    if arguments.json == STANDARD_OUTPUT:
        put_on_standard_output(to_json(summary))
        return
    if arguments.json:
        write_whole(Path(arguments.json), to_json(summary), "--json")
    _print(summary)


def _print(summary: Mapping[str, Any]) -> None:
    from cli.table import wants_colour
    from cli.verdict_table import finding_lines

    show(_lines(summary))
    for line in finding_lines(summary["findings"], colour=wants_colour(sys.stderr)):
        say(line)


def _lines(summary: Mapping[str, Any]) -> list[str]:
    from cli.table import harmless
    from trial_core.domain.rounding import shown

    kind = "EQD2" if summary["alpha_beta_gy"] else "physical dose"
    lines = [f"{summary['output']['file']}: {kind} up to {shown(summary['maximum_gy'])} Gy"]
    for plan in summary["plans"]:
        counted, planned = plan["counted_fractions"], plan["planned_fractions"]
        part = "all of it" if counted is None else f"{counted:g} of {planned} fractions"
        uncovered = f"{shown(plan['uncovered_cc'])} cc of the grid not covered"
        lines.append(f"  {plan['label']}: {part}; {plan['placed_by']}; {uncovered}")
    if summary["needs_review"]:
        lines.append("  A registration needs review before this sum is relied on.")
    lines += [
        f"  NOT BORNE OUT: the registration of {plan['label']}: {plan['registration_doubt']}"
        for plan in summary["plans"]
        if plan["registration_doubt"]
    ]
    return [harmless(line) for line in lines]
