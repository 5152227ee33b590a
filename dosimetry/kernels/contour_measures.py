"""Where contours lie in space and how large they are, all of a structure at once."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@kernel
def contour_measures(points: FloatArray, starts: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Middle of the points, Newell's normal times the area, and longest side of the box, for each contour.

    Closed contours: `points` (n, 3) from each of `starts` (contours + 1,) to the next. Shapes (contours, 3)
    twice and (contours,); zeros for one without points.
    """
    count = starts.shape[0] - 1
    middles, vectors, spans = np.zeros((count, 3)), np.zeros((count, 3)), np.zeros(count)
    for c in range(count):
        first, last = starts[c], starts[c + 1]
        if first == last:
            continue
        for a in range(3):
            total, low, high = 0.0, points[first, a], points[first, a]
            for n in range(first, last):
                place = points[n, a]
                total, low, high = total + place, min(low, place), max(high, place)
            middles[c, a] = total / (last - first)
            spans[c] = max(spans[c], high - low)
        mx, my, mz = middles[c, 0], middles[c, 1], middles[c, 2]
        x, y, z = points[last - 1, 0] - mx, points[last - 1, 1] - my, points[last - 1, 2] - mz
        vx, vy, vz = 0.0, 0.0, 0.0
        for n in range(first, last):
            x_next, y_next, z_next = points[n, 0] - mx, points[n, 1] - my, points[n, 2] - mz
            vx += y * z_next - z * y_next
            vy += z * x_next - x * z_next
            vz += x * y_next - y * x_next
            x, y, z = x_next, y_next, z_next
        vectors[c, 0], vectors[c, 1], vectors[c, 2] = vx / 2, vy / 2, vz / 2
    return middles, vectors, spans


@kernel
def farthest_from_planes(
    points: FloatArray, starts: IntArray, middles: FloatArray, normals: FloatArray
) -> FloatArray:
    """Largest distance (contours,) of a contour's points from the plane through its middle."""
    farthest = np.zeros(middles.shape[0])
    for c in range(middles.shape[0]):
        for n in range(starts[c], starts[c + 1]):
            off = 0.0
            for a in range(3):
                off += (points[n, a] - middles[c, a]) * normals[c, a]
            farthest[c] = max(farthest[c], abs(off))
    return farthest
