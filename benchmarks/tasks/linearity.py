"""How the time of DVHs grows with slices and structures."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

from benchmarks.environments import own_environment
from benchmarks.report import Section, number, problems
from benchmarks.running import run_script

REPEATS = 1
"""Each point of the curve is a whole set of histograms; one run of all takes long enough."""


def section(_repeats: int) -> Section:
    """Measure the curve."""
    ours = run_script("dosegate", own_environment(), "ours/linearity.py", repeats=REPEATS)
    points: Sequence[Mapping[str, float]] = ours.result or ()
    return Section(
        "Growth with slices and structures",
        "DVHs with uncertainties of elliptic tubes, 360 points a slice, 2 mm apart. Goal: linear in both.",
        ("slices", "structures", "s", "ms a structure", "peak MiB so far"),
        tuple(_row(point) for point in points),
        (*_exponents(points), *problems([ours])),
    )


def _row(point: Mapping[str, float]) -> tuple[str, ...]:
    each_ms = 1000 * point["seconds"] / point["structures"]
    return (
        f"{point['slices']:.0f}",
        f"{point['structures']:.0f}",
        number(point["seconds"]),
        number(each_ms),
        f"{point['peak_mib']:.0f}",
    )


def _exponents(points: Sequence[Mapping[str, float]]) -> tuple[str, ...]:
    """How steep log(time) is over log(count): 1 is linear, less is better."""
    if not points:
        return ()
    halves = ("slices", points[: len(points) // 2]), ("structures", points[len(points) // 2 :])
    return tuple(
        f"Time grows with the number of {name} to the power {_slope(name, half):.2f}."
        for name, half in halves
    )


def _slope(name: str, points: Sequence[Mapping[str, float]]) -> float:
    counts, seconds = ([math.log(point[key]) for point in points] for key in (name, "seconds"))
    return statistics.linear_regression(counts, seconds).slope
