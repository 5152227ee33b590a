"""Segments that bound nothing: both sides inside, or both outside, by the even-odd rule."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel
from dosimetry.kernels.segment_rows import is_inside, rows_of

FloatArray = NDArray[np.float64]


@kernel
def bounds_something(segments: FloatArray, offset: float) -> NDArray[np.bool_]:
    """Whether the points at `offset` mm on either side of each segment's middle differ; segments (m, 4)."""
    count = segments.shape[0]
    result = np.zeros(count, dtype=np.bool_)
    if count == 0:
        return result
    low, per_mm, starts, members = rows_of(segments)
    for n in range(count):
        du, dv = segments[n, 2] - segments[n, 0], segments[n, 3] - segments[n, 1]
        length = np.sqrt(du * du + dv * dv)
        if length == 0.0:
            continue
        mu, mv = 0.5 * (segments[n, 0] + segments[n, 2]), 0.5 * (segments[n, 1] + segments[n, 3])
        reach = min(offset, 0.25 * length)
        nu, nv = -dv / length * reach, du / length * reach
        left = is_inside(segments, starts, members, low, per_mm, mu + nu, mv + nv)
        right = is_inside(segments, starts, members, low, per_mm, mu - nu, mv - nv)
        result[n] = left != right
    return result
