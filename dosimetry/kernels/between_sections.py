"""Blend the profiles of neighbouring sections: a solid between two planes, and past the last one."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]


@kernel
def curvature(
    before: FloatArray, here: FloatArray, after: FloatArray, x0: float, x1: float, x2: float
) -> FloatArray:
    """Second divided difference of three profiles (nv, nu) at heights x0, x1, x2."""
    return ((after - here) / (x2 - x1) - (here - before) / (x1 - x0)) / (x2 - x0)


@kernel
def lesser_curvature(one: FloatArray, other: FloatArray) -> FloatArray:
    """Of two estimates (nv, nu) the smaller one where they agree in sign, else none (minmod; Harten 1983)."""
    result = np.zeros_like(one)
    for j in range(one.shape[0]):
        for i in range(one.shape[1]):
            a, b = one[j, i], other[j, i]
            if a * b > 0.0:
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
def taper(profile: FloatArray, slope: FloatArray, bend: FloatArray, x: float) -> FloatArray:
    """Profile (nv, nu) at distance x past the last plane: never grows, nor reopens once it has closed."""
    result = np.empty_like(profile)
    for j in range(profile.shape[0]):
        for i in range(profile.shape[1]):
            c1, c2 = slope[j, i], bend[j, i]
            reach = x
            if c1 >= 0.0:
                reach = 0.0
            elif c2 > 0.0:
                reach = min(x, -0.5 * c1 / c2)
            result[j, i] = profile[j, i] + reach * (c1 + reach * c2)
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
