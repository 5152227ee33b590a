"""An outline's principal axis and its extent along two axes."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]


@kernel
def principal_angle(segments: FloatArray) -> float:
    """Angle from the u axis along which segments (m, 4) are spread most, by their length."""
    total, mean_u, mean_v = 0.0, 0.0, 0.0
    for m in range(segments.shape[0]):
        length = np.hypot(segments[m, 2] - segments[m, 0], segments[m, 3] - segments[m, 1])
        total += length
        mean_u += length * (segments[m, 0] + segments[m, 2]) / 2
        mean_v += length * (segments[m, 1] + segments[m, 3]) / 2
    mean_u, mean_v = mean_u / total, mean_v / total
    uu, uv, vv = 0.0, 0.0, 0.0
    for m in range(segments.shape[0]):
        length = np.hypot(segments[m, 2] - segments[m, 0], segments[m, 3] - segments[m, 1])
        u = (segments[m, 0] + segments[m, 2]) / 2 - mean_u
        v = (segments[m, 1] + segments[m, 3]) / 2 - mean_v
        uu, uv, vv = uu + length * u * u, uv + length * u * v, vv + length * v * v
    return float(0.5 * np.arctan2(2 * uv, uu - vv))


@kernel
def extent_along(segments: FloatArray, axes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest place (2,) of the starts of segments (m, 4) along axes (2, 2), in rows."""
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for m in range(segments.shape[0]):
        for a in range(2):
            place = axes[a, 0] * segments[m, 0] + axes[a, 1] * segments[m, 1]
            low[a], high[a] = min(low[a], place), max(high[a], place)
    return low, high


@kernel
def in_unit_box(segments: FloatArray, axes: FloatArray, middle: FloatArray, half: FloatArray) -> FloatArray:
    """Segments (m, 4) along axes (2, 2), in rows, in a frame in which a box reaches from -1 to 1."""
    result = np.empty_like(segments)
    for m in range(segments.shape[0]):
        for end in range(2):
            for a in range(2):
                u, v = segments[m, 2 * end], segments[m, 2 * end + 1]
                result[m, 2 * end + a] = (axes[a, 0] * u + axes[a, 1] * v - middle[a]) / half[a]
    return result
