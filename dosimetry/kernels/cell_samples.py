"""Samples of one slice of a solid: a point and a share for every raster cell that it covers."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]


@kernel
def cell_samples(
    distance: FloatArray, u0: float, v0: float, step: float, w: float, thickness: float, number: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Points (n, 3), covered fraction (n,) and surface points (m, 3) of a slice, mm.

    `distance` (nv, nu) is the signed distance to the surface. A cell is represented by a point of its
    covered part, which a low-discrepancy sequence (Roberts 2018) moves from cell to cell, so that a dose
    gradient does not meet the same offset in each. `number` is the slice's, for that sequence.
    """
    nv, nu = distance.shape
    half = 0.5 * step
    count, edge = 0, 0
    for j in range(nv):
        for i in range(nu):
            if distance[j, i] > -half:
                count += 1
                if distance[j, i] < half:
                    edge += 1
    points = np.empty((count, 3))
    fraction = np.empty(count)
    surface = np.empty((edge, 3))
    n, m = 0, 0
    for j in range(nv):
        for i in range(nu):
            d = distance[j, i]
            if d <= -half:
                continue
            u, v = u0 + i * step, v0 + j * step
            shift_w = (0.5 + 0.8191725134 * i + 0.6710436067 * j + 0.5497004779 * number) % 1.0 - 0.5
            points[n, 2] = w + shift_w * thickness
            if d < half:
                i0, i1 = max(i - 1, 0), min(i + 1, nu - 1)
                j0, j1 = max(j - 1, 0), min(j + 1, nv - 1)
                gu = min(max(distance[j, i1], -1e9), 1e9) - min(max(distance[j, i0], -1e9), 1e9)
                gv = min(max(distance[j1, i], -1e9), 1e9) - min(max(distance[j0, i], -1e9), 1e9)
                size = np.sqrt(gu * gu + gv * gv)
                if size > 0.0:
                    gu, gv = gu / size, gv / size
                share = (0.5 + 0.7548776662 * i + 0.5698402910 * j + 0.4301597090 * number) % 1.0
                inward = share * (d + half) - d
                points[n, 0] = u + gu * inward
                points[n, 1] = v + gv * inward
                fraction[n] = 0.5 + d / step
                surface[m, 0] = u - gu * d
                surface[m, 1] = v - gv * d
                surface[m, 2] = w
                m += 1
            else:
                points[n, 0] = u + step * ((0.5 + 0.7548776662 * j + 0.5698402910 * number) % 1.0 - 0.5)
                points[n, 1] = v + step * ((0.5 + 0.7548776662 * i + 0.5698402910 * number) % 1.0 - 0.5)
                fraction[n] = 1.0
            n += 1
    return points, fraction, surface
