"""Signed distance of an outline that is moved and scaled along two axes."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]


@kernel
def moved_outline(
    distance: FloatArray,
    u0: float,
    v0: float,
    step: float,
    axes: FloatArray,
    middle: FloatArray,
    half: FloatArray,
    middles: FloatArray,
    scales: FloatArray,
) -> FloatArray:
    """Distance (n, nv, nu) of an outline with `distance` (nv, nu), scaled about its middle and moved.

    `axes` (2, 2) has unit vectors as rows; along them are the outline's `middle` and `half` width (2,), its
    new `middles` (n, 2) and the factors `scales` (n, 2). The outline's own distance is interpolated linearly
    and divided by its slope. Past the new box it is minus infinity, but for a few raster points; so it is
    everywhere where a scale is 0.
    """
    nv, nu = distance.shape
    margin = 3.0 * step
    result = np.full((middles.shape[0], nv, nu), -np.inf)
    for n in range(middles.shape[0]):
        s0, s1 = scales[n, 0], scales[n, 1]
        if s0 <= 0.0 or s1 <= 0.0:
            continue
        w0, w1 = half[0] * s0, half[1] * s1
        cu = axes[0, 0] * middles[n, 0] + axes[1, 0] * middles[n, 1]
        cv = axes[0, 1] * middles[n, 0] + axes[1, 1] * middles[n, 1]
        wu = abs(axes[0, 0]) * w0 + abs(axes[1, 0]) * w1 + margin
        wv = abs(axes[0, 1]) * w0 + abs(axes[1, 1]) * w1 + margin
        first_i, last_i = max(int((cu - wu - u0) / step), 0), min(int((cu + wu - u0) / step) + 1, nu - 1)
        first_j, last_j = max(int((cv - wv - v0) / step), 0), min(int((cv + wv - v0) / step) + 1, nv - 1)
        for j in range(first_j, last_j + 1):
            for i in range(first_i, last_i + 1):
                u, v = u0 + i * step, v0 + j * step
                a = middle[0] + (axes[0, 0] * u + axes[0, 1] * v - middles[n, 0]) / s0
                b = middle[1] + (axes[1, 0] * u + axes[1, 1] * v - middles[n, 1]) / s1
                x = (axes[0, 0] * a + axes[1, 0] * b - u0) / step
                y = (axes[0, 1] * a + axes[1, 1] * b - v0) / step
                if x < 0.0 or y < 0.0 or x > nu - 1.0 or y > nv - 1.0:
                    continue
                ci, cj = min(int(x), nu - 2), min(int(y), nv - 2)
                tx, ty = x - ci, y - cj
                d00, d10 = distance[cj, ci], distance[cj, ci + 1]
                d01, d11 = distance[cj + 1, ci], distance[cj + 1, ci + 1]
                low, high = d00 + tx * (d10 - d00), d01 + tx * (d11 - d01)
                f = low + ty * (high - low)
                gx, gy = d10 - d00 + ty * (d11 - d01 - d10 + d00), high - low
                ga = (axes[0, 0] * gx + axes[0, 1] * gy) / s0
                gb = (axes[1, 0] * gx + axes[1, 1] * gy) / s1
                slope = np.sqrt(ga * ga + gb * gb)
                size = np.sqrt(gx * gx + gy * gy)
                result[n, j, i] = f * size / slope if slope > 0.0 else f * min(s0, s1)
    return result


@kernel
def blended(one: FloatArray, other: FloatArray, share: FloatArray) -> FloatArray:
    """From `one` to `other` (n, nv, nu) by shares (n,); where either is minus infinity, that."""
    result = np.full(one.shape, -np.inf)
    for n in range(one.shape[0]):
        for j in range(one.shape[1]):
            for i in range(one.shape[2]):
                a, b = one[n, j, i], other[n, j, i]
                if a > -np.inf and b > -np.inf:
                    result[n, j, i] = a + share[n] * (b - a)
    return result
