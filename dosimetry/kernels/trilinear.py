"""Trilinear interpolation of a dose grid at points, with what lies outside it."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]


@kernel
def trilinear(
    points: FloatArray,
    affine: FloatArray,
    values: FloatArray,
    planes: FloatArray,
    reach: FloatArray,
    faces: FloatArray,
    unit: FloatArray,
) -> tuple[FloatArray, FloatArray, NDArray[np.bool_], FloatArray]:
    """Dose at points (n, 3), uncovered at zero and at the face's maximum; uncovered; mm past the centres.

    `affine` (3, 4) maps points to coordinates along i, j, k; `planes` (nk,) are the ascending coordinates
    along k; `reach` (3, 2) is how far past the first and last centre the edge value counts, `faces` (3, 2)
    the highest dose of each face, `unit` (3,) the mm per coordinate. Each step is a lerp, a + t (b - a): a
    constant stays constant.
    """
    nk, nj, ni = values.shape
    count = points.shape[0]
    low = np.empty(count)
    high = np.empty(count)
    uncovered = np.zeros(count, dtype=np.bool_)
    beyond = np.zeros(count)
    c = np.empty(3)
    last = np.array([ni - 1.0, nj - 1.0, planes[nk - 1]])
    first = np.array([0.0, 0.0, planes[0]])
    k = 0
    for n in range(count):
        pu, pv, pw = points[n, 0], points[n, 1], points[n, 2]
        within = True
        for a in range(3):
            c[a] = affine[a, 0] * pu + affine[a, 1] * pv + affine[a, 2] * pw + affine[a, 3]
            within = within and first[a] <= c[a] <= last[a]
        if not within:
            outside, highest = False, 0.0
            for a in range(3):
                for side in range(2):
                    past = first[a] - c[a] if side == 0 else c[a] - last[a]
                    if past > 0.0:
                        beyond[n] = max(beyond[n], past * unit[a])
                        if past > reach[a, side]:
                            outside = True
                            highest = max(highest, faces[a, side])
                c[a] = min(max(c[a], first[a]), last[a])
            if outside:
                low[n] = 0.0
                high[n] = highest
                uncovered[n] = True
                continue
        i, j = min(int(c[0]), ni - 2), min(int(c[1]), nj - 2)
        ti, tj, tk = c[0] - i, c[1] - j, 0.0
        if nk > 1:
            # Points come by height: the planes around one are mostly those around the one before.
            while k < nk - 2 and planes[k + 1] <= c[2]:
                k += 1
            while k > 0 and planes[k] > c[2]:
                k -= 1
            tk = (c[2] - planes[k]) / (planes[k + 1] - planes[k])
        top = min(k + 1, nk - 1)
        a00 = values[k, j, i] + ti * (values[k, j, i + 1] - values[k, j, i])
        a10 = values[k, j + 1, i] + ti * (values[k, j + 1, i + 1] - values[k, j + 1, i])
        a01 = values[top, j, i] + ti * (values[top, j, i + 1] - values[top, j, i])
        a11 = values[top, j + 1, i] + ti * (values[top, j + 1, i + 1] - values[top, j + 1, i])
        b0 = a00 + tj * (a10 - a00)
        b1 = a01 + tj * (a11 - a01)
        low[n] = b0 + tk * (b1 - b0)
        high[n] = low[n]
    return low, high, uncovered, beyond
