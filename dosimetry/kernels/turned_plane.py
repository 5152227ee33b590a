"""One plan's dose added to one plane of a sum, the plan's axes at an angle to those of the sum."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel
from dosimetry.kernels.deformed_plane import highest_face, interpolated, is_covered

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int32]
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
    at, width = np.empty(3), out.shape[1]
    ix, iy, iz = np.empty(width, np.int32), np.empty(width, np.int32), np.empty(width, np.int32)
    tx, ty, tz = np.empty(width), np.empty(width), np.empty(width)
    doses, a10, a01, a11 = np.empty(width), np.empty(width), np.empty(width), np.empty(width)
    uncovered, counts_outside = 0, faces.max() > 0.0
    for j in range(out.shape[0]):
        for a in range(3):
            at[a] = start[a] + j * along_j[a]
        begin, end = _covered_stretch(at, along_i, first, last, reach, out.shape[1])
        missing[j, :begin] += missing.dtype.type(1)
        missing[j, end:] += missing.dtype.type(1)
        uncovered += out.shape[1] - (end - begin)
        for i in range(out.shape[1] if counts_outside else 0):
            if begin <= i < end:
                continue
            dose = highest_face(at, along_i, i, first, last, reach, faces)
            tissue = labels[j, i] if labels.shape[0] > 0 else 0
            out[j, i] += dose * (linear[tissue] + square[tissue] * dose)
        inner_begin, inner_end = begin, begin
        if even and nk > 1:
            inner_begin, inner_end = _covered_stretch(at, along_i, first, inner, none, out.shape[1])
        if inner_begin < inner_end:
            label = labels[j][inner_begin:inner_end] if labels.shape[0] > 0 else no_labels
            stretch = out[j][inner_begin:inner_end]
            count = stretch.shape[0]
            _along(ix, tx, at[0], along_i[0], inner_begin, count)
            _along(iy, ty, at[1], along_i[1], inner_begin, count)
            _along(iz, tz, at[2], along_i[2], inner_begin, count)
            _lines(doses, a10, a01, a11, flat, ix, iy, iz, tx, ni, nj * ni, count)
            _across(doses, a10, a01, a11, ty, tz, count)
            _add(stretch, doses, linear, square, label)
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
def _along(whole: IndexArray, share: FloatArray, at: float, step: float, first: int, count: int) -> None:
    """Where `count` points from the `first` on lie along an axis: voxel before, share of the next."""
    for n in range(count):
        x = at + float(first + n) * step
        whole[n] = np.int32(x)
        share[n] = x - float(np.int32(x))


@kernel
def _lines(
    a00: FloatArray,
    a10: FloatArray,
    a01: FloatArray,
    a11: FloatArray,
    flat: FloatArray,
    ix: IndexArray,
    iy: IndexArray,
    iz: IndexArray,
    tx: FloatArray,
    row: int,
    plane: int,
    count: int,
) -> None:
    """Doses on the four edges along i of the cells (ix, iy, iz): a loop of its own, for it is all loads."""
    one, wide, deep = np.uint64(1), np.uint64(row), np.uint64(plane)
    for n in range(count):
        a = np.uint64(iz[n]) * deep + np.uint64(iy[n]) * wide + np.uint64(ix[n])
        b, c = a + wide, a + deep
        d = c + wide
        a00[n] = flat[a] + tx[n] * (flat[a + one] - flat[a])
        a10[n] = flat[b] + tx[n] * (flat[b + one] - flat[b])
        a01[n] = flat[c] + tx[n] * (flat[c + one] - flat[c])
        a11[n] = flat[d] + tx[n] * (flat[d + one] - flat[d])


@kernel
def _across(
    dose: FloatArray,
    a10: FloatArray,
    a01: FloatArray,
    a11: FloatArray,
    ty: FloatArray,
    tz: FloatArray,
    count: int,
) -> None:
    """Between the four edges, the first of which `dose` holds."""
    for n in range(count):
        b0 = dose[n] + ty[n] * (a10[n] - dose[n])
        b1 = a01[n] + ty[n] * (a11[n] - a01[n])
        dose[n] = b0 + tz[n] * (b1 - b0)


@kernel
def _add(out: RealArray, dose: FloatArray, linear: RealArray, square: RealArray, labels: LabelArray) -> None:
    if labels.shape[0] > 0:
        for n in range(out.shape[0]):
            out[n] += dose[n] * (linear[labels[n]] + square[labels[n]] * dose[n])
    else:
        once, twice = linear[0], square[0]
        for n in range(out.shape[0]):
            out[n] += dose[n] * (once + twice * dose[n])


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
    while begin < end and not is_covered(at, step, begin, first, last, reach):
        begin += 1
    while end > begin and not is_covered(at, step, end - 1, first, last, reach):
        end -= 1
    return begin, end
