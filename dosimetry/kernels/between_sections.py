"""Blend the profiles of neighbouring sections: a solid between two planes."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@kernel
def lesser_curvature(
    before: FloatArray,
    low: FloatArray,
    high: FloatArray,
    after: FloatArray,
    from_below: BoolArray,
    from_above: BoolArray,
    x: FloatArray,
) -> FloatArray:
    """Curvature in the gap between the profiles `low` and `high` (nv, nu) of four at heights x (4,).

    Of the second divided differences with the plane before and with the plane after the smaller where they
    agree in sign, else none (minmod; Harten 1983). Where the parts came from one side only, that one.
    """
    result = np.zeros_like(low)
    for j in range(low.shape[0]):
        for i in range(low.shape[1]):
            rise = (high[j, i] - low[j, i]) / (x[2] - x[1])
            one, other = 0.0, 0.0
            if from_below[j, i]:
                one = (rise - (low[j, i] - before[j, i]) / (x[1] - x[0])) / (x[2] - x[0])
            if from_above[j, i]:
                other = ((after[j, i] - high[j, i]) / (x[3] - x[2]) - rise) / (x[3] - x[1])
            if not from_below[j, i]:
                result[j, i] = other
            elif not from_above[j, i]:
                result[j, i] = one
            elif one * other > 0.0:
                result[j, i] = one if abs(one) < abs(other) else other
    return result


@kernel
def blend(
    low: FloatArray, high: FloatArray, bend: FloatArray, x_low: float, x_high: float, x: float
) -> FloatArray:
    """Profile (nv, nu) at height x between two planes: straight line plus curvature, written as lerp."""
    t = (x - x_low) / (x_high - x_low)
    product = (x - x_low) * (x - x_high)
    result = np.empty_like(low)
    for j in range(low.shape[0]):
        for i in range(low.shape[1]):
            a = low[j, i]
            result[j, i] = a + t * (high[j, i] - a) + product * bend[j, i]
    return result


@kernel
def kink(
    slopes: tuple[FloatArray, FloatArray],
    low: FloatArray,
    high: FloatArray,
    known: BoolArray,
    x_low: float,
    x_high: float,
    x: float,
) -> FloatArray:
    """Profile (nv, nu) at height x if both sides went straight on into the gap up to where they meet.

    `slopes` are those below `low` and above `high`, per mm. Nowhere less than the straight line through the
    gap, which counts where the slopes are not `known`.
    """
    result = np.empty_like(low)
    t = (x - x_low) / (x_high - x_low)
    for j in range(low.shape[0]):
        for i in range(low.shape[1]):
            a, b = low[j, i], high[j, i]
            straight = a + t * (b - a)
            from_low, from_high = a + (x - x_low) * slopes[0][j, i], b - (x_high - x) * slopes[1][j, i]
            result[j, i] = max(straight, min(from_low, from_high)) if known[j, i] else straight
    return result


@kernel
def profile_distance(profile: FloatArray, square_radius: FloatArray) -> FloatArray:
    """Distance f (nv, nu) from a profile f (2 rho - f) and rho^2; exact where both belong to one circle."""
    result = np.empty_like(profile)
    for j in range(profile.shape[0]):
        for i in range(profile.shape[1]):
            g = profile[j, i]
            p = max(square_radius[j, i], g, 0.0)
            size = np.sqrt(p) + np.sqrt(p - g)
            result[j, i] = g / size if size > 0.0 else 0.0
    return result


@kernel
def solid_between(
    profiles: tuple[FloatArray, FloatArray],
    bend: FloatArray,
    squares: tuple[FloatArray, FloatArray],
    x_low: float,
    x_high: float,
    heights: FloatArray,
) -> FloatArray:
    """Distance (n, nv, nu) at heights between two planes, from the profiles and rho^2 of both."""
    result = np.empty((heights.shape[0], *bend.shape))
    none = np.zeros_like(bend)
    for n in range(heights.shape[0]):
        profile = blend(profiles[0], profiles[1], bend, x_low, x_high, heights[n])
        square = blend(squares[0], squares[1], none, x_low, x_high, heights[n])
        result[n] = profile_distance(profile, square)
    return result


@kernel
def solid_kinked(
    profiles: tuple[FloatArray, FloatArray],
    slopes: tuple[FloatArray, FloatArray],
    known: BoolArray,
    squares: tuple[FloatArray, FloatArray],
    x_low: float,
    x_high: float,
    heights: FloatArray,
) -> FloatArray:
    """As `solid_between`, with the profiles of `kink`."""
    result = np.empty((heights.shape[0], *known.shape))
    none = np.zeros_like(profiles[0])
    for n in range(heights.shape[0]):
        profile = kink(slopes, profiles[0], profiles[1], known, x_low, x_high, heights[n])
        square = blend(squares[0], squares[1], none, x_low, x_high, heights[n])
        result[n] = profile_distance(profile, square)
    return result
