"""Area inside polygons by scan lines, and a point well inside."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]

_FEW = 32
"""So many crossings of a line are put into order one by one."""


@kernel
def enclosed_area(segments: FloatArray, lines: int) -> tuple[float, float, float, float]:
    """Area by the even-odd rule of segments (m, 4) as u, v, u, v in mm, from so many lines of constant v.

    Also the middle (u, v) of the widest stretch inside, and a length to search around it: half the stretch
    or half the height.
    """
    low, high = np.inf, -np.inf
    for m in range(segments.shape[0]):
        low = min(low, segments[m, 1], segments[m, 3])
        high = max(high, segments[m, 1], segments[m, 3])
    per_line = (high - low) / lines
    starts, crossings = _crossings(segments, low + 0.5 * per_line, per_line, lines)
    area, widest, middle_u, middle_v = 0.0, 0.0, 0.0, 0.0
    for line in range(lines):
        ends = crossings[starts[line] : starts[line + 1]]
        _put_in_order(ends)
        inside = 0.0
        for n in range(0, ends.shape[0] - 1, 2):
            width = ends[n + 1] - ends[n]
            inside += width
            if width > widest:
                widest, middle_u, middle_v = width, ends[n] + width / 2, low + (line + 0.5) * per_line
        area += inside
    return area * per_line, middle_u, middle_v, min(widest, high - low) / 2


@kernel
def _put_in_order(values: FloatArray) -> None:
    """Sort values (n,) in place; mostly there are two."""
    if values.shape[0] > _FEW:
        values.sort()
        return
    for n in range(1, values.shape[0]):
        here, place = values[n], n
        while place > 0 and values[place - 1] > here:
            values[place] = values[place - 1]
            place -= 1
        values[place] = here


@kernel
def _crossings(
    segments: FloatArray, first_v: float, per_line: float, lines: int
) -> tuple[NDArray[np.int64], FloatArray]:
    """Where segments cross lines of constant v: those of line n are crossings[starts[n]:starts[n + 1]]."""
    starts = np.zeros(lines + 1, dtype=np.int64)
    crossed = np.empty((segments.shape[0], 2), dtype=np.int64)
    for m in range(segments.shape[0]):
        first, last = _lines_crossed(segments[m, 1], segments[m, 3], first_v, per_line, lines)
        crossed[m, 0], crossed[m, 1] = first, last
        for line in range(first, last + 1):
            starts[line + 1] += 1
    for line in range(lines):
        starts[line + 1] += starts[line]
    crossings, filled = np.empty(starts[lines]), starts[:lines].copy()
    for m in range(segments.shape[0]):
        ua, va, ub, vb = segments[m, 0], segments[m, 1], segments[m, 2], segments[m, 3]
        for line in range(crossed[m, 0], crossed[m, 1] + 1):
            v = first_v + line * per_line
            crossings[filled[line]] = ua + (v - va) / (vb - va) * (ub - ua)
            filled[line] += 1
    return starts, crossings


@kernel
def _lines_crossed(va: float, vb: float, first_v: float, per_line: float, lines: int) -> tuple[int, int]:
    """The first and the last line that a segment from `va` to `vb` crosses: neighbours, or none (0, -1)."""
    if va == vb:
        return 0, -1
    first = max(int(np.floor((min(va, vb) - first_v) / per_line)), 0)
    last = min(int(np.floor((max(va, vb) - first_v) / per_line)) + 1, lines - 1)
    while first <= last and (va <= first_v + first * per_line) == (vb <= first_v + first * per_line):
        first += 1
    while first <= last and (va <= first_v + last * per_line) == (vb <= first_v + last * per_line):
        last -= 1
    return first, last
