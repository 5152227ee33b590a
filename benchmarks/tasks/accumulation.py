"""The sum of two plans on a grid of 512 x 512 x 150, as EQD2."""

from __future__ import annotations

from benchmarks.environments import environment, own_environment
from benchmarks.inputs import accumulation_case
from benchmarks.report import SIDE_BY_SIDE, Section, number, problems, ratio, side_by_side
from benchmarks.running import Measurement, run_script

GOAL_TIMES, GOAL_OF_MEMORY = 8, 5
TURNED_DEGREES = 5.0


def section(repeats: int) -> Section:
    """Measure us, SimpleITK with numpy, and the memory; and us and SimpleITK with one plan turned."""
    ours, peer = (_sum(name, 0.0, repeats) for name in _PROGRAMS)
    turned, peer_turned = (_sum(name, TURNED_DEGREES, repeats) for name in _PROGRAMS)
    memory = run_script(
        "writing the result once", own_environment(), "ours/memory.py", accumulation_case(), repeats=repeats
    )
    found = [ours, peer, memory, turned, peer_turned]
    return Section(
        "Sum of two plans, EQD2",
        "LDRT and CFRT of the synthetic course onto 512 x 512 x 150 voxels, float64. Goals: "
        f"{GOAL_TIMES} times as fast as SimpleITK's linear resampling and numpy, "
        f"at most {GOAL_OF_MEMORY} times what writing the result takes. The last two rows are the same with "
        f"LDRT turned by {TURNED_DEGREES:g} degrees, as a registration turns it.",
        SIDE_BY_SIDE,
        (*side_by_side(ours, [peer, memory]), *side_by_side(turned, [peer_turned])),
        (*_remarks(ours, peer, memory), *_turned_remarks(turned, peer_turned), *problems(found)),
    )


_PROGRAMS = {"dosegate": "ours/accumulation.py", "SimpleITK and numpy": "peers/simpleitk_accumulation.py"}


def _sum(name: str, degrees: float, repeats: int) -> Measurement:
    room = own_environment() if name == "dosegate" else environment("simpleitk")
    label = f"{name}, LDRT turned" if degrees else name
    return run_script(label, room, _PROGRAMS[name], accumulation_case(), degrees, repeats=repeats)


def _turned_remarks(ours: Measurement, peer: Measurement) -> tuple[str, ...]:
    if ours.problem or peer.problem:
        return ()
    times, apart = number(ratio(peer, ours)), f"{_apart(ours, peer):.1g}"
    return (f"LDRT turned: {times} times (no goal of its own); the sums agree to {apart}.",)


def _apart(ours: Measurement, peer: Measurement) -> float:
    return float(abs(ours.result["some_gy"] / peer.result["some_gy"] - 1))


def _remarks(ours: Measurement, peer: Measurement, memory: Measurement) -> tuple[str, ...]:
    if ours.problem or peer.problem or memory.problem:
        return ()
    gib_s = memory.result["mib"] / 1024 / (memory.median_s or 1)
    return (
        f"{number(ratio(peer, ours))} times (goal {GOAL_TIMES}); the sums agree to {_apart(ours, peer):.1g}.",
        f"{number(ratio(ours, memory))} times writing it at {number(gib_s)} GiB/s (goal {GOAL_OF_MEMORY}).",
    )
