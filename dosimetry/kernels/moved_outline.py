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
        cu, cv, wu, wv = _box(axes, middles[n], half[0] * s0, half[1] * s1)
        first_i = max(int((cu - wu - margin - u0) / step), 0)
        last_i = min(int((cu + wu + margin - u0) / step) + 1, nu - 1)
        first_j = max(int((cv - wv - margin - v0) / step), 0)
        last_j = min(int((cv + wv + margin - v0) / step) + 1, nv - 1)
        # Where a point (i, j) was before, in steps, is a linear map.
        r0, r1 = 1.0 / s0, 1.0 / s1
        xx = axes[0, 0] * axes[0, 0] * r0 + axes[1, 0] * axes[1, 0] * r1
        xy = axes[0, 0] * axes[0, 1] * r0 + axes[1, 0] * axes[1, 1] * r1
        yy = axes[0, 1] * axes[0, 1] * r0 + axes[1, 1] * axes[1, 1] * r1
        back0, back1 = middle[0] - middles[n, 0] * r0, middle[1] - middles[n, 1] * r1
        x0 = (xx * u0 + xy * v0 + axes[0, 0] * back0 + axes[1, 0] * back1 - u0) / step
        y0 = (xy * u0 + yy * v0 + axes[0, 1] * back0 + axes[1, 1] * back1 - v0) / step
        a0, a1, b0, b1 = axes[0, 0] * r0, axes[0, 1] * r0, axes[1, 0] * r1, axes[1, 1] * r1
        for j in range(first_j, last_j + 1):
            for i in range(first_i, last_i + 1):
                x, y = x0 + xx * i + xy * j, y0 + xy * i + yy * j
                if x < 0.0 or y < 0.0 or x > nu - 1.0 or y > nv - 1.0:
                    continue
                ci, cj = min(int(x), nu - 2), min(int(y), nv - 2)
                tx, ty = x - ci, y - cj
                d00, d10 = distance[cj, ci], distance[cj, ci + 1]
                d01, d11 = distance[cj + 1, ci], distance[cj + 1, ci + 1]
                low, high = d00 + tx * (d10 - d00), d01 + tx * (d11 - d01)
                f = low + ty * (high - low)
                gx, gy = d10 - d00 + ty * (d11 - d01 - d10 + d00), high - low
                ga, gb = a0 * gx + a1 * gy, b0 * gx + b1 * gy
                slope2 = ga * ga + gb * gb
                size2 = gx * gx + gy * gy
                result[n, j, i] = f * np.sqrt(size2 / slope2) if slope2 > 0.0 else f * min(s0, s1)
    return result


@kernel
def _box(
    axes: FloatArray, middle: FloatArray, half0: float, half1: float
) -> tuple[float, float, float, float]:
    """Middle and half width along u and v of the box around one that lies along axes."""
    cu = axes[0, 0] * middle[0] + axes[1, 0] * middle[1]
    cv = axes[0, 1] * middle[0] + axes[1, 1] * middle[1]
    wu = abs(axes[0, 0]) * half0 + abs(axes[1, 0]) * half1
    wv = abs(axes[0, 1]) * half0 + abs(axes[1, 1]) * half1
    return cu, cv, wu, wv


@kernel
def draw_blended(one: FloatArray, other: FloatArray, share: FloatArray, drawn: FloatArray) -> None:
    """Draw what lies from `one` to `other` (n, nv, nu) by shares (n,) over `drawn`: where it is higher.

    Where either is minus infinity there is nothing to draw.
    """
    for n in range(one.shape[0]):
        for j in range(one.shape[1]):
            for i in range(one.shape[2]):
                a, b = one[n, j, i], other[n, j, i]
                if a > -np.inf and b > -np.inf:
                    drawn[n, j, i] = max(drawn[n, j, i], a + share[n] * (b - a))
