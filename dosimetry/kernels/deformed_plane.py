"""One plan's dose added to one plane of a sum, through a deformation field."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]
LabelArray = NDArray[np.uint8]
RealArray = NDArray[np.floating]
"""float32 or float64, the same throughout a call."""


@kernel
def add_deformed_plane(
    out: RealArray,
    missing: NDArray[np.unsignedinteger],
    values: FloatArray,
    planes: FloatArray,
    even: bool,
    start: FloatArray,
    along_j: FloatArray,
    along_i: FloatArray,
    vectors: NDArray[np.float32],
    field_start: FloatArray,
    field_j: FloatArray,
    field_i: FloatArray,
    from_mm: FloatArray,
    reach: FloatArray,
    faces: FloatArray,
    linear: RealArray,
    square: RealArray,
    labels: LabelArray,
) -> int:
    """As `turned_plane.add_turned_plane`, each voxel displaced by a field first.

    The field's `vectors` (mk, mj, mi, 3), mm, are interpolated at field_start + j field_j + i field_i in
    coordinates along its axes; `from_mm` (3, 3) turns them into steps along the plan's axes. Where the
    field says nothing (further than half a cell outside it, or not a number) the voxel is not covered and
    gets the highest dose of all faces.
    """
    nk, nj, ni = values.shape
    first = np.array([0.0, 0.0, planes[0]])
    last = np.array([ni - 1.0, nj - 1.0, planes[nk - 1]])
    at, moved, still = np.empty(3), np.empty(3), np.zeros(3)
    uncovered = 0
    for j in range(out.shape[0]):
        for i in range(out.shape[1]):
            for a in range(3):
                at[a] = field_start[a] + j * field_j[a] + i * field_i[a]
            u, v, w = displacement(vectors, at[0], at[1], at[2])
            known = not (np.isnan(u) or np.isnan(v) or np.isnan(w))
            for a in range(3):
                moved[a] = start[a] + j * along_j[a] + i * along_i[a]
                moved[a] += from_mm[a, 0] * u + from_mm[a, 1] * v + from_mm[a, 2] * w
            if known and is_covered(moved, still, 0, first, last, reach):
                x = min(max(moved[0], 0.0), last[0])
                y = min(max(moved[1], 0.0), last[1])
                z = min(max(moved[2], first[2]), last[2])
                dose = interpolated(values, planes, even, x, y, z)
            else:
                dose = highest_face(moved, still, 0, first, last, reach, faces) if known else faces.max()
                missing[j, i] += 1
                uncovered += 1
            label = labels[j, i] if labels.shape[0] > 0 else 0
            out[j, i] += dose * (linear[label] + square[label] * dose)
    return uncovered


@kernel
def interpolated(values: FloatArray, planes: FloatArray, even: bool, x: float, y: float, z: float) -> float:
    """Dose at coordinates within the outermost voxel centres."""
    nk, nj, ni = values.shape
    i = min(int(x), ni - 2)
    j = min(int(y), nj - 2)
    k, share = 0, 0.0
    if nk > 1:
        if even:
            k = min(int(z), nk - 2)
            share = z - k
        else:
            k = min(max(np.searchsorted(planes, z, side="right") - 1, 0), nk - 2)
            share = (z - planes[k]) / (planes[k + 1] - planes[k])
    tx, ty = x - i, y - j
    top = min(k + 1, nk - 1)
    a00 = values[k, j, i] + tx * (values[k, j, i + 1] - values[k, j, i])
    a10 = values[k, j + 1, i] + tx * (values[k, j + 1, i + 1] - values[k, j + 1, i])
    a01 = values[top, j, i] + tx * (values[top, j, i + 1] - values[top, j, i])
    a11 = values[top, j + 1, i] + tx * (values[top, j + 1, i + 1] - values[top, j + 1, i])
    b0 = a00 + ty * (a10 - a00)
    b1 = a01 + ty * (a11 - a01)
    result: float = b0 + share * (b1 - b0)
    return result


@kernel
def displacement(vectors: NDArray[np.float32], x: float, y: float, z: float) -> tuple[float, float, float]:
    """A field's vector at coordinates along its axes, interpolated; not a number where it says nothing."""
    mk, mj, mi = vectors.shape[:3]
    inside = -0.5 <= x <= mi - 0.5 and -0.5 <= y <= mj - 0.5 and -0.5 <= z <= mk - 0.5
    if not inside:
        return np.nan, np.nan, np.nan
    x, y, z = min(max(x, 0.0), mi - 1.0), min(max(y, 0.0), mj - 1.0), min(max(z, 0.0), mk - 1.0)
    i, j, k = min(int(x), max(mi - 2, 0)), min(int(y), max(mj - 2, 0)), min(int(z), max(mk - 2, 0))
    tx, ty, tz = x - i, y - j, z - k
    u, v, w = 0.0, 0.0, 0.0
    for corner in range(8):
        right, back, up = corner & 1, (corner >> 1) & 1, corner >> 2
        part = (tx if right else 1.0 - tx) * (ty if back else 1.0 - ty) * (tz if up else 1.0 - tz)
        if part > 0.0:
            u += part * vectors[k + up, j + back, i + right, 0]
            v += part * vectors[k + up, j + back, i + right, 1]
            w += part * vectors[k + up, j + back, i + right, 2]
    return u, v, w


@kernel
def is_covered(
    at: FloatArray, step: FloatArray, i: int, first: FloatArray, last: FloatArray, reach: FloatArray
) -> bool:
    for a in range(3):
        c = at[a] + i * step[a]
        if c < first[a] - reach[a, 0] or c > last[a] + reach[a, 1]:
            return False
    return True


@kernel
def highest_face(
    at: FloatArray,
    step: FloatArray,
    i: int,
    first: FloatArray,
    last: FloatArray,
    reach: FloatArray,
    faces: FloatArray,
) -> float:
    highest = 0.0
    for a in range(3):
        c = at[a] + i * step[a]
        if c < first[a] - reach[a, 0]:
            highest = max(highest, faces[a, 0])
        if c > last[a] + reach[a, 1]:
            highest = max(highest, faces[a, 1])
    return highest
