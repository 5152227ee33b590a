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
def raise_between_rows(
    values: RealArray,
    k: int,
    margin: NDArray[np.int64],
    tips: NDArray[np.int64],
    shares: FloatArray,
    out: RealArray,
) -> None:
    """Raise `out` to the values at the ellipsoid's tips across the rows, as `highest_within` left it.

    Tip n lies `shares[n]` of the way from the row at step (dk, dj) = `tips[n, :2]` to that at `tips[n, 2:]`.
    """
    for n in range(tips.shape[0]):
        share = out.dtype.type(shares[n])
        for j in range(out.shape[0]):
            low = values[k + margin[0] + tips[n, 0], j + margin[1] + tips[n, 1]]
            high = values[k + margin[0] + tips[n, 2], j + margin[1] + tips[n, 3]]
            stop = margin[2] + out.shape[1]
            _raise_between(out[j], low[margin[2] : stop], high[margin[2] : stop], share)


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
