"""DVHs with uncertainties of elliptic tubes: how time grows with slices and structures."""

import resource
import time

import numpy as np
from clock import measure

from dosimetry.accumulation.point_sum import Dose, DoseLayer
from dosimetry.dvh import dose_volume_histogram
from dosimetry.grid import DoseGrid
from dosimetry.region import Region
from dosimetry.structure import Structure

SLICES = (30, 60, 120, 240)
STRUCTURES = (5, 10, 20, 40)
SPACING_MM = 2.0


def _tube(number: int, slices: int) -> Structure:
    """360 points a slice; each number has its own place and width."""
    angle = np.arange(360) * 2 * np.pi / 360
    x = 10.0 * (number % 5 - 2) + (12 + number % 7) * np.cos(angle)
    y = 10.0 * (number % 4 - 2) + (18 - number % 5) * np.sin(angle)
    heights = (np.arange(slices) - slices / 2) * SPACING_MM
    return Structure(f"tube {number}", [np.column_stack([x, y, np.full(360, z)]) for z in heights])


def _dose() -> Dose:
    affine = np.diag([2.0, 2.0, 4.0, 1.0])
    affine[:3, 3] = -100, -100, -256
    places = DoseGrid(np.zeros((128, 100, 100)), affine).voxel_centres_mm()
    values = 50 * np.exp(-(places**2).sum(axis=-1) / 60.0**2)
    return Dose((DoseLayer(DoseGrid(values, affine), 28.0),))


dose = _dose()


def _took(slices: int, structures: int) -> dict[str, float]:
    regions = [Region.of(_tube(number, slices)) for number in range(structures)]
    started = time.perf_counter()
    for region in regions:
        dose_volume_histogram(region, dose)
    seconds = time.perf_counter() - started
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"slices": slices, "structures": structures, "seconds": seconds, "peak_mib": peak_mib}


def work() -> list[dict[str, float]]:
    """Seconds for each number of slices and of structures."""
    return [
        *(_took(slices, 10) for slices in SLICES),
        *(_took(120, structures) for structures in STRUCTURES),
    ]


measure(work)
