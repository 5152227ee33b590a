"""Runs a timed script in an environment and reads what it printed."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.environments import ROOT, Environment

FOLDER = Path(__file__).parent
TIMEOUT_S = 1800


@dataclass(frozen=True)
class Measurement:
    """What one program took for one piece of work; `problem` says why there is nothing.

    Attributes
    ----------
    wall_s, cpu_s
        Of each repetition, after one to warm up.
    peak_mib
        Largest resident memory of its process, libraries and input included.
    result
        What it computed.
    """

    name: str
    wall_s: tuple[float, ...] = ()
    cpu_s: tuple[float, ...] = ()
    peak_mib: float | None = None
    result: Any = None
    problem: str | None = None

    @property
    def median_s(self) -> float | None:
        """Median wall time."""
        return statistics.median(self.wall_s) if self.wall_s else None

    @property
    def median_cpu_s(self) -> float | None:
        """Median of the processors' time: what other work on the machine disturbs less."""
        return statistics.median(self.cpu_s) if self.cpu_s else None


def run_script(
    name: str,
    environment: Environment,
    script: str,
    *arguments: object,
    processors: int = 0,
    repeats: int = 5,
) -> Measurement:
    """Run `script` (below this folder) to its end; a failure is a result, too."""
    if environment.problem:
        return Measurement(name, problem=environment.problem)
    command = [str(environment.python), str(FOLDER / script), *map(str, arguments)]
    try:
        done = subprocess.run(  # noqa: S603 - our own scripts
            command,
            cwd=ROOT,
            env=_surroundings(processors, repeats),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Measurement(name, problem=f"not finished after {TIMEOUT_S} s")
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return Measurement(name, problem=f"failed: {lines[-1] if lines else done.returncode}")
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return Measurement(
        name, tuple(found["wall_s"]), tuple(found["cpu_s"]), found["peak_mib"], found["result"]
    )


def _surroundings(processors: int, repeats: int) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "BENCH_REPEATS": str(repeats),
        "BENCH_PROCESSORS": str(processors),
    }
