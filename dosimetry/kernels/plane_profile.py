"""A plane's profile on a raster: f (2 rho - f) of the signed distance f and the nearest part's radius rho."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel
from dosimetry.kernels.even_odd import inside_raster
from dosimetry.kernels.polygon_distance import nearest_segments

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@kernel
def plane_profile(
    outline: FloatArray,
    boundary: FloatArray,
    number: IntArray,
    radii: FloatArray,
    u0: float,
    v0: float,
    step: float,
    nv: int,
    nu: int,
) -> tuple[FloatArray, FloatArray, IntArray, NDArray[np.int32]]:
    """Profile and rho^2 (nv, nu), mm^2, the nearest part and the nearest segment of each raster point.

    `outline` (m, 4) says what is inside, `boundary` (b, 4) where the surface is, `number` (b,) which part a
    segment belongs to, `radii` the inscribed radius of every part of the plane; rho is no less than f.
    """
    distance, nearest = nearest_segments(boundary, u0, v0, step, nv, nu)
    inside = inside_raster(outline, u0, v0, step, nv, nu)
    square, part = np.empty((nv, nu)), np.empty((nv, nu), dtype=np.int64)
    for j in range(nv):
        for i in range(nu):
            f = distance[j, i] if inside[j, i] else -distance[j, i]
            part[j, i] = number[nearest[j, i]]
            rho = max(radii[part[j, i]], f)
            distance[j, i] = f * (2.0 * rho - f)
            square[j, i] = rho * rho
    return distance, square, part, nearest
