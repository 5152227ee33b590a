"""Signed distance to the zero level of a profile, to first order."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel


@kernel
def level_distance(profile: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """Profile over gradient on the raster (nv, nu), mm; positive inside."""
    nv, nu = profile.shape
    distance = np.empty_like(profile)
    for j in range(nv):
        j0, j1 = max(j - 1, 0), min(j + 1, nv - 1)
        for i in range(nu):
            i0, i1 = max(i - 1, 0), min(i + 1, nu - 1)
            gu = (profile[j, i1] - profile[j, i0]) / ((i1 - i0) * step)
            gv = (profile[j1, i] - profile[j0, i]) / ((j1 - j0) * step)
            size = np.sqrt(gu * gu + gv * gv)
            value = profile[j, i]
            if size > 0.0:
                distance[j, i] = value / size
            elif value > 0.0:
                distance[j, i] = np.inf
            else:
                distance[j, i] = -np.inf
    return distance
