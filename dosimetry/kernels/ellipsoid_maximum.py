"""The highest dose within an ellipsoid around each voxel of a plane."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]
RealArray = NDArray[np.floating]


@kernel
def highest_within(
    values: RealArray,
    k: int,
    margin: NDArray[np.int64],
    rows: NDArray[np.int64],
    ends: FloatArray,
    out: RealArray,
) -> None:
    """Write to `out` (nj, ni) the highest of `values` around each voxel of plane k.

    `values` (nk + 2 mk, nj + 2 mj, ni + 2 mi) reach `margin` (mk, mj, mi) voxels further on all sides;
    negative ones do not count. The ellipsoid is cut into `rows` (n, 2): steps (dk, dj) from its centre, each
    from `ends[n, 0]` to `ends[n, 1]` along i. Looked at are all voxel centres within it, and both ends of
    each row, interpolated between the voxels on either side where both count.
    """
    for j in range(out.shape[0]):
        target = out[j]
        target[:] = -1.0
        for n in range(rows.shape[0]):
            row = values[k + margin[0] + rows[n, 0], j + margin[1] + rows[n, 1]]
            first, last = int(np.ceil(ends[n, 0])), int(np.floor(ends[n, 1]))
            for step in range(first, last + 1):
                _raise(target, row[margin[2] + step : margin[2] + step + target.shape[0]])
            for side in range(2):
                whole = int(np.floor(ends[n, side]))
                share = ends[n, side] - whole
                if share > 0.0:
                    low = row[margin[2] + whole : margin[2] + whole + target.shape[0]]
                    high = row[margin[2] + whole + 1 : margin[2] + whole + 1 + target.shape[0]]
                    _raise_between(target, low, high, target.dtype.type(share))


@kernel
def raise_near_peaks(
    out: RealArray,
    chosen: NDArray[np.bool_],
    k: int,
    peaks: FloatArray,
    doses: FloatArray,
    form: FloatArray,
    reach: FloatArray,
) -> None:
    """Raise the `chosen` of `out` (nj, ni), voxels of plane k, to the `doses` (n,) of the peaks around them.

    A peak at `peaks[n]` (k, j, i) counts for the voxels from which the way x to it has x' form x <= 1; `form`
    (3, 3) and the farthest ways `reach` (3,) are in voxels along i, j, k.
    """
    nj, ni = out.shape
    for n in range(peaks.shape[0]):
        z, dose = peaks[n, 0] - k, out.dtype.type(doses[n])
        j0, j1 = (
            max(int(np.ceil(peaks[n, 1] - reach[1])), 0),
            min(int(np.floor(peaks[n, 1] + reach[1])), nj - 1),
        )
        i0, i1 = (
            max(int(np.ceil(peaks[n, 2] - reach[0])), 0),
            min(int(np.floor(peaks[n, 2] + reach[0])), ni - 1),
        )
        for j in range(j0, j1 + 1):
            y = peaks[n, 1] - j
            rest = form[1, 1] * y * y + 2.0 * form[1, 2] * y * z + form[2, 2] * z * z
            for i in range(i0, i1 + 1):
                x = peaks[n, 2] - i
                length = rest + x * (form[0, 0] * x + 2.0 * (form[0, 1] * y + form[0, 2] * z))
                if length <= 1.0 and chosen[j, i]:
                    out[j, i] = max(out[j, i], dose)


@kernel
def _raise(target: RealArray, row: RealArray) -> None:
    for i in range(target.shape[0]):
        target[i] = max(target[i], row[i])


@kernel
def _raise_between(target: RealArray, low: RealArray, high: RealArray, share: np.floating) -> None:
    for i in range(target.shape[0]):
        between = low[i] + share * (high[i] - low[i])
        if low[i] >= 0.0 and high[i] >= 0.0:
            target[i] = max(target[i], between)
