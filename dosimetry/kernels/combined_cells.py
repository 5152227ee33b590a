"""Samples of a region made of several solids: a point and a share for every raster cell that it covers.

The smaller or larger of two signed distances is no distance where surfaces coincide: of a solid less itself
it leaves a film, between two that abut a crack, both a quarter of a cell wide. A cell that several surfaces
cross is looked at more closely: each surface is a straight line in it, and 64 points tell on which side of
every line they lie.
"""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel
from dosimetry.kernels.region_program import combined_bits, combined_depth

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BitArray = NDArray[np.uint64]

REACH_STEPS = 0.75
"""Half the diagonal of a cell, and some more: a surface further from its middle does not cross it."""
_FAR_STEPS = 4.0
"""Depth of a cell that is wholly in or out although surfaces cross it."""
_LEAST_AROUND = 1.0
"""Covered share of nine cells, of one, without which the middle one holds no extreme dose: what is left where
two surfaces are drawn apart by chance."""
_POINTS = 64
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_NONE = np.uint64(0)
_ONE = np.uint64(1)
_BESIDE_STEPS = 1e-6


@kernel
def combined_distance(depths: FloatArray, program: IntArray, step: float, first: int) -> FloatArray:
    """Signed distance (slices, nv, nu) of a region from those of its solids (n, slices, nv, nu).

    In a cell that several surfaces cross, it is as deep as the covered share says; `first` is the number of
    the first slice.
    """
    solids, slices, nv, nu = depths.shape
    result = np.empty((slices, nv, nu))
    stack = np.empty(solids)
    lines = np.empty((solids, 3))
    for s in range(slices):
        for j in range(nv):
            for i in range(nu):
                if _crossing(depths, s, j, i, step) < 2:
                    result[s, j, i] = combined_depth(program, depths[:, s, j, i], stack)
                    continue
                _set_lines(depths, s, j, i, step, lines)
                share = _count(_covered(program, lines, step, i, j, first + s)) / _POINTS
                if share in (0.0, 1.0):
                    result[s, j, i] = (2.0 * share - 1.0) * _FAR_STEPS * step
                else:
                    result[s, j, i] = (share - 0.5) * step
    return result


@kernel
def combined_cells(
    depths: FloatArray,
    program: IntArray,
    distance: FloatArray,
    u0: float,
    v0: float,
    step: float,
    heights: FloatArray,
    thicknesses: FloatArray,
    first: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Points (n, 3) in mm, the volume (n,) in cc that each stands for, and surface points (m, 3) of slices.

    `distance` is what `combined_distance` made of `depths`. Points are moved from cell to cell as those of
    one solid are (`cell_samples`).
    """
    solids, slices, nv, nu = depths.shape
    count, edge = _counts(depths, distance, step)
    points, volume, surface = np.empty((count, 3)), np.empty(count), np.empty((edge, 3))
    lines, place = np.empty((solids, 3)), np.empty(2)
    n, m = 0, 0
    for s in range(slices):
        number = first + s
        cell_cc = step**2 * thicknesses[s] / 1000.0
        for j in range(nv):
            for i in range(nu):
                d = distance[s, j, i]
                if d <= -0.5 * step:
                    continue
                u, v = u0 + i * step, v0 + j * step
                shift_w = (0.5 + 0.8191725134 * i + 0.6710436067 * j + 0.5497004779 * number) % 1.0 - 0.5
                if d < 0.5 * step:
                    _set_lines(depths, s, j, i, step, lines)
                    _place_inside(program, lines, d, step, i, j, number, place)
                    before = m
                    if _covered_around(distance[s], j, i, step) >= _LEAST_AROUND:
                        m = _add_surface(program, lines, step, surface, m)
                    for each in range(before, m):
                        surface[each, 0] += u
                        surface[each, 1] += v
                        surface[each, 2] = heights[s]
                    volume[n] = (0.5 + d / step) * cell_cc
                else:
                    place[0] = step * ((0.5 + 0.7548776662 * j + 0.5698402910 * number) % 1.0 - 0.5)
                    place[1] = step * ((0.5 + 0.7548776662 * i + 0.5698402910 * number) % 1.0 - 0.5)
                    volume[n] = cell_cc
                points[n, 0], points[n, 1] = u + place[0], v + place[1]
                points[n, 2] = heights[s] + shift_w * thicknesses[s]
                n += 1
    return points, volume, surface[:m]


@kernel
def _counts(depths: FloatArray, distance: FloatArray, step: float) -> tuple[int, int]:
    """How many cells are covered, and how many surfaces cross those that are covered in part."""
    slices, nv, nu = distance.shape
    count, edge = 0, 0
    for s in range(slices):
        for j in range(nv):
            for i in range(nu):
                if distance[s, j, i] > -0.5 * step:
                    count += 1
                    if distance[s, j, i] < 0.5 * step:
                        edge += _crossing(depths, s, j, i, step)
    return count, edge


@kernel
def _crossing(depths: FloatArray, s: int, j: int, i: int, step: float) -> int:
    """How many surfaces cross a cell."""
    count = 0
    for k in range(depths.shape[0]):
        count += abs(depths[k, s, j, i]) < REACH_STEPS * step
    return count


@kernel
def _set_lines(depths: FloatArray, s: int, j: int, i: int, step: float, lines: FloatArray) -> None:
    """The surface of each solid in a cell: its depth at the middle, and the unit vector inwards (n, 3).

    Of a surface that does not cross the cell, no vector: all of the cell is in or out.
    """
    for k in range(depths.shape[0]):
        plane = depths[k, s]
        lines[k, 0], lines[k, 1], lines[k, 2] = plane[j, i], 0.0, 0.0
        if abs(plane[j, i]) >= REACH_STEPS * step:
            continue
        i0, i1 = max(i - 1, 0), min(i + 1, plane.shape[1] - 1)
        j0, j1 = max(j - 1, 0), min(j + 1, plane.shape[0] - 1)
        gu = min(max(plane[j, i1], -1e9), 1e9) - min(max(plane[j, i0], -1e9), 1e9)
        gv = min(max(plane[j1, i], -1e9), 1e9) - min(max(plane[j0, i], -1e9), 1e9)
        size = np.sqrt(gu * gu + gv * gv)
        if size > 0.0:
            lines[k, 1], lines[k, 2] = gu / size, gv / size


@kernel
def _covered(program: IntArray, lines: FloatArray, step: float, i: int, j: int, number: int) -> np.uint64:
    """Which of a cell's points the region covers, a bit each."""
    solids = lines.shape[0]
    bits, stack = np.empty(solids, dtype=np.uint64), np.empty(solids, dtype=np.uint64)
    for k in range(solids):
        bits[k] = _ALL if lines[k, 0] > 0.0 and not _is_line(lines, k) else _NONE
    for point in range(_POINTS):
        u, v = _point_of(point, step, i, j, number)
        for k in range(solids):
            if _is_line(lines, k):
                inside = lines[k, 0] + lines[k, 1] * u + lines[k, 2] * v > 0.0
                bits[k] |= np.uint64(inside) << np.uint64(point)
    return combined_bits(program, bits, stack)


@kernel
def _point_of(point: int, step: float, i: int, j: int, number: int) -> tuple[float, float]:
    """A point of a cell from its middle: a low-discrepancy set (Roberts 2018), shifted in every cell."""
    along = 0.8191725134 * i + 0.6710436067 * j + 0.5497004779 * number
    across = 0.5497004779 * i + 0.8191725134 * j + 0.6710436067 * number
    u, v = 0.7548776662 * point + along, 0.5698402910 * point + across
    # The same to the bit as `% 1.0` of what is not negative, and several times as fast.
    return (u - np.floor(u) - 0.5) * step, (v - np.floor(v) - 0.5) * step


@kernel
def _is_line(lines: FloatArray, k: int) -> bool:
    """Whether a solid's surface crosses the cell."""
    return bool(lines[k, 1] != 0.0 or lines[k, 2] != 0.0)


@kernel
def _count(covered: np.uint64) -> int:
    count = 0
    while covered != _NONE:
        covered &= covered - _ONE
        count += 1
    return count


@kernel
def _place_inside(
    program: IntArray,
    lines: FloatArray,
    distance: float,
    step: float,
    i: int,
    j: int,
    number: int,
    place: FloatArray,
) -> None:
    """Set a covered point of a cell that is covered in part, from its middle."""
    share = (0.5 + 0.7548776662 * i + 0.5698402910 * j + 0.4301597090 * number) % 1.0
    only, surfaces = 0, 0
    for k in range(lines.shape[0]):
        if _is_line(lines, k):
            only, surfaces = k, surfaces + 1
    if surfaces == 1:
        beyond = _BESIDE_STEPS * step - lines[only, 0]
        side = 1.0 if _is_covered(program, lines, beyond * lines[only, 1], beyond * lines[only, 2]) else -1.0
        inward = side * (share * (distance + 0.5 * step) - distance)
        place[0], place[1] = lines[only, 1] * inward, lines[only, 2] * inward
        return
    covered = _covered(program, lines, step, i, j, number)
    wanted = int(share * _count(covered))
    for _ in range(wanted):
        covered &= covered - _ONE
    point = 0
    while covered != _NONE and (covered >> np.uint64(point)) & _ONE == _NONE:
        point += 1
    place[0], place[1] = _point_of(point, step, i, j, number)


@kernel
def _covered_around(distance: FloatArray, j: int, i: int, step: float) -> float:
    """How much of a cell and its neighbours is covered, in cells."""
    covered = 0.0
    for row in range(max(j - 1, 0), min(j + 2, distance.shape[0])):
        for column in range(max(i - 1, 0), min(i + 2, distance.shape[1])):
            covered += min(max(0.5 + distance[row, column] / step, 0.0), 1.0)
    return covered


@kernel
def _is_covered(program: IntArray, lines: FloatArray, u: float, v: float) -> bool:
    """Whether a point, from the cell's middle, lies in the region."""
    solids = lines.shape[0]
    bits, stack = np.empty(solids, dtype=np.uint64), np.empty(solids, dtype=np.uint64)
    for k in range(solids):
        inside = lines[k, 0] + lines[k, 1] * u + lines[k, 2] * v > 0.0
        bits[k] = _ALL if inside else _NONE
    return bool(combined_bits(program, bits, stack) != _NONE)


@kernel
def _add_surface(program: IntArray, lines: FloatArray, step: float, surface: FloatArray, m: int) -> int:
    """Add those points of the surfaces nearest to the middle that bound the region; how many there are."""
    beside = _BESIDE_STEPS * step
    for k in range(lines.shape[0]):
        d, gu, gv = lines[k, 0], lines[k, 1], lines[k, 2]
        if abs(d) >= 0.5 * step or (gu == 0.0 and gv == 0.0):
            continue
        within = _is_covered(program, lines, (beside - d) * gu, (beside - d) * gv)
        if within != _is_covered(program, lines, (-beside - d) * gu, (-beside - d) * gv):
            surface[m, 0], surface[m, 1] = -d * gu, -d * gv
            m += 1
    return m
