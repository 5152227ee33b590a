"""The voxels that a sum is shown on: the finest plan's own, as far as any plan reaches."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from dosimetry.accumulation.point_sum import DoseLayer
from dosimetry.accumulation.voxel_frame import VoxelFrame

FloatArray = NDArray[np.float64]

MOST_VOXELS = 64_000_000
"""256 MB of float32: a display need not be finer where grids are as large as that."""
_NODE = 1e-3
"""Of a voxel: where a corner still counts as a node, for the rounding of files."""


def sum_voxels(layers: Sequence[DoseLayer]) -> VoxelFrame:
    """Lay voxels over everything that one of the plans (at least one) reaches, in the scene's frame.

    They are those of the plan with the smallest voxels, so its dose is not interpolated; twice as wide, and
    again, where they would be too many.
    """
    finest = min(layers, key=lambda layer: float(np.prod(layer.grid.spacing_mm)))
    step = 1.0
    while True:
        frame = _covering(_even(finest), layers, step)
        if np.prod([float(count) for count in frame.shape]) <= MOST_VOXELS:
            return frame
        step *= 2.0


def _even(layer: DoseLayer) -> FloatArray:
    """The affine of a plan's voxels in the scene, evenly spaced."""
    grid = layer.grid
    frame = (
        VoxelFrame.of(grid)
        if grid.plane_offsets_mm is None
        else VoxelFrame.around(grid, min(grid.spacing_mm))
    )
    return _scene_affine(layer, frame.index_to_patient_mm)


def _covering(affine: FloatArray, layers: Sequence[DoseLayer], step: float) -> VoxelFrame:
    nodes = affine @ np.diag([step, step, step, 1.0])
    corners = np.concatenate([_corners(layer) for layer in layers])
    index = (np.linalg.inv(nodes) @ corners.T)[:3]
    low, high = np.floor(index.min(axis=1) + _NODE), np.ceil(index.max(axis=1) - _NODE)
    origin = np.eye(4)
    origin[:3, 3] = low
    placed = nodes @ origin
    placed[3] = (0, 0, 0, 1)
    ni, nj, nk = (max(int(count), least) for count, least in zip(high - low + 1, (2, 2, 1), strict=True))
    thickness = float(np.linalg.norm(placed[:3, 2])) if nk == 1 else None
    return VoxelFrame((nk, nj, ni), placed, plane_thickness_mm=thickness)


def _corners(layer: DoseLayer) -> FloatArray:
    """The outermost voxel centres of a plan's grid, in the scene, shape (8, 4)."""
    ends = [(axis[0], axis[-1]) for axis in layer.grid.axis_coordinates]
    points = np.array([(*corner, 1.0) for corner in product(*ends)])
    return points @ _scene_affine(layer, layer.grid.index_to_patient_mm).T


def _scene_affine(layer: DoseLayer, index_to_dose_mm: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(layer.region_to_dose_mm) @ index_to_dose_mm, dtype=np.float64)
