"""Blend the profiles of neighbouring sections: a solid between two planes."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


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
    result = np.empty_like(low)
    per_gap, per_two_below, per_two_above = 1.0 / (x[2] - x[1]), 1.0 / (x[2] - x[0]), 1.0 / (x[3] - x[1])
    # At the first and the last gap there is no plane before or after, and nothing came from there.
    per_gap_below = 1.0 / (x[1] - x[0]) if x[1] > x[0] else 0.0
    per_gap_above = 1.0 / (x[3] - x[2]) if x[3] > x[2] else 0.0
    # Without branches and divisions many points are worked on at once.
    for j in range(low.shape[0]):
        for i in range(low.shape[1]):
            rise = (high[j, i] - low[j, i]) * per_gap
            one = (rise - (low[j, i] - before[j, i]) * per_gap_below) * per_two_below
            other = ((after[j, i] - high[j, i]) * per_gap_above - rise) * per_two_above
            lesser = one if abs(one) < abs(other) else other
            both = lesser if one * other > 0.0 else 0.0
            alone = one if from_below[j, i] else other if from_above[j, i] else 0.0
            result[j, i] = both if from_below[j, i] and from_above[j, i] else alone
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
    _draw_between(profiles, bend, squares, x_low, x_high, heights, result)
    return result


@kernel
def _draw_between(
    profiles: tuple[FloatArray, FloatArray],
    bend: FloatArray,
    squares: tuple[FloatArray, FloatArray],
    x_low: float,
    x_high: float,
    heights: FloatArray,
    result: FloatArray,
) -> None:
    """`blend` of profiles and of squares, and their `profile_distance`, in one pass."""
    for n in range(heights.shape[0]):
        t = (heights[n] - x_low) / (x_high - x_low)
        product = (heights[n] - x_low) * (heights[n] - x_high)
        for j in range(bend.shape[0]):
            for i in range(bend.shape[1]):
                low, square = profiles[0][j, i], squares[0][j, i]
                g = low + t * (profiles[1][j, i] - low) + product * bend[j, i]
                p = max(square + t * (squares[1][j, i] - square), g, 0.0)
                size = np.sqrt(p) + np.sqrt(p - g)
                result[n, j, i] = g / size if size > 0.0 else 0.0


@kernel
def solid_through(
    values: FloatArray,
    squares: FloatArray,
    parts: IntArray,
    goes_on: BoolArray,
    plane_heights: FloatArray,
    is_bent: bool,
    heights: FloatArray,
    gaps: IntArray,
    result: FloatArray,
) -> None:
    """As `solid_between` through neighbouring gaps: the distance at ascending `heights` (n,) in them.

    `values`, `squares` and `parts` (planes, nv, nu) are profiles, rho^2 and the nearest part of each plane,
    `goes_on` (planes, 2, parts) says which parts go on downwards and upwards, `gaps` (n,) number the plane
    below each height. Without `is_bent` gaps are drawn straight. `result` is (n, nv, nu).
    """
    bend = np.zeros(values.shape[1:])
    first = 0
    while first < heights.shape[0]:
        lower, last = gaps[first], first + 1
        while last < heights.shape[0] and gaps[last] == lower:
            last += 1
        if is_bent:
            bend = _bend_of_gap(values, parts, goes_on, plane_heights, lower)
        _draw_between(
            (values[lower], values[lower + 1]),
            bend,
            (squares[lower], squares[lower + 1]),
            plane_heights[lower],
            plane_heights[lower + 1],
            heights[first:last],
            result[first:last],
        )
        first = last


@kernel
def _bend_of_gap(
    values: FloatArray, parts: IntArray, goes_on: BoolArray, plane_heights: FloatArray, lower: int
) -> FloatArray:
    """`lesser_curvature` in the gap above a plane; a plane that no part came from is not read."""
    below, above = goes_on[lower, 0].any(), goes_on[lower + 1, 1].any()
    before = values[lower - 1] if below else values[lower]
    after = values[lower + 2] if above else values[lower + 1]
    x = np.empty(4)
    x[0] = plane_heights[lower - 1] if below else plane_heights[lower]
    x[1], x[2] = plane_heights[lower], plane_heights[lower + 1]
    x[3] = plane_heights[lower + 2] if above else plane_heights[lower + 1]
    from_below = np.empty(values.shape[1:], dtype=np.bool_)
    from_above = np.empty(values.shape[1:], dtype=np.bool_)
    for j in range(values.shape[1]):
        for i in range(values.shape[2]):
            from_below[j, i] = goes_on[lower, 0, parts[lower, j, i]]
            from_above[j, i] = goes_on[lower + 1, 1, parts[lower + 1, j, i]]
    return lesser_curvature(before, values[lower], values[lower + 1], after, from_below, from_above, x)


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
