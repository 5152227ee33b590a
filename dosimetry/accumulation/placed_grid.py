"""A dose grid as the kernels want it: seen from the points or voxels that a dose is asked for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dosimetry.grid import DoseGrid
from dosimetry.kernels.trilinear import trilinear
from dosimetry.linear import mapped

FloatArray = NDArray[np.float64]

_TOUCH = 1e-3
"""Share of a voxel by which a point may pass the reach of the edge value: rounding of files and surfaces."""


@dataclass(frozen=True, eq=False)
class PlacedGrid:
    """A grid, and the way to it.

    Parameters
    ----------
    grid
        The dose.
    affine
        Shape (3, 4): maps a point (in whatever coordinates it is asked for) to coordinates along i, j, k.
    planes
        Shape (nk,): coordinates of the planes along k, ascending.
    direction
        -1 where the file's planes descend, so that `planes` are its offsets mirrored; else 1.
    reach
        Shape (3, 2): how far past the first and last voxel centre the edge value counts.
    faces
        Shape (3, 2): the highest dose on the first and last face along each axis, Gy.
    unit
        Shape (3,): mm per coordinate.
    """

    grid: DoseGrid
    affine: FloatArray
    planes: FloatArray
    direction: float
    reach: FloatArray
    faces: FloatArray
    unit: FloatArray

    @classmethod
    def of(cls, grid: DoseGrid, to_dose_mm: FloatArray) -> "PlacedGrid":
        """A grid seen from points that `to_dose_mm` (4, 4) maps to its patient coordinates."""
        affine = (grid.patient_to_axes @ to_dose_mm)[:3]
        planes = grid.axis_coordinates[2]
        direction = -1.0 if len(planes) > 1 and planes[1] < planes[0] else 1.0
        affine, planes = affine * np.array([[1.0], [1.0], [direction]]), planes * direction
        unit = np.linalg.norm(grid.index_to_patient_mm[:3, :3], axis=0)
        reach = np.array([[0.5, 0.5], [0.5, 0.5], _plane_reach(grid, planes, unit[2])])
        return cls(grid, affine, planes, direction, reach + _TOUCH, grid.face_maxima_gy, unit)

    @property
    def is_even(self) -> bool:
        """Whether the planes' coordinates are 0, 1, 2 ..."""
        return self.grid.plane_offsets_mm is None

    def at(self, points_mm: FloatArray) -> tuple[FloatArray, FloatArray, NDArray[np.bool_], FloatArray]:
        """Low and high dose at points (n, 3), whether uncovered, and how far past the centres, mm."""
        return trilinear(
            points_mm, self.affine, self.grid.values_gy, self.planes, self.reach, self.faces, self.unit
        )

    def extreme_points_mm(self) -> FloatArray:
        """Voxel centres where the dose may be extreme, shape (n, 3)."""
        nodes = self.grid.extreme_nodes[:, ::-1].astype(np.float64)
        nodes[:, 2] = self.grid.axis_coordinates[2][self.grid.extreme_nodes[:, 0]] * self.direction
        return mapped(np.linalg.inv(self.affine[:, :3]).astype(np.float64), nodes - self.affine[:, 3])


def _plane_reach(grid: DoseGrid, planes: FloatArray, unit_mm: float) -> tuple[float, float]:
    """Half a plane distance past the first and the last plane, in coordinates along k."""
    if len(planes) == 1:
        assert grid.plane_thickness_mm is not None  # noqa: S101 - checked at construction
        half = grid.plane_thickness_mm / 2 / unit_mm
        return half, half
    return float(planes[1] - planes[0]) / 2, float(planes[-1] - planes[-2]) / 2
