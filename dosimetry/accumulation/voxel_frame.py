"""The voxels of a sum: how many, and where each lies in the patient."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dosimetry.errors import GridError
from dosimetry.grid import DoseGrid

FloatArray = NDArray[np.float64]

_MM3_PER_CC = 1000.0


@dataclass(frozen=True, eq=False)
class VoxelFrame:
    """A grid without values.

    Parameters
    ----------
    shape
        Planes, rows and columns: (nk, nj, ni); at least two rows and two columns.
    index_to_patient_mm
        Shape (4, 4): maps (i, j, k, 1), or (i, j, offset, 1) with `plane_offsets_mm`, to patient
        coordinates (DICOM LPS) in mm.
    plane_offsets_mm
        Shape (nk,): of planes that are not evenly spaced; see `DoseGrid`.
    plane_thickness_mm
        Of a single plane.

    Raises
    ------
    GridError
        If the geometry places no voxels.
    """

    shape: tuple[int, int, int]
    index_to_patient_mm: FloatArray
    plane_offsets_mm: FloatArray | None = None
    plane_thickness_mm: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        probe = (self.shape[0], min(self.shape[1], 2), min(self.shape[2], 2))
        checked = DoseGrid(  # the checks of a grid with values, on as few of them as show the same
            np.zeros(probe),
            self.index_to_patient_mm,
            self.plane_offsets_mm,
            plane_thickness_mm=self.plane_thickness_mm,
        )
        object.__setattr__(self, "index_to_patient_mm", checked.index_to_patient_mm)
        object.__setattr__(self, "plane_offsets_mm", checked.plane_offsets_mm)

    @classmethod
    def of(cls, grid: DoseGrid) -> "VoxelFrame":
        """The voxels of a dose grid."""
        return cls(
            grid.shape,
            grid.index_to_patient_mm,
            grid.plane_offsets_mm,
            plane_thickness_mm=grid.plane_thickness_mm,
        )

    @classmethod
    def around(cls, grid: DoseGrid, spacing_mm: float) -> "VoxelFrame":
        """Voxels of one size along a grid's axes, as many as lie between its voxel centres, in their middle.

        Raises
        ------
        GridError
            If the spacing is not a finite length above 0.
        """
        if not (math.isfinite(spacing_mm) and spacing_mm > 0):
            raise GridError(f"the spacing is {spacing_mm:g} mm; expected a finite length above 0")
        lengths = np.linalg.norm(grid.index_to_patient_mm[:3, :3], axis=0)
        first = np.array([axis[0] for axis in grid.axis_coordinates])
        extent = np.array([axis[-1] for axis in grid.axis_coordinates]) - first
        steps = np.floor(np.abs(extent) * lengths / spacing_mm + 1e-6).astype(int)
        step = np.where(extent < 0, -1.0, 1.0) * spacing_mm / lengths
        affine = np.array(grid.index_to_patient_mm)
        affine[:3, 3] = affine[:3, :3] @ (first + (extent - steps * step) / 2) + affine[:3, 3]
        affine[:3, :3] *= step
        ni, nj, nk = (int(step) + 1 for step in steps)
        return cls((nk, nj, ni), affine, plane_thickness_mm=grid.plane_thickness_mm if nk == 1 else None)

    @property
    def plane_coordinates(self) -> FloatArray:
        """Shape (nk,): what the third column of the affine is multiplied by."""
        if self.plane_offsets_mm is None:
            return np.arange(self.shape[0], dtype=np.float64)
        return self.plane_offsets_mm

    @property
    def voxel_volumes_cc(self) -> FloatArray:
        """Shape (nk,): the volume of a voxel of each plane; a plane reaches half-way to its neighbours."""
        unit_mm3 = abs(float(np.linalg.det(self.index_to_patient_mm[:3, :3])))
        volumes: FloatArray = unit_mm3 * self._thicknesses / _MM3_PER_CC
        return volumes

    @property
    def _thicknesses(self) -> FloatArray:
        """Of the planes, in coordinates along k."""
        planes = self.plane_coordinates
        if len(planes) == 1:
            assert self.plane_thickness_mm is not None  # noqa: S101 - checked at construction
            return np.array(
                [self.plane_thickness_mm / float(np.linalg.norm(self.index_to_patient_mm[:3, 2]))]
            )
        gaps = np.abs(np.diff(planes))
        thicknesses: FloatArray = (np.append(gaps, gaps[-1]) + np.insert(gaps, 0, gaps[0])) / 2
        return thicknesses

    def centres_mm(self, plane: int) -> FloatArray:
        """Patient coordinates of the voxel centres of one plane, shape (nj, ni, 3), mm."""
        _, nj, ni = self.shape
        affine = self.index_to_patient_mm
        start = affine[:3, 2] * self.plane_coordinates[plane] + affine[:3, 3]
        rows = np.arange(nj)[:, None, None] * affine[:3, 1]
        centres: FloatArray = start + rows + np.arange(ni)[None, :, None] * affine[:3, 0]
        return centres
