"""Doses on one grid: whether they are, and their sum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dosimetry.grid import DoseGrid
from imaging.dicom.dose_grid import SAME_POSITION_MM


def same_grid(first: DoseGrid, second: DoseGrid) -> bool:
    """Whether two grids have the same voxels in the same places."""
    if first.shape != second.shape:
        return False
    corners = _corners(first), _corners(second)
    if np.abs(corners[0] - corners[1]).max() > SAME_POSITION_MM:
        return False
    return bool(
        np.allclose(first.axis_coordinates[2], second.axis_coordinates[2], rtol=0, atol=SAME_POSITION_MM)
    )


def sum_of_grids(grids: Sequence[DoseGrid]) -> DoseGrid:
    """Add doses that lie on one grid."""
    total = np.zeros(grids[0].shape)
    for grid in grids:
        total += grid.values_gy
    return DoseGrid(
        total,
        grids[0].index_to_patient_mm,
        grids[0].plane_offsets_mm,
        plane_thickness_mm=grids[0].plane_thickness_mm,
    )


def _corners(grid: DoseGrid) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    nk, nj, ni = grid.shape
    planes = grid.axis_coordinates[2]
    ends = [(i, j, planes[k], 1.0) for i in (0, ni - 1) for j in (0, nj - 1) for k in (0, nk - 1)]
    return np.array(ends) @ grid.index_to_patient_mm.T
