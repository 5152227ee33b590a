"""The printed report of the synthetic course."""

from __future__ import annotations

from benchmarks.environments import own_environment
from benchmarks.inputs import synthetic_course
from benchmarks.report import Section, number, problems
from benchmarks.running import run_script

GOAL_S = 3.0


def section(repeats: int) -> Section:
    """Measure it."""
    ours = run_script(
        "dosegate", own_environment(), "ours/printed_report.py", synthetic_course(), repeats=repeats
    )
    return Section(
        "The printed report",
        f"The PDF of the checked synthetic course, after one to warm up. Goal: under {GOAL_S:g} s.",
        ("median s", "processor s"),
        ((number(ours.median_s), number(ours.median_cpu_s)),),
        problems([ours]),
    )
