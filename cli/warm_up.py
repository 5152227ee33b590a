"""`dosegate warm-up`: compile the dose kernels once and keep them for the next start."""

from __future__ import annotations

import tempfile
from argparse import Namespace
from pathlib import Path

from cli.output import say
from cli.progress import StageLog


def run(_arguments: Namespace) -> int:
    """Send a small course the whole way, take a gamma, add doses: what they compile is then in the cache."""
    from imaging.synthetic.course import CourseSize, write_course
    from trial_core.protocols.reader import read_protocol
    from workers.pipelines.plan_check import check_paths

    say("compiling the dose kernels (once) ...")
    with tempfile.TemporaryDirectory(prefix="dosegate-") as folder:
        course, scratch = Path(folder, "course"), Path(folder, "scratch")
        scratch.mkdir()
        write_course(course, size=CourseSize.SMALL)
        check_paths([course], read_protocol(), scratch, StageLog().note)
    _measure_a_hollow_fork()
    _compare_a_dose()
    _add_doses()
    say("ready.")
    return 0


def _measure_a_hollow_fork() -> None:
    """What no structure of the small course has: a hole that closes, and one part that goes on as two."""
    import numpy as np

    from dosimetry.accumulation.point_sum import Dose, DoseLayer
    from dosimetry.dvh import dose_volume_histogram
    from dosimetry.grid import DoseGrid
    from dosimetry.region import Region
    from dosimetry.structure import Structure

    def square(half_mm: float, height_mm: float, middle_mm: float = 0.0) -> np.ndarray:
        u, v = half_mm * np.array([[-1, 1, 1, -1], [-1, -1, 1, 1]])
        return np.column_stack([u + middle_mm, v, np.full(4, height_mm)])

    drawn = [square(9, height) for height in (0.0, 3.0, 6.0, 9.0, 12.0)]
    drawn += [square(3, 6.0), *(square(3, height, middle) for height in (15.0, 18.0) for middle in (-5, 5))]
    dose = Dose((DoseLayer(DoseGrid(np.ones((2, 2, 2)), np.diag([50.0, 50.0, 50.0, 1.0])), 1),))
    dose_volume_histogram(Region.of(Structure("fork", drawn)), dose)


def _compare_a_dose() -> None:
    import numpy as np

    from dosimetry.gamma.gamma_index import GammaCriteria, gamma_index
    from dosimetry.grid import DoseGrid

    dose = DoseGrid(np.ones((2, 2, 2)), np.eye(4))
    gamma_index(dose, dose, GammaCriteria(dose_percent=3, distance_mm=2))


def _add_doses() -> None:
    import numpy as np

    from dosimetry.accumulation.deformation import Deformation
    from dosimetry.accumulation.dose_sum import sum_doses
    from dosimetry.accumulation.point_sum import DoseLayer
    from dosimetry.accumulation.registration_uncertainty import Ellipsoid, worst_sum
    from dosimetry.accumulation.voxel_frame import VoxelFrame
    from dosimetry.grid import DoseGrid

    dose = DoseGrid(np.ones((2, 2, 2)), np.eye(4))
    frame, quarter_turn = VoxelFrame.of(dose), np.eye(4)[[1, 0, 2, 3]]
    field = Deformation(np.zeros((2, 2, 2, 3), dtype=np.float32), np.eye(4))
    field.folding()
    layers = [
        DoseLayer(dose, 1),
        DoseLayer(dose, 1, 1.0, quarter_turn),
        DoseLayer(dose, 1, deformation=field),
    ]
    for dtype in (np.float32, np.float64):
        sum_doses(frame, layers, 3.0, dtype=dtype)
    worst_sum(frame, layers[:1], layers[1:], Ellipsoid((1.0, 1.0, 1.0)), 3.0)
