"""`dosegate warm-up`: compile the dose kernels once and keep them for the next start."""

from __future__ import annotations

import tempfile
from argparse import Namespace
from pathlib import Path

from cli.output import say
from cli.progress import StageLog


def run(_arguments: Namespace) -> int:
    """Send a small course the whole way, and take a gamma: what both compile is then in the cache."""
    from imaging.synthetic.course import CourseSize, write_course
    from trial_core.protocols.reader import read_protocol
    from workers.pipelines.plan_check import check_paths

    say("compiling the dose kernels (once) ...")
    with tempfile.TemporaryDirectory(prefix="dosegate-") as folder:
        course, scratch = Path(folder, "course"), Path(folder, "scratch")
        scratch.mkdir()
        write_course(course, size=CourseSize.SMALL)
        check_paths([course], read_protocol(), scratch, StageLog().note)
    _compare_a_dose()
    say("ready.")
    return 0


def _compare_a_dose() -> None:
    import numpy as np

    from dosimetry.gamma import GammaCriteria, gamma_index
    from dosimetry.grid import DoseGrid

    dose = DoseGrid(np.ones((2, 2, 2)), np.eye(4))
    gamma_index(dose, dose, GammaCriteria(dose_percent=3, distance_mm=2))
