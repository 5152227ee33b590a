"""The whole check of the synthetic course."""

from __future__ import annotations

from benchmarks.environments import own_environment
from benchmarks.inputs import synthetic_course
from benchmarks.report import Section, number, problems
from benchmarks.running import run_script

GOAL_S, GOAL_MIB = 3.0, 1000 / 1.048576


def section(repeats: int) -> Section:
    """Measure it."""
    ours = run_script(
        "dosegate", own_environment(), "ours/course_check.py", synthetic_course(), repeats=repeats
    )
    peak = "–" if ours.peak_mib is None else f"{ours.peak_mib:.0f}"
    return Section(
        "The whole check of a course",
        "150 CT slices, two plans, their physical and EQD2 sums, uncertainties included, from files to "
        f"verdicts, after one to warm up. Goals: under {GOAL_S:g} s, memory under 1 GB ({GOAL_MIB:.0f} MiB).",
        ("median s", "processor s", "peak MiB"),
        ((number(ours.median_s), number(ours.median_cpu_s), peak),),
        problems([ours]),
    )
