"""Volume of a region where a trilinear dose reaches a level."""

# ruff: noqa: PLR0912 - a count is one loop nest

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel


@kernel
def isodose_volume(
    values: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    level: float,
    widths: NDArray[np.float64],
    steps: int,
) -> float:
    """Volume in cells of width 1 along i and j and `widths` (nk - 1,) along k.

    Counts `steps` points per edge in every cell (between eight voxel centres) that the level cuts. Voxels
    at the level or above that are not `chosen` (nk, nj, ni) belong to other parts: points nearest to them
    are left out.
    """
    nk, nj, ni = values.shape
    total = 0.0
    share = 1.0 / steps**3
    for k in range(nk - 1):
        in_plane = 0.0
        for j in range(nj - 1):
            for i in range(ni - 1):
                mine, above = 0, 0
                for corner in range(8):
                    z, y, x = k + (corner >> 2), j + ((corner >> 1) & 1), i + (corner & 1)
                    mine += chosen[z, y, x]
                    above += values[z, y, x] >= level
                if mine == 0:
                    continue
                if mine == 8:
                    in_plane += 1.0
                    continue
                count = 0
                for p in range(steps):
                    tk = (p + 0.5) / steps
                    for q in range(steps):
                        tj = (q + 0.5) / steps
                        for r in range(steps):
                            ti = (r + 0.5) / steps
                            if mine != above:
                                z, y, x = k + int(tk >= 0.5), j + int(tj >= 0.5), i + int(ti >= 0.5)
                                if values[z, y, x] >= level and not chosen[z, y, x]:
                                    continue
                            dose = 0.0
                            for corner in range(8):
                                z, y, x = k + (corner >> 2), j + ((corner >> 1) & 1), i + (corner & 1)
                                weight = tk if corner >> 2 else 1.0 - tk
                                weight *= tj if (corner >> 1) & 1 else 1.0 - tj
                                weight *= ti if corner & 1 else 1.0 - ti
                                dose += weight * values[z, y, x]
                            if dose >= level:
                                count += 1
                in_plane += count * share
        total += in_plane * widths[k]
    return total
