"""Errors of DVH metrics against closed forms, ours and the peers'."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from benchmarks.environments import environment, own_environment
from benchmarks.phantoms import METRICS, phantom_sets
from benchmarks.report import NOTHING, Section, problems
from benchmarks.running import Measurement, run_script

_LOOK_UP = """dicompyler-core looks D99% and D95% up at the first bin whose volume is nearest: 0 Gy where
  that is the whole volume."""


def section(_repeats: int) -> Section:
    """Measure each on the same files; one run is enough."""
    folder = phantom_sets()
    found = [
        run_script("dosegate", own_environment(), "ours/accuracy.py", folder, repeats=1),
        _peer("dosemetrics 0.4.1", "dosemetrics", "dosemetrics_accuracy.py", folder),
        _peer("dicompyler-core 0.5.6", "dicompyler-core", "dicompyler_accuracy.py", folder),
        _peer("pyCERR 2.5.1", "pycerr", "pycerr_accuracy.py", folder),
    ]
    truth = json.loads((folder / "truth.json").read_text())
    cases = sum(map(len, truth.values()))
    return Section(
        "Accuracy against closed forms",
        f"{cases} cases: spheres, cylinders and cones, axial and lying, radius 5 to 25 mm, slices 1 to 3 mm, "
        "in 1 Gy/mm along SI and AP on a dose grid of 2.5 mm. Mean error / worst: volume in %, dose in Gy.",
        ("program", "cases", *METRICS),
        tuple(_row(each, truth) for each in found),
        (_LOOK_UP, *problems(found)),
    )


def _peer(name: str, room: str, script: str, folder: Path) -> Measurement:
    return run_script(name, environment(room), f"peers/{script}", folder, repeats=1)


def _row(one: Measurement, truth: dict[str, dict[str, list[float]]]) -> tuple[str, ...]:
    if one.problem:
        return (one.name, NOTHING, *(NOTHING for _ in METRICS))
    errors = np.array(
        [
            np.subtract(one.result[folder][name], true) * np.array([100 / true[0], *[1.0] * 8])
            for folder, phantoms in truth.items()
            for name, true in phantoms.items()
            if name in one.result.get(folder, {})
        ]
    )
    means, worst = np.abs(errors).mean(axis=0), np.abs(errors).max(axis=0)
    cells = (f"{mean:.3f}/{most:.2f}" for mean, most in zip(means, worst, strict=True))
    return (one.name, str(len(errors)), *cells)
