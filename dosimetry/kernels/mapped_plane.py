"""One plan's dose added to one plane of a sum across its axes: turned, or through a deformation field."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]
LabelArray = NDArray[np.uint8]
RealArray = NDArray[np.floating]
"""float32 or float64, the same throughout a call."""


@kernel
def add_turned_plane(
    out: RealArray,
    missing: NDArray[np.unsignedinteger],
    values: FloatArray,
    planes: FloatArray,
    even: bool,
    start: FloatArray,
    along_j: FloatArray,
    along_i: FloatArray,
    reach: FloatArray,
    faces: FloatArray,
    linear: RealArray,
    square: RealArray,
    labels: LabelArray,
) -> int:
    """Add D (linear + square D) to the plane `out` (nj, ni); returns how many voxels the plan does not cover.

    Voxel (j, i) lies at start + j along_j + i along_i in coordinates along the plan's axes i, j, k;
    `planes` (nk,) are the ascending ones of its planes, `even` if they are 0, 1, 2 ... `reach` (3, 2) is how
    far past the first and last centre the edge value counts. Voxels further out get the highest dose of the
    `faces` (3, 2) they lie past and are counted in `missing` (nj, ni). `labels` as in `add_aligned_plane`.
    """
    nk, nj, ni = values.shape
    first = np.array([0.0, 0.0, planes[0]])
    last = np.array([ni - 1.0, nj - 1.0, planes[nk - 1]])
    inner = last - 1e-9  # the voxel before a coordinate below it is never the last one
    none, no_labels = np.zeros((3, 2)), np.empty(0, dtype=np.uint8)
    flat = values.ravel()
    at = np.empty(3)
    uncovered = 0
    for j in range(out.shape[0]):
        for a in range(3):
            at[a] = start[a] + j * along_j[a]
        begin, end = _covered_stretch(at, along_i, first, last, reach, out.shape[1])
        for i in range(out.shape[1]):
            if begin <= i < end:
                continue
            dose = _highest_face(at, along_i, i, first, last, reach, faces)
            tissue = labels[j, i] if labels.shape[0] > 0 else 0
            out[j, i] += dose * (linear[tissue] + square[tissue] * dose)
            missing[j, i] += 1
            uncovered += 1
        inner_begin, inner_end = begin, begin
        if even and nk > 1:
            inner_begin, inner_end = _covered_stretch(at, along_i, first, inner, none, out.shape[1])
        if inner_begin < inner_end:
            label = labels[j][inner_begin:inner_end] if labels.shape[0] > 0 else no_labels
            stretch = out[j][inner_begin:inner_end]
            _add_inner(stretch, flat, ni, nj * ni, at, along_i, inner_begin, linear, square, label)
        for i in range(begin, end):
            if inner_begin <= i < inner_end:
                continue
            x = min(max(at[0] + i * along_i[0], 0.0), last[0])
            y = min(max(at[1] + i * along_i[1], 0.0), last[1])
            z = min(max(at[2] + i * along_i[2], first[2]), last[2])
            dose = interpolated(values, planes, even, x, y, z)
            tissue = labels[j, i] if labels.shape[0] > 0 else 0
            out[j, i] += dose * (linear[tissue] + square[tissue] * dose)
    return uncovered


@kernel
def _add_inner(
    out: RealArray,
    flat: FloatArray,
    row: int,
    plane: int,
    at: FloatArray,
    step: FloatArray,
    begin: int,
    linear: RealArray,
    square: RealArray,
    labels: LabelArray,
) -> None:
    """Add a stretch of voxels that lie between voxel centres on all sides; `flat` are the plan's values."""
    x0, y0, z0 = at
    dx, dy, dz = step
    wide, deep = np.uint64(row), np.uint64(plane)
    one = np.uint64(1)
    for n in range(out.shape[0]):
        i = float(begin + n)
        x, y, z = x0 + i * dx, y0 + i * dy, z0 + i * dz
        ix, iy, iz = np.uint64(x), np.uint64(y), np.uint64(z)
        tx, ty, tz = x - float(ix), y - float(iy), z - float(iz)
        a = iz * deep + iy * wide + ix
        b = a + wide
        c, d = a + deep, b + deep
        a00 = flat[a] + tx * (flat[a + one] - flat[a])
        a10 = flat[b] + tx * (flat[b + one] - flat[b])
        a01 = flat[c] + tx * (flat[c + one] - flat[c])
        a11 = flat[d] + tx * (flat[d + one] - flat[d])
        b0 = a00 + ty * (a10 - a00)
        b1 = a01 + ty * (a11 - a01)
        dose = b0 + tz * (b1 - b0)
        label = labels[n] if labels.shape[0] > 0 else 0
        out[n] += dose * (linear[label] + square[label] * dose)


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
    """As `add_turned_plane`, each voxel displaced by a field first.

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
            if known and _is_covered(moved, still, 0, first, last, reach):
                x = min(max(moved[0], 0.0), last[0])
                y = min(max(moved[1], 0.0), last[1])
                z = min(max(moved[2], first[2]), last[2])
                dose = interpolated(values, planes, even, x, y, z)
            else:
                dose = _highest_face(moved, still, 0, first, last, reach, faces) if known else faces.max()
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
    found = np.zeros(3)
    for corner in range(8):
        right, back, up = corner & 1, (corner >> 1) & 1, corner >> 2
        part = (tx if right else 1.0 - tx) * (ty if back else 1.0 - ty) * (tz if up else 1.0 - tz)
        if part > 0.0:
            for a in range(3):
                found[a] += part * vectors[k + up, j + back, i + right, a]
    return found[0], found[1], found[2]


@kernel
def _covered_stretch(
    at: FloatArray, step: FloatArray, first: FloatArray, last: FloatArray, reach: FloatArray, count: int
) -> tuple[int, int]:
    """Which of the points at + i step, i < count, lie within the grid's reach: a stretch [begin, end)."""
    low, high = 0.0, count - 1.0
    for a in range(3):
        near, far = first[a] - reach[a, 0] - at[a], last[a] + reach[a, 1] - at[a]
        if step[a] == 0.0:
            if near > 0.0 or far < 0.0:
                return 0, 0
        else:
            one, other = near / step[a], far / step[a]
            low, high = max(low, min(one, other)), min(high, max(one, other))
    if low > high + 2.0:
        return 0, 0
    begin = min(max(int(low) - 1, 0), count)
    end = min(max(int(high) + 2, 0), count)
    while begin < end and not _is_covered(at, step, begin, first, last, reach):
        begin += 1
    while end > begin and not _is_covered(at, step, end - 1, first, last, reach):
        end -= 1
    return begin, end


@kernel
def _is_covered(
    at: FloatArray, step: FloatArray, i: int, first: FloatArray, last: FloatArray, reach: FloatArray
) -> bool:
    for a in range(3):
        c = at[a] + i * step[a]
        if c < first[a] - reach[a, 0] or c > last[a] + reach[a, 1]:
            return False
    return True


@kernel
def _highest_face(
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
