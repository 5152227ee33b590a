"""Distance from points to the nearest of many line segments."""

# ruff: noqa: PLR0912, PLR0917 - a sweep is one loop nest; kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel
from dosimetry.kernels.even_odd import is_in_outline


@kernel
def square_distance(pu: float, pv: float, segment: NDArray[np.float64]) -> float:
    """Squared distance of a point to a segment: start, direction and 1 / length^2 (0 for a point), (5,)."""
    pu, pv = pu - segment[0], pv - segment[1]
    du, dv = segment[2], segment[3]
    t = min(max((pu * du + pv * dv) * segment[4], 0.0), 1.0)
    pu, pv = pu - t * du, pv - t * dv
    return pu * pu + pv * pv


@kernel
def nearest_segments(
    segments: NDArray[np.float64], u0: float, v0: float, step: float, nv: int, nu: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Distance (nv, nu) in mm and index of the nearest segment of (m, 4) for each raster point.

    Raster points beside a segment are seeded with it; the index of the nearest one then spreads over
    the raster in two sweeps (Danielsson 1980, doi 10.1016/0146-664X(80)90054-4, exact distances to segments):
    two more change nothing (of random polygons and of the real set, the error stays below 0.1 steps).
    """
    square = np.full((nv, nu), np.inf)
    nearest = np.full((nv, nu), -1, dtype=np.int64)
    known = np.empty((segments.shape[0], 5))
    for m in range(segments.shape[0]):
        ua, va = segments[m, 0], segments[m, 1]
        du, dv = segments[m, 2] - ua, segments[m, 3] - va
        length2 = du * du + dv * dv
        known[m, 0], known[m, 1], known[m, 2], known[m, 3] = ua, va, du, dv
        known[m, 4] = 1.0 / length2 if length2 > 0.0 else 0.0
        pieces = int(np.sqrt(length2) / step * 2.0) + 1
        for p in range(pieces + 1):
            ci = int(np.floor((ua + du * p / pieces - u0) / step))
            cj = int(np.floor((va + dv * p / pieces - v0) / step))
            # A segment outside the raster is seeded at the raster's nearest edge.
            first_j, first_i = min(max(cj - 1, 0), nv - 1), min(max(ci - 1, 0), nu - 1)
            for j in range(first_j, max(min(cj + 3, nv), first_j + 1)):
                for i in range(first_i, max(min(ci + 3, nu), first_i + 1)):
                    d2 = square_distance(u0 + i * step, v0 + j * step, known[m])
                    if d2 < square[j, i]:
                        square[j, i] = d2
                        nearest[j, i] = m
    for forward in (True, False):
        for jj in range(nv):
            j = jj if forward else nv - 1 - jj
            back_j = j - 1 if forward else j + 1
            has_back = 0 <= back_j < nv
            for ii in range(nu):
                closest, lowest = nearest[j, ii], square[j, ii]
                before = closest
                for n in range(4):
                    oi = ii - 1 if n == 0 else ii + n - 2
                    if oi < 0 or oi >= nu or (n > 0 and not has_back):
                        continue
                    m = nearest[j if n == 0 else back_j, oi]
                    if m < 0 or m == closest:
                        continue
                    d2 = square_distance(u0 + ii * step, v0 + j * step, known[m])
                    if d2 < lowest:
                        closest, lowest = m, d2
                if closest != before:
                    nearest[j, ii], square[j, ii] = closest, lowest
            # The row behind has been asked above: on the way back only what came along the row is new.
            for i in range(nu - 2, -1, -1):
                m = nearest[j, i + 1]
                if m >= 0 and m != nearest[j, i]:
                    d2 = square_distance(u0 + i * step, v0 + j * step, known[m])
                    if d2 < square[j, i]:
                        nearest[j, i], square[j, i] = m, d2
    return np.sqrt(square), nearest


@kernel
def inscribed_radius(
    outline: NDArray[np.float64], boundary: NDArray[np.float64], start: NDArray[np.float64], reach: float
) -> float:
    """Radius in mm of a circle in an outline (m, 4) that does not cross its boundary (b, 4).

    Climbs from the inner point `start` (2,), steps up to `reach`.
    """
    u, v = start[0], start[1]
    best2 = -1.0
    step = reach
    order = np.arange(boundary.shape[0])
    while step > 1e-4 * reach:
        moved = False
        cu, cv = u, v
        for n in range(9):
            pu, pv = cu + (n % 3 - 1) * step, cv + (n // 3 - 1) * step
            d2 = _square_distance_above(boundary, order, pu, pv, best2)
            # Only a real gain moves the centre: equal neighbours would pass it on for ever.
            if d2 > best2 * (1.0 + 1e-6) and is_in_outline(outline, pu, pv):
                best2 = d2
                u, v = pu, pv
                moved = n != 4
        if not moved:
            step *= 0.5
    return float(np.sqrt(max(best2, 0.0)))


@kernel
def _square_distance_above(
    segments: NDArray[np.float64], order: NDArray[np.int64], pu: float, pv: float, least2: float
) -> float:
    """Squared distance of a point to the nearest segment; minus infinity if it is not above the least.

    The segment that settles that comes nearer to the front of `order`: it is likely to settle the next, too.
    """
    lowest = np.inf
    for place in range(segments.shape[0]):
        m = order[place]
        ua, va = segments[m, 0], segments[m, 1]
        du, dv = segments[m, 2] - ua, segments[m, 3] - va
        length2 = du * du + dv * dv
        t = 0.0
        if length2 > 0.0:
            t = min(max(((pu - ua) * du + (pv - va) * dv) / length2, 0.0), 1.0)
        lowest = min(lowest, (pu - ua - t * du) ** 2 + (pv - va - t * dv) ** 2)
        if lowest <= least2:
            order[place], order[place // 4] = order[place // 4], m
            return -np.inf
    return lowest
