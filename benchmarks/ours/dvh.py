"""All DVHs of the real set in bins of 0.01 Gy, without uncertainties.

Files are read and checked each time; with `engine` behind the folder once before, and nothing that was found
about a structure or a dose is kept from one time to the next.
"""

import hashlib
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.clock import measure
from dosimetry.accumulation.point_sum import Dose, DoseLayer
from dosimetry.dvh import dose_volume_histogram
from dosimetry.grid import DoseGrid
from dosimetry.region import Region
from dosimetry.structure import Structure
from dosimetry.threads import in_order
from imaging.course import read_course
from imaging.intake import take_in
from workers.pipelines.dose_choice import choose_dose

BIN_GY = 0.01

Work = Callable[[], dict[str, object]]


def _read(folder: Path) -> tuple[DoseGrid, list[Structure]]:
    with tempfile.TemporaryDirectory() as scratch:
        course = read_course(take_in([folder / "rtss.dcm", folder / "rtdose.dcm"], Path(scratch)))
    chosen = choose_dose(course)
    return chosen.dose.grid, [roi.structure for roi in chosen.structure_set.rois if roi.structure is not None]


def _engine(folder: Path) -> Work:
    grid, structures = _read(folder)
    return lambda: _all_dvhs(replace(grid), [replace(structure) for structure in structures])


def _all_dvhs(grid: DoseGrid, structures: Sequence[Structure]) -> dict[str, object]:
    """Volumes in cc and a hash over all histograms."""
    dose, edges = Dose((DoseLayer(grid, None),)), np.arange(0.0, grid.maximum_gy + BIN_GY, BIN_GY)

    def measured(number: int) -> tuple[float, bytes]:
        dvh = dose_volume_histogram(Region.of(structures[number]), dose, with_uncertainty=False)
        samples = dvh.samples.if_uncovered_zero
        below_cc = samples.volume_below_cc[np.searchsorted(samples.dose_gy, edges)]
        return dvh.volume_cc, (samples.total_cc - below_cc).tobytes()

    volumes, digest = {}, hashlib.sha256()
    for structure, (volume_cc, volume) in zip(structures, in_order(measured, len(structures)), strict=True):
        volumes[structure.name] = volume_cc
        digest.update(volume)
    return {"volumes_cc": volumes, "sha256": digest.hexdigest()}


where = Path(sys.argv[1])
measure(_engine(where) if "engine" in sys.argv[2:] else lambda: _all_dvhs(*_read(where)))
