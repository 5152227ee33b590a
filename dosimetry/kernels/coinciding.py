"""Surfaces of several solids that coincide to within a tolerance: drawn as one surface."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]


@kernel
def come_near(depths: FloatArray, reach: float, most: float) -> bool:
    """Whether surfaces of two solids are anywhere so near that `let_coincide` would look closer."""
    solids, slices, nv, nu = depths.shape
    for k in range(1, solids):
        for earlier in range(k):
            for s in range(slices):
                for j in range(nv):
                    for i in range(nu):
                        here, other = abs(depths[k, s, j, i]), abs(depths[earlier, s, j, i])
                        if min(here, other) <= reach and abs(here - other) <= most:
                            return True
    return False


@kernel
def let_coincide(
    depths: FloatArray, low: FloatArray, high: FloatArray, reach: float, tolerance: float, most: float
) -> None:
    """Signed distances of solids (n, slices, nv, nu) on a raster, changed in place.

    Two surfaces coincide where they lie within `tolerance` of one another and run alike, facing the same side
    or back to back; or where they do so at the planes below and above, `low` and `high` (n, nv, nu), and lie
    within `most` of one another: between planes each is drawn for itself. A solid that a plane lacks (minus
    infinity) is judged by the other plane. Where they coincide, and one is nearer than `reach`, the later
    solid gets the distance of the earlier one, with its own sign.
    """
    solids, slices, nv, nu = depths.shape
    for k in range(1, solids):
        for s in range(slices):
            for j in range(nv):
                for i in range(nu):
                    here = depths[k, s, j, i]
                    if here == -np.inf:
                        continue
                    for earlier in range(k):
                        other = depths[earlier, s, j, i]
                        if min(abs(here), abs(other)) > reach or abs(abs(here) - abs(other)) > most:
                            continue
                        side = _side(depths[k, s], depths[earlier, s], j, i, tolerance)
                        if side == 0.0:
                            side = _side_at_planes(low, high, k, earlier, j, i, tolerance)
                        if side != 0.0 and abs(here - side * other) <= most:
                            depths[k, s, j, i] = side * other
                            break


@kernel
def _side_at_planes(
    low: FloatArray, high: FloatArray, k: int, earlier: int, j: int, i: int, tolerance: float
) -> float:
    """As `_side`, at the planes that hold both solids: the same at each."""
    result = 0.0
    for plane in (low, high):
        if plane[k, j, i] == -np.inf or plane[earlier, j, i] == -np.inf:
            continue
        side = _side(plane[k], plane[earlier], j, i, tolerance)
        if side in (0.0, -result):
            return 0.0
        result = side
    return result


@kernel
def _side(one: FloatArray, other: FloatArray, j: int, i: int, tolerance: float) -> float:
    """1 where two surfaces are one, -1 where they lie back to back, else 0."""
    for side in (1.0, -1.0):
        if abs(one[j, i] - side * other[j, i]) <= tolerance and _run_alike(one, other, side, j, i, tolerance):
            return side
    return 0.0


@kernel
def _run_alike(one: FloatArray, other: FloatArray, side: float, j: int, i: int, tolerance: float) -> bool:
    """Whether two distances (nv, nu) agree at the neighbours, too: else they only cross."""
    nv, nu = one.shape
    for dj, di in ((0, -1), (0, 1), (-1, 0), (1, 0)):
        row, column = min(max(j + dj, 0), nv - 1), min(max(i + di, 0), nu - 1)
        if abs(one[row, column] - side * other[row, column]) > 2.0 * tolerance:
            return False
    return True
