"""Gamma 3 %/2 mm of the real dose against itself, moved and noisy."""

from __future__ import annotations

from benchmarks.environments import environment, own_environment
from benchmarks.inputs import gamma_case
from benchmarks.report import SIDE_BY_SIDE, Section, number, problems, ratio, side_by_side
from benchmarks.running import Measurement, run_script

GOAL_TIMES = 20


def section(repeats: int) -> Section:
    """Measure us and pymedphys."""
    case = gamma_case()
    ours = run_script("dosegate", own_environment(), "ours/gamma.py", case, repeats=repeats)
    peer = run_script(
        "pymedphys 0.41", environment("pymedphys"), "peers/pymedphys_gamma.py", case, repeats=repeats
    )
    return Section(
        "Gamma",
        "3 %/2 mm, cut-off 10 %, of the real dose against itself 1 mm further along each axis with noise of "
        f"1 % of its maximum; files read before. Goal: {GOAL_TIMES} times as fast as pymedphys.",
        SIDE_BY_SIDE,
        side_by_side(ours, [peer]),
        (*_agreement(ours, peer), *problems([ours, peer])),
    )


def _agreement(ours: Measurement, peer: Measurement) -> tuple[str, ...]:
    if ours.problem or peer.problem:
        return ()
    rates = [each.result["pass_rate_percent"] for each in (ours, peer)]
    means = [each.result["mean_gamma"] for each in (ours, peer)]
    apart = abs(rates[0] - rates[1]), abs(means[0] - means[1])
    return (
        f"{number(ratio(peer, ours))} times (goal {GOAL_TIMES}).",
        f"Pass rates differ by {apart[0]:.2g} points, mean gamma by {apart[1]:.1g}.",
    )
