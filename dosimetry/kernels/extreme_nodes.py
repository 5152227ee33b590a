"""Voxel centres where a trilinear dose may be extreme, and which of them lie deep in a slab of a region."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@kernel
def extreme_nodes(values: FloatArray) -> IntArray:
    """Voxels (k, j, i) that no neighbour along the axes exceeds, or none undercuts, but not both: (n, 3)."""
    nk, nj, ni = values.shape
    is_extreme = np.zeros((nk, nj, ni), dtype=np.bool_)
    for k in range(nk):
        for j in range(nj):
            # What is not there is replaced by the voxel's own row: it neither exceeds nor undercuts it.
            around = values[k, max(j - 1, 0)], values[k, min(j + 1, nj - 1)]
            across = values[max(k - 1, 0), j], values[min(k + 1, nk - 1), j]
            row = values[k, j]
            _mark_inner(is_extreme[k, j], row, *around, *across)
            for i in (0, ni - 1):
                beside = row[1] if i == 0 else row[ni - 2]
                above, below = beside > row[i], beside < row[i]
                for other in (around[0], around[1], across[0], across[1]):
                    above, below = above or other[i] > row[i], below or other[i] < row[i]
                is_extreme[k, j, i] = above != below
    return np.argwhere(is_extreme)


@kernel
def _mark_inner(
    is_extreme: NDArray[np.bool_],
    row: FloatArray,
    one: FloatArray,
    two: FloatArray,
    three: FloatArray,
    four: FloatArray,
) -> None:
    """Mark the voxels of a row (n,) but its ends; without a branch, so that many are compared at once."""
    for i in range(1, row.shape[0] - 1):
        here = row[i]
        highest = max(row[i - 1], row[i + 1], one[i], two[i], three[i], four[i])
        lowest = min(row[i - 1], row[i + 1], one[i], two[i], three[i], four[i])
        is_extreme[i] = (highest > here) != (lowest < here)


@kernel
def nodes_on_raster(
    points: FloatArray, u0: float, v0: float, step: float, nv: int, nu: int
) -> tuple[FloatArray, IntArray, IntArray]:
    """Of points (n, 3), in their order, those within a raster, and the column and row that each lies past."""
    chosen = np.empty_like(points)
    column = np.empty(points.shape[0], dtype=np.int64)
    row = np.empty_like(column)
    count = 0
    for n in range(points.shape[0]):
        u, v = (points[n, 0] - u0) / step, (points[n, 1] - v0) / step
        if 0.0 <= u < nu - 1 and 0.0 <= v < nv - 1:
            chosen[count], column[count], row[count] = points[n], int(u), int(v)
            count += 1
    return chosen[:count], column[:count], row[:count]


@kernel
def nodes_inside(
    points: FloatArray,
    column: IntArray,
    row: IntArray,
    distance: FloatArray,
    step: float,
    heights: FloatArray,
    thicknesses: FloatArray,
) -> FloatArray:
    """Of points (n, 3), by ascending height, those in slices that lie inside by half a cell at least, (m, 3).

    A point lies between raster points `row`, `column` and the next ones; `distance` (slices, nv, nu) is the
    signed distance in the slices, at ascending `heights` and as thick as `thicknesses`.
    """
    # Slices may overlap by rounding; a point on their border is looked at in both: marked, it counts once.
    is_inside = np.zeros(points.shape[0], dtype=np.bool_)
    w = points[:, 2].copy()
    for s in range(heights.shape[0]):
        half = thicknesses[s] / 2
        first = np.searchsorted(w, heights[s] - half)
        last = np.searchsorted(w, heights[s] + half)
        least = max(step, thicknesses[s]) / 2
        for n in range(first, last):
            j, i = row[n], column[n]
            low = min(distance[s, j, i], distance[s, j, i + 1])
            high = min(distance[s, j + 1, i], distance[s, j + 1, i + 1])
            if min(low, high) >= least:
                is_inside[n] = True
    return points[np.flatnonzero(is_inside)]
