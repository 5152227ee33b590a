"""One processor against two, and whether a bit of the result changes."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.environments import own_environment
from benchmarks.inputs import REAL_SET, accumulation_case, gamma_case
from benchmarks.report import Section, number, problems, ratio
from benchmarks.running import Measurement, run_script

GOAL_TIMES = 1.7


def section(repeats: int) -> Section:
    """Measure DVH, gamma and sum on each."""
    tasks = (
        ("DVHs, files read included", "ours/dvh.py", (REAL_SET,)),
        ("DVHs, files read before", "ours/dvh.py", (REAL_SET, "engine")),
        ("gamma", "ours/gamma.py", (gamma_case(),)),
        ("sum (bound by memory)", "ours/accumulation.py", (accumulation_case(), 0.0)),
    )
    pairs = [
        tuple(
            run_script(name, own_environment(), script, *case, processors=count, repeats=repeats)
            for count in (1, 2)
        )
        for name, script, case in tasks
    ]
    return Section(
        "Threads",
        "The same work held to one processor and to two; reading files is not threaded. "
        f"Goal: two are {GOAL_TIMES} times as fast for DVHs and gamma, and no bit of a result changes.",
        ("work", "1 processor s", "2 processors s", "times", "same bits"),
        tuple(_row(one, two) for one, two in pairs),
        (*_busy(pairs), *problems([each for pair in pairs for each in pair])),
    )


def _busy(pairs: Sequence[Sequence[Measurement]]) -> tuple[str, ...]:
    """What of the two processors the work had: where others had one of them, its ratio tells nothing."""
    shares = [
        (two.name, two.median_cpu_s / two.median_s) for _, two in pairs if two.median_s and two.median_cpu_s
    ]
    told = ", ".join(f"{share:.2f} for {name}" for name, share in shares)
    return (
        f"Processors that were at work when two were allowed: {told}. Near 1: other work had the second.",
    )


def _row(one: Measurement, two: Measurement) -> tuple[str, ...]:
    same = "–" if one.problem or two.problem else "yes" if one.result == two.result else "NO"
    return one.name, number(one.median_s), number(two.median_s), number(ratio(one, two)), same
