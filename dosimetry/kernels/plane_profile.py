"""Profiles of planes on a raster: f (2 rho - f) of the signed distance f and the nearest part's rho."""

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
    value, square = np.empty((nv, nu)), np.empty((nv, nu))
    part, nearest = np.empty((nv, nu), dtype=np.int64), np.empty((nv, nu), dtype=np.int32)
    _write_profile(outline, boundary, number, radii, u0, v0, step, value, square, part, nearest)
    return value, square, part, nearest


@kernel
def _write_profile(
    outline: FloatArray,
    boundary: FloatArray,
    number: IntArray,
    radii: FloatArray,
    u0: float,
    v0: float,
    step: float,
    value: FloatArray,
    square: FloatArray,
    part: IntArray,
    nearest: NDArray[np.int32],
) -> None:
    nv, nu = value.shape
    distance, segment = nearest_segments(boundary, u0, v0, step, nv, nu)
    inside = inside_raster(outline, u0, v0, step, nv, nu)
    for j in range(nv):
        for i in range(nu):
            f = distance[j, i] if inside[j, i] else -distance[j, i]
            nearest[j, i] = segment[j, i]
            part[j, i] = number[segment[j, i]]
            rho = max(radii[part[j, i]], f)
            value[j, i] = f * (2.0 * rho - f)
            square[j, i] = rho * rho


@kernel
def plane_profiles(
    outline: FloatArray,
    boundary: FloatArray,
    number: IntArray,
    radii: FloatArray,
    starts: IntArray,
    u0: float,
    v0: float,
    step: float,
    value: FloatArray,
    square: FloatArray,
    part: IntArray,
    nearest: NDArray[np.int32],
) -> None:
    """As `plane_profile` for neighbouring planes, written to rasters (planes, nv, nu).

    `starts` (planes + 1, 3) tells which rows of `outline`, of `boundary` with `number`, and of `radii` belong
    to each plane. A plane without any has no profile, and what is to be written for it stays as it is.
    """
    for p in range(value.shape[0]):
        first, last = starts[p], starts[p + 1]
        if first[1] == last[1]:
            continue
        _write_profile(
            outline[first[0] : last[0]],
            boundary[first[1] : last[1]],
            number[first[1] : last[1]],
            radii[first[2] : last[2]],
            *(u0, v0, step),
            *(value[p], square[p], part[p], nearest[p]),
        )
