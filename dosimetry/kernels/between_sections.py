"""Blend the profiles of neighbouring sections: a solid between two planes."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@kernel
def curvature(
    before: FloatArray, here: FloatArray, after: FloatArray, x0: float, x1: float, x2: float
) -> FloatArray:
    """Second divided difference of three profiles (nv, nu) at heights x0, x1, x2."""
    return ((after - here) / (x2 - x1) - (here - before) / (x1 - x0)) / (x2 - x0)


@kernel
def lesser_curvature(
    one: FloatArray, one_known: BoolArray, other: FloatArray, other_known: BoolArray
) -> FloatArray:
    """Of two estimates (nv, nu) the smaller where they agree in sign, else none (minmod; Harten 1983).

    Where only one is known, that one.
    """
    result = np.zeros_like(one)
    for j in range(one.shape[0]):
        for i in range(one.shape[1]):
            a, b = one[j, i], other[j, i]
            if not one_known[j, i]:
                result[j, i] = b if other_known[j, i] else 0.0
            elif not other_known[j, i]:
                result[j, i] = a
            elif a * b > 0.0:
                result[j, i] = a if abs(a) < abs(b) else b
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
