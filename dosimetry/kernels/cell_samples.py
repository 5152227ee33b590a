"""Samples of one slice of a solid: a point and a share for every raster cell that it covers."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]


@kernel
def cell_samples(
    distance: FloatArray,
    u0: float,
    v0: float,
    step: float,
    heights: FloatArray,
    thicknesses: FloatArray,
    first: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Points (n, 3) in mm, the volume (n,) in cc that each stands for, and surface points (m, 3) of slices.

    `distance` (slices, nv, nu) is the signed distance to the surface. A cell is represented by a point of
    its covered part, which a low-discrepancy sequence (Roberts 2018) moves from cell to cell, so that a dose
    gradient does not meet the same offset in each. `first` is the first slice's number in that sequence.
    """
    slices, nv, nu = distance.shape
    half = 0.5 * step
    count, edge = 0, 0
    for s in range(slices):
        for j in range(nv):
            for i in range(nu):
                if distance[s, j, i] > -half:
                    count += 1
                    if distance[s, j, i] < half:
                        edge += 1
    points = np.empty((count, 3))
    volume = np.empty(count)
    surface = np.empty((edge, 3))
    n, m = 0, 0
    for s in range(slices):
        plane, number, w = distance[s], first + s, heights[s]
        cell_cc = step**2 * thicknesses[s] / 1000.0
        for j in range(nv):
            for i in range(nu):
                d = plane[j, i]
                if d <= -half:
                    continue
                u, v = u0 + i * step, v0 + j * step
                shift_w = (0.5 + 0.8191725134 * i + 0.6710436067 * j + 0.5497004779 * number) % 1.0 - 0.5
                points[n, 2] = w + shift_w * thicknesses[s]
                if d < half:
                    i0, i1 = max(i - 1, 0), min(i + 1, nu - 1)
                    j0, j1 = max(j - 1, 0), min(j + 1, nv - 1)
                    gu = min(max(plane[j, i1], -1e9), 1e9) - min(max(plane[j, i0], -1e9), 1e9)
                    gv = min(max(plane[j1, i], -1e9), 1e9) - min(max(plane[j0, i], -1e9), 1e9)
                    size = np.sqrt(gu * gu + gv * gv)
                    if size > 0.0:
                        gu, gv = gu / size, gv / size
                    share = (0.5 + 0.7548776662 * i + 0.5698402910 * j + 0.4301597090 * number) % 1.0
                    inward = share * (d + half) - d
                    points[n, 0] = u + gu * inward
                    points[n, 1] = v + gv * inward
                    volume[n] = (0.5 + d / step) * cell_cc
                    surface[m, 0] = u - gu * d
                    surface[m, 1] = v - gv * d
                    surface[m, 2] = w
                    m += 1
                else:
                    points[n, 0] = u + step * ((0.5 + 0.7548776662 * j + 0.5698402910 * number) % 1.0 - 0.5)
                    points[n, 1] = v + step * ((0.5 + 0.7548776662 * i + 0.5698402910 * number) % 1.0 - 0.5)
                    volume[n] = cell_cc
                n += 1
    return points, volume, surface
