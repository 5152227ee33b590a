"""Segments that bound nothing: both sides inside, or both outside, by the even-odd rule."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel


@kernel
def bounds_something(segments: NDArray[np.float64], offset: float) -> NDArray[np.bool_]:
    """Whether the points at `offset` mm on either side of each segment's middle differ; segments (m, 4)."""
    count = segments.shape[0]
    result = np.zeros(count, dtype=np.bool_)
    for n in range(count):
        du, dv = segments[n, 2] - segments[n, 0], segments[n, 3] - segments[n, 1]
        length = np.sqrt(du * du + dv * dv)
        if length == 0.0:
            continue
        mu, mv = 0.5 * (segments[n, 0] + segments[n, 2]), 0.5 * (segments[n, 1] + segments[n, 3])
        reach = min(offset, 0.25 * length)
        nu, nv = -dv / length * reach, du / length * reach
        left, right = False, False
        for m in range(count):
            ua, va, ub, vb = segments[m, 0], segments[m, 1], segments[m, 2], segments[m, 3]
            if max(ua, ub) < min(mu - abs(nu), mu + abs(nu)):
                lefts, rights = (va <= mv + nv) != (vb <= mv + nv), (va <= mv - nv) != (vb <= mv - nv)
                left, right = left != lefts, right != rights
                continue
            v = mv + nv
            if (va <= v) != (vb <= v) and mu + nu >= ua + (v - va) / (vb - va) * (ub - ua):
                left = not left
            v = mv - nv
            if (va <= v) != (vb <= v) and mu - nu >= ua + (v - va) / (vb - va) * (ub - ua):
                right = not right
        result[n] = left != right
    return result
