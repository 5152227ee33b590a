"""The least difference from a dose over the samples of one shell around a voxel."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@kernel
def cell_at(
    values: FloatArray,
    planes: FloatArray,
    first_plane: IntArray,
    is_even: bool,
    x: float,
    y: float,
    z: float,
    corners: FloatArray,
) -> tuple[float, float, float, float, bool]:
    """The cell of eight voxels around a point: the point's place in it and the distance of its planes.

    The place along each axis runs from 0 to 1; `corners` (8,) get the cell's doses, i fastest. The last
    result is whether there is such a cell: not for a point outside the outermost voxel centres.
    """
    nk, nj, ni = values.shape
    if not (0.0 <= x <= ni - 1.0 and 0.0 <= y <= nj - 1.0 and planes[0] <= z <= planes[nk - 1]):
        return 0.0, 0.0, 0.0, 1.0, False
    i, j = min(int(x), ni - 2), min(int(y), nj - 2)
    stretch = (z - planes[0]) * ((first_plane.size - 1) / (planes[nk - 1] - planes[0]))
    k = min(int(stretch), nk - 2) if is_even else first_plane[int(stretch)]
    while k < nk - 2 and planes[k + 1] <= z:
        k += 1
    for corner in range(8):
        corners[corner] = values[k + corner // 4, j + corner // 2 % 2, i + corner % 2]
    height = planes[k + 1] - planes[k]
    return x - i, y - j, (z - planes[k]) / height, height, True


@kernel
def least_in_cell(
    dose: float,
    corners: FloatArray,
    x: float,
    y: float,
    z: float,
    height: float,
    shifts: FloatArray,
    first: int,
    last: int,
    apart: FloatArray,
) -> float:
    """Least difference from a dose over the samples of a shell that lies in one cell, as `cell_at` gives it.

    Here, where most near shells lie, no sample has to look its voxels up, and the processor takes several at
    a time. `apart` is room for as many numbers as samples. Their least is found among their bits, read as
    integers: in the same order, as none is negative, and quicker than floating-point numbers, which are
    compared one by one because one might be NaN.
    """
    a, b, c, d = corners[0], corners[1], corners[2], corners[3]
    e, f, g, h = corners[4], corners[5], corners[6], corners[7]
    per_plane = 1.0 / height
    for n in range(last - first):
        m = first + n
        tx, ty, tz = x + shifts[0, m], y + shifts[1, m], z + shifts[2, m] * per_plane
        low, low_beside = a + tx * (b - a), c + tx * (d - c)
        high, high_beside = e + tx * (f - e), g + tx * (h - g)
        low += ty * (low_beside - low)
        high += ty * (high_beside - high)
        apart[n] = abs(low + tz * (high - low) - dose)
    bits = apart.view(np.int64)
    least = bits[0]
    for n in range(1, last - first):
        least = min(least, bits[n])
    bits[0] = least
    return float(apart[0])


@kernel
def least_on_shell(
    dose: float,
    values: FloatArray,
    planes: FloatArray,
    first_plane: IntArray,
    is_even: bool,
    x: float,
    y: float,
    z: float,
    shifts: FloatArray,
    first: int,
    last: int,
    leaves: bool,
    slack: FloatArray,
) -> float:
    """Least difference from a dose over the samples of a shell inside the grid; infinite where none is.

    `leaves` tells whether any may lie outside. Each step of the trilinear interpolation is a lerp, so that a
    constant stays constant. It stands in this loop, with unsigned offsets, because a call for each sample and
    the checks of signed indices take several times as long.
    """
    nk, nj, ni = values.shape
    last_x, last_y, first_z, last_z = ni - 1.0, nj - 1.0, planes[0], planes[nk - 1]
    per_stretch = (first_plane.size - 1) / (last_z - first_z)
    flat, row, plane, one = values.ravel(), np.uintp(ni), np.uintp(ni * nj), np.uintp(1)
    sx, sy, sz = slack[0], slack[1], slack[2]
    least = np.inf
    for m in range(first, last):
        px, py, pz = x + shifts[0, m], y + shifts[1, m], z + shifts[2, m]
        if leaves:
            if px < -sx or py < -sy or pz < first_z - sz:
                continue
            if px > last_x + sx or py > last_y + sy or pz > last_z + sz:
                continue
            px, py = min(max(px, 0.0), last_x), min(max(py, 0.0), last_y)
            pz = min(max(pz, first_z), last_z)
        i, j, stretch = min(int(px), ni - 2), min(int(py), nj - 2), (pz - first_z) * per_stretch
        if is_even:
            k = min(int(stretch), nk - 2)
            tz = stretch - k
        else:
            k = first_plane[int(stretch)]
            while k < nk - 2 and planes[k + 1] <= pz:
                k += 1
            tz = (pz - planes[k]) / (planes[k + 1] - planes[k])
        tx, ty = px - i, py - j
        near = np.uintp((k * nj + j) * ni + i)
        far = near + plane
        low = flat[near] + tx * (flat[near + one] - flat[near])
        beside = flat[near + row] + tx * (flat[near + row + one] - flat[near + row])
        low += ty * (beside - low)
        high = flat[far] + tx * (flat[far + one] - flat[far])
        beside = flat[far + row] + tx * (flat[far + row + one] - flat[far + row])
        high += ty * (beside - high)
        least = min(least, abs(low + tz * (high - low) - dose))
    return least
