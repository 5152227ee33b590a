"""The gamma index of reference voxels: the least over many samples of the evaluation dose around each."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel
from dosimetry.kernels.gamma_shell import cell_at, least_in_cell, least_on_shell

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_LOOK_AHEAD = 3
"""Before this shell, and before each twice as far, it is asked whether any dose in reach can do better."""
_ROUNDING = 1e-12
"""Of an interpolated dose, relative: by so much it may leave the range of its voxels."""


@kernel
def gamma_search(
    voxels: IntArray,
    reference: FloatArray,
    place: FloatArray,
    steps: FloatArray,
    values: FloatArray,
    planes: FloatArray,
    first_plane: IntArray,
    is_even: bool,
    shifts: FloatArray,
    starts: IntArray,
    radii: FloatArray,
    reach: FloatArray,
    slack: FloatArray,
    criterion_gy: float,
    criterion_share: float,
    cap: float,
) -> tuple[FloatArray, int]:
    """Gamma of reference voxels (n,), and how many of them lie outside the evaluation dose.

    `voxels` (n,) are flat indices into `reference`. Voxel (k, j, i) lies at `place[k] + j steps[0] + i
    steps[1]` in the coordinates (i, j, plane) of the evaluation dose `values`. Its planes lie at `planes`,
    ascending; `first_plane[b]` is the plane at or below the lower end of the b-th of equal stretches from
    first to last, which is plane b where the planes are even. Samples lie at `shifts` (3, m) from a voxel,
    in those coordinates: shell s has those from `starts[s]` to `starts[s + 1]`, is `radii[s]` distance
    criteria away and reaches `reach[s]` along the axes. More than `slack` (3,) past the outermost voxel
    centres there is no dose. The dose criterion is `criterion_gy` plus `criterion_share` of the voxel's dose;
    where that is 0 only the same dose meets it.
    """
    rows, columns = reference.shape[1:]
    gamma, outside, corners = np.empty(voxels.size), 0, np.empty(8)
    apart_of = np.empty(np.diff(starts).max())
    for n in range(voxels.size):
        i, j, k = voxels[n] % columns, voxels[n] // columns % rows, voxels[n] // (columns * rows)
        dose = reference[k, j, i]
        criterion = criterion_gy + criterion_share * dose
        x = place[k, 0] + j * steps[0, 0] + i * steps[1, 0]
        y = place[k, 1] + j * steps[0, 1] + i * steps[1, 1]
        z = place[k, 2] + j * steps[0, 2] + i * steps[1, 2]
        outside += _leaves(values, planes, x, y, z, -slack[0], -slack[1], -slack[2])
        tx, ty, tz, height, in_cell = cell_at(values, planes, first_plane, is_even, x, y, z, corners)
        near_x, near_y, near_z = min(tx, 1.0 - tx), min(ty, 1.0 - ty), min(tz, 1.0 - tz) * height
        best, ask = cap * cap, _LOOK_AHEAD
        for s in range(radii.size):
            away = radii[s] ** 2
            if away >= best:
                break
            if s == ask:
                ask *= 2
                furthest = min(int(np.searchsorted(radii, np.sqrt(best))), radii.size - 1)
                apart = _least_apart(dose, values, planes, x, y, z, reach[furthest])
                if _squared(apart, criterion) + away >= best:
                    break
            if in_cell and reach[s, 0] <= near_x and reach[s, 1] <= near_y and reach[s, 2] <= near_z:
                apart = least_in_cell(
                    dose, corners, tx, ty, tz, height, shifts, starts[s], starts[s + 1], apart_of
                )
            else:
                leaves = _leaves(values, planes, x, y, z, reach[s, 0], reach[s, 1], reach[s, 2])
                apart = least_on_shell(
                    *(dose, values, planes, first_plane, is_even, x, y, z),
                    *(shifts, starts[s], starts[s + 1], leaves, slack),
                )
            best = min(best, _squared(apart, criterion) + away)
        gamma[n] = np.sqrt(best)
    return gamma, outside


@kernel
def _squared(apart: float, criterion: float) -> float:
    if apart == 0.0:
        return 0.0
    return (apart / criterion) ** 2 if criterion > 0.0 else np.inf


@kernel
def _leaves(
    values: FloatArray, planes: FloatArray, x: float, y: float, z: float, rx: float, ry: float, rz: float
) -> bool:
    """Whether a box of half-widths `rx`, `ry`, `rz` around a point leaves the outermost voxel centres."""
    nk, nj, ni = values.shape
    if x - rx < 0.0 or y - ry < 0.0 or z - rz < planes[0]:
        return True
    return bool(x + rx > ni - 1.0 or y + ry > nj - 1.0 or z + rz > planes[nk - 1])


@kernel
def _least_apart(
    dose: float, values: FloatArray, planes: FloatArray, x: float, y: float, z: float, reach: FloatArray
) -> float:
    """Least distance of a dose from all that can be interpolated within a box; infinite if none can."""
    nk, nj, ni = values.shape
    i0, i1 = max(int(np.floor(x - reach[0])), 0), min(int(np.ceil(x + reach[0])), ni - 1)
    j0, j1 = max(int(np.floor(y - reach[1])), 0), min(int(np.ceil(y + reach[1])), nj - 1)
    k0 = max(int(np.searchsorted(planes, z - reach[2], side="right")) - 1, 0)
    k1 = min(int(np.searchsorted(planes, z + reach[2])), nk - 1)
    lowest, highest = np.inf, -np.inf
    for k in range(k0, k1 + 1):
        for j in range(j0, j1 + 1):
            for i in range(i0, i1 + 1):
                lowest, highest = min(lowest, values[k, j, i]), max(highest, values[k, j, i])
    apart = max(lowest - dose, dose - highest)
    return max(apart - _ROUNDING * (dose + abs(highest)), 0.0) if apart < np.inf else np.inf
