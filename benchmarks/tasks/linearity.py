"""How the time of the whole check grows with slices and structures."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environments import own_environment
from benchmarks.growth import crowded_course, crowded_protocol, sliced_course
from benchmarks.report import Section, number, problems
from benchmarks.running import Measurement, run_script

SLICES = {50: (3, 1), 75: (2, 1), 150: (1, 1), 300: (1, 2), 450: (1, 3)}
"""By their number: each n-th of the course's 150, so many times."""
COPIES = (0, 1, 3, 6)
MOST_REPEATS = 3
"""Nine checks, each in a process of its own: five times each would take as long as all else together."""
_BAR = 20


@dataclass(frozen=True)
class _Point:
    """A check with so many slices or structures."""

    count: int
    found: Measurement

    @property
    def cpu_s(self) -> float:
        return self.found.median_cpu_s or math.nan


def section(repeats: int) -> Section:
    """Measure both curves."""
    repeats = min(repeats, MOST_REPEATS)
    slices = [_Point(count, _check(sliced_course(*how), repeats)) for count, how in SLICES.items()]
    checks = [_check(crowded_course(copies), repeats, crowded_protocol(copies)) for copies in COPIES]
    structures = [_Point(each.result["structures"] if each.result else 0, each) for each in checks]
    curves = {"slices": slices, "structures": structures}
    return Section(
        "Growth of the whole check with slices and structures",
        "The synthetic course with fewer and more slices of CT and contours, and with copies of seven organs "
        "that are judged in the plan and in both sums, uncertainties included. Goal: linear in both.",
        ("what grows", "to", "processor s", "", "median s", "peak MiB"),
        tuple(_row(name, point, curve) for name, curve in curves.items() for point in curve),
        (
            *(_line(name, curve) for name, curve in curves.items()),
            *problems([point.found for curve in curves.values() for point in curve]),
        ),
    )


def _check(course: Path, repeats: int, *protocol: Path) -> Measurement:
    name = f"check of {course.name}"
    return run_script(name, own_environment(), "ours/course_check.py", course, *protocol, repeats=repeats)


def _row(name: str, point: _Point, curve: list[_Point]) -> tuple[str, ...]:
    share = point.cpu_s / max(each.cpu_s for each in curve)
    bar = "" if math.isnan(share) else "█" * round(_BAR * share)
    peak = "–" if point.found.peak_mib is None else f"{point.found.peak_mib:.0f}"
    times = number(point.found.median_cpu_s), bar, number(point.found.median_s)
    return name, str(point.count), *times, peak


def _line(name: str, curve: list[_Point]) -> str:
    """The straight line nearest to the curve, and how far the curve leaves it."""
    counts, seconds = [point.count for point in curve], [point.cpu_s for point in curve]
    if any(map(math.isnan, seconds)):
        return f"With {name}: not measured."
    slope, start = statistics.linear_regression(counts, seconds)
    apart = max(abs(start + slope * n - s) / s for n, s in zip(counts, seconds, strict=True))
    return (
        f"With {name}: {number(start)} s and {1000 * slope:.1f} ms for each (processor time); "
        f"no point is further from that line than {100 * apart:.0f} %."
    )
