"""Area inside polygons by scan lines, and a point well inside."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel


@kernel
def enclosed_area(segments: NDArray[np.float64], lines: int) -> tuple[float, float, float, float]:
    """Area by the even-odd rule of segments (m, 4) as u, v, u, v in mm, from so many lines of constant v.

    Also the middle (u, v) of the widest stretch inside, and a length to search around it: half the stretch
    or half the height.
    """
    low = min(segments[:, 1].min(), segments[:, 3].min())
    high = max(segments[:, 1].max(), segments[:, 3].max())
    per_line = (high - low) / lines
    starts, crossings = _crossings(segments, low + 0.5 * per_line, per_line, lines)
    area, widest, middle_u, middle_v = 0.0, 0.0, 0.0, 0.0
    for line in range(lines):
        ends = np.sort(crossings[starts[line] : starts[line + 1]])
        inside = 0.0
        for n in range(0, ends.shape[0] - 1, 2):
            width = ends[n + 1] - ends[n]
            inside += width
            if width > widest:
                widest, middle_u, middle_v = width, ends[n] + width / 2, low + (line + 0.5) * per_line
        area += inside
    return area * per_line, middle_u, middle_v, min(widest, high - low) / 2


@kernel
def _crossings(
    segments: NDArray[np.float64], first_v: float, per_line: float, lines: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where segments cross lines of constant v: those of line n are crossings[starts[n]:starts[n + 1]]."""
    starts = np.zeros(lines + 1, dtype=np.int64)
    crossings = np.empty(0)
    filled = starts[:lines].copy()
    for counting in (True, False):
        for m in range(segments.shape[0]):
            ua, va, ub, vb = segments[m, 0], segments[m, 1], segments[m, 2], segments[m, 3]
            if va == vb:
                continue
            first = max(int(np.floor((min(va, vb) - first_v) / per_line)), 0)
            last = min(int(np.floor((max(va, vb) - first_v) / per_line)) + 1, lines - 1)
            for line in range(first, last + 1):
                v = first_v + line * per_line
                if (va <= v) == (vb <= v):
                    continue
                if counting:
                    starts[line + 1] += 1
                else:
                    crossings[filled[line]] = ua + (v - va) / (vb - va) * (ub - ua)
                    filled[line] += 1
        if counting:
            starts = np.cumsum(starts)
            crossings, filled = np.empty(starts[lines]), starts[:lines].copy()
    return starts, crossings
