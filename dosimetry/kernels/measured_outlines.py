"""Many outlines measured at once: which of their segments separate inside from outside, area and radius."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel
from dosimetry.kernels.enclosed_area import enclosed_area
from dosimetry.kernels.false_boundary import bounds_something
from dosimetry.kernels.polygon_distance import inscribed_radius

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@kernel
def closed_segments(points: FloatArray, starts: IntArray) -> tuple[FloatArray, IntArray]:
    """Closed polygons, `points` (n, 2) from each of `starts` (polygons + 1,), as segments u, v, u, v.

    Also where each polygon's segments start. Repeated points make none.
    """
    segments = np.empty((points.shape[0], 4))
    places = np.zeros_like(starts)
    count = 0
    for p in range(starts.shape[0] - 1):
        for n in range(starts[p], starts[p + 1]):
            following = n + 1 if n + 1 < starts[p + 1] else starts[p]
            ua, va, ub, vb = points[n, 0], points[n, 1], points[following, 0], points[following, 1]
            if ua != ub or va != vb:
                segments[count, 0], segments[count, 1] = ua, va
                segments[count, 2], segments[count, 3] = ub, vb
                count += 1
        places[p + 1] = count
    return segments[:count], places


@kernel
def measured_outlines(
    segments: FloatArray, starts: IntArray, offset: float, lines: int
) -> tuple[FloatArray, IntArray, FloatArray, FloatArray]:
    """Boundaries (b, 4), where each starts, areas and inscribed radii of outlines by the even-odd rule.

    `segments` (m, 4) are those of outline n from `starts[n]` to `starts[n + 1]`. `offset` is that of
    `bounds_something`, `lines` those of `enclosed_area`. Of an outline without a boundary both are 0.
    """
    count = starts.shape[0] - 1
    boundaries, places = np.empty_like(segments), np.zeros_like(starts)
    areas, radii = np.zeros(count), np.zeros(count)
    kept = 0
    for n in range(count):
        outline = segments[starts[n] : starts[n + 1]]
        bounds = bounds_something(outline, offset)
        for m in range(outline.shape[0]):
            if bounds[m]:
                boundaries[kept] = outline[m]
                kept += 1
        places[n + 1] = kept
        boundary = boundaries[places[n] : kept]
        if boundary.shape[0] > 0:
            area, u, v, reach = enclosed_area(outline, lines)
            areas[n] = area
            radii[n] = inscribed_radius(outline, boundary, np.array([u, v]), reach)
    return boundaries[:kept], places, areas, radii
