"""A deformation field at points, and its Jacobian determinants."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel
from dosimetry.kernels.deformed_plane import displacement

FloatArray = NDArray[np.float64]


@kernel
def displacements(points: FloatArray, vectors: NDArray[np.float32]) -> FloatArray:
    """The field's vectors (mk, mj, mi, 3) at points (n, 3) in coordinates along its axes i, j, k."""
    found = np.empty(points.shape)
    for n in range(points.shape[0]):
        found[n, 0], found[n, 1], found[n, 2] = displacement(
            vectors, points[n, 0], points[n, 1], points[n, 2]
        )
    return found


@kernel
def cell_jacobians(
    vectors: NDArray[np.float32], steps: FloatArray, before: FloatArray, scale: float
) -> tuple[int, int, int, float, float]:
    """Jacobians of x -> after (before x + v(x)) at the eight corners of every cell, by one-sided differences.

    `steps` (3, 3) turns mm into index steps, `scale` is the determinant of `after`. Returns how many cells
    there are, how many are not defined, how many fold (0 or less), and the lowest and highest determinant.
    """
    mk, mj, mi = vectors.shape[:3]
    undefined, folded = 0, 0
    lowest, highest = np.inf, -np.inf
    slope, jacobian = np.empty((3, 3)), np.empty((3, 3))
    for k in range(mk - 1):
        for j in range(mj - 1):
            for i in range(mi - 1):
                cell = vectors[k : k + 2, j : j + 2, i : i + 2]
                if np.isnan(cell).any():
                    undefined += 1
                    continue
                folds = False
                for corner in range(8):
                    x, y, z = corner & 1, (corner >> 1) & 1, corner >> 2
                    for a in range(3):
                        slope[a, 0] = cell[z, y, 1, a] - cell[z, y, 0, a]
                        slope[a, 1] = cell[z, 1, x, a] - cell[z, 0, x, a]
                        slope[a, 2] = cell[1, y, x, a] - cell[0, y, x, a]
                    for a in range(3):
                        for b in range(3):
                            jacobian[a, b] = before[a, b]
                            for c in range(3):
                                jacobian[a, b] += slope[a, c] * steps[c, b]
                    found = scale * _determinant(jacobian)
                    lowest, highest = min(lowest, found), max(highest, found)
                    folds = folds or found <= 0.0
                folded += int(folds)
    if lowest > highest:
        lowest, highest = np.nan, np.nan
    return (mk - 1) * (mj - 1) * (mi - 1), undefined, folded, lowest, highest


@kernel
def _determinant(m: FloatArray) -> float:
    result: float = (
        m[0, 0] * (m[1, 1] * m[2, 2] - m[1, 2] * m[2, 1])
        - m[0, 1] * (m[1, 0] * m[2, 2] - m[1, 2] * m[2, 0])
        + m[0, 2] * (m[1, 0] * m[2, 1] - m[1, 1] * m[2, 0])
    )
    return result
