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
    count = segments.shape[0]
    low = min(segments[:, 1].min(), segments[:, 3].min())
    high = max(segments[:, 1].max(), segments[:, 3].max())
    area, widest, middle_u, middle_v = 0.0, 0.0, 0.0, 0.0
    crossings = np.empty(count)
    for line in range(lines):
        v = low + (line + 0.5) / lines * (high - low)
        found = 0
        for m in range(count):
            ua, va, ub, vb = segments[m, 0], segments[m, 1], segments[m, 2], segments[m, 3]
            if (va <= v) != (vb <= v):
                crossings[found] = ua + (v - va) / (vb - va) * (ub - ua)
                found += 1
        ends = np.sort(crossings[:found])
        inside = 0.0
        for n in range(0, found - 1, 2):
            width = ends[n + 1] - ends[n]
            inside += width
            if width > widest:
                widest, middle_u, middle_v = width, ends[n] + width / 2, v
        area += inside
    return area * (high - low) / lines, middle_u, middle_v, min(widest, high - low) / 2
