"""Isodose regions of a grid: which parts belong to a target, and their volume to better than a voxel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from dosimetry.accumulation.point_sum import Dose, DoseLayer, PointDose, PointDoses
from dosimetry.errors import EmptyStructureError
from dosimetry.grid import DoseGrid
from dosimetry.kernels.isodose_volume import isodose_volume
from dosimetry.linear import mapped
from dosimetry.region import Region
from dosimetry.sampling.collecting import DOSE_ROUNDING
from dosimetry.sampling.sampled_region import DrawnRegion, SampledRegion
from dosimetry.solid.readings import Reading

FloatArray = NDArray[np.float64]

TARGET_SAMPLES = 200_000
"""Samples of a target, about."""
_STEPS_PER_VOXEL = 6
"""A cell cut by the isodose is counted at this many points along each edge."""


@dataclass(frozen=True, eq=False)
class TargetSamples:
    """Where a target is sampled, in patient mm of the dose, with volume and dose."""

    points_mm: FloatArray
    volume_cc: FloatArray
    dose: PointDose


@dataclass(frozen=True)
class IsodoseVolume:
    """Volume of some parts of an isodose region, and whether they reach the outermost voxel centres."""

    volume_cc: float
    leaves_grid: bool


def samples_in(target: Region, layer: DoseLayer) -> TargetSamples:
    """Sample a target and its dose.

    Raises
    ------
    EmptyStructureError
        If it encloses no volume.
    """
    sampled = SampledRegion(target)
    drawn = DrawnRegion(sampled, sampled.lattice(TARGET_SAMPLES))
    distance = drawn.distance(Reading())
    slabs = [drawn.samples(slab, distance) for slab in drawn.lattice.slabs]
    points = np.concatenate([slab.points_mm for slab in slabs])
    volume = np.concatenate([slab.volume_cc for slab in slabs])
    if not len(points):
        raise EmptyStructureError(target.name)
    dose = PointDoses(points, sampled.frame).of(Dose((layer,)))
    to_dose = layer.region_to_dose_mm[:3, :3] @ sampled.frame.T
    in_dose = mapped(to_dose, points) + layer.region_to_dose_mm[:3, 3]
    return TargetSamples(in_dose, volume, dose)


class Isodose:
    """Where a trilinear dose reaches a level, as connected parts.

    Two voxels at the level or above are connected if they share a face: along the edge between them
    the interpolated dose stays at the level.

    Parameters
    ----------
    grid
        The dose.
    level_gy
        The isodose.
    """

    def __init__(self, grid: DoseGrid, level_gy: float) -> None:
        self.grid = grid
        self.level_gy = level_gy * (1 - DOSE_ROUNDING)
        labels, _ = label(grid.values_gy >= self.level_gy)
        self.labels: NDArray[np.int32] = labels

    def parts_of(self, samples: TargetSamples) -> frozenset[int]:
        """The parts that hold a sample of a target."""
        reached = samples.dose.low_gy >= self.level_gy
        points = samples.points_mm[reached]
        to_axes = self.grid.patient_to_axes
        axes = self.grid.axis_coordinates
        coordinates = mapped(to_axes[:3, :3], points) + to_axes[:3, 3]
        low, high = [], []
        for axis, centres in enumerate(axes):
            coordinate = coordinates[:, axis]
            rising = centres if len(centres) == 1 or centres[0] < centres[-1] else centres[::-1]
            below = np.searchsorted(rising, coordinate, side="right") - 1
            first = np.clip(below, 0, max(len(rising) - 2, 0))
            second = np.minimum(first + 1, len(rising) - 1)
            if rising is not centres:
                first, second = len(rising) - 1 - first, len(rising) - 1 - second
            low.append(first)
            high.append(second)
        found = np.zeros(int(self.labels.max()) + 1, dtype=np.bool_)
        for corner in range(8):
            i, j, k = ((high if corner >> axis & 1 else low)[axis] for axis in range(3))
            found[self.labels[k, j, i]] = True
        return frozenset(np.flatnonzero(found).tolist()) - {0}

    def volume_of(self, parts: frozenset[int]) -> IsodoseVolume:
        """Volume of some parts; where the isodose cuts a cell, points of the interpolated dose count."""
        chosen = np.isin(self.labels, sorted(parts))
        if not chosen.any():
            return IsodoseVolume(0.0, False)
        edges = [chosen[0], chosen[-1], chosen[:, 0], chosen[:, -1], chosen[:, :, 0], chosen[:, :, -1]]
        widths = np.abs(np.diff(self.grid.axis_coordinates[2]))
        cells = isodose_volume(self.grid.values_gy, chosen, self.level_gy, widths, _STEPS_PER_VOXEL)
        cell_cc = abs(float(np.linalg.det(self.grid.index_to_patient_mm[:3, :3]))) / 1000
        return IsodoseVolume(cells * cell_cc, any(bool(edge.any()) for edge in edges))
