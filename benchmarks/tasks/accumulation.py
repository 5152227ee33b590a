"""The sum of two plans on a grid of 512 x 512 x 150, as EQD2."""

from __future__ import annotations

from benchmarks.environments import environment, own_environment
from benchmarks.inputs import accumulation_case
from benchmarks.report import SIDE_BY_SIDE, Section, number, problems, ratio, side_by_side
from benchmarks.running import Measurement, run_script

GOAL_TIMES, GOAL_OF_MEMORY = 8, 5


def section(repeats: int) -> Section:
    """Measure us, SimpleITK with numpy, and the memory."""
    case, own = accumulation_case(), own_environment()
    ours = run_script("dosegate", own, "ours/accumulation.py", case, repeats=repeats)
    memory = run_script("writing the result once", own, "ours/memory.py", case, repeats=repeats)
    peer = run_script(
        "SimpleITK and numpy",
        environment("simpleitk"),
        "peers/simpleitk_accumulation.py",
        case,
        repeats=repeats,
    )
    return Section(
        "Sum of two plans, EQD2",
        "LDRT and CFRT of the synthetic course onto 512 x 512 x 150 voxels, float64. Goals: "
        f"{GOAL_TIMES} times as fast as SimpleITK's linear resampling and numpy, "
        f"at most {GOAL_OF_MEMORY} times what writing the result takes.",
        SIDE_BY_SIDE,
        side_by_side(ours, [peer, memory]),
        (*_remarks(ours, peer, memory), *problems([ours, peer, memory])),
    )


def _remarks(ours: Measurement, peer: Measurement, memory: Measurement) -> tuple[str, ...]:
    if ours.problem or peer.problem or memory.problem:
        return ()
    gib_s = memory.result["mib"] / 1024 / (memory.median_s or 1)
    apart = abs(ours.result["some_gy"] / peer.result["some_gy"] - 1)
    return (
        f"{number(ratio(peer, ours))} times (goal {GOAL_TIMES}); the sums agree to {apart:.1g}.",
        f"{number(ratio(ours, memory))} times writing it at {number(gib_s)} GiB/s (goal {GOAL_OF_MEMORY}).",
    )
