"""One plan's dose added to one plane of a sum whose axes are parallel to the plan's."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]
LabelArray = NDArray[np.uint8]
RealArray = NDArray[np.floating]
"""float32 or float64, the same throughout a call."""
IndexArray = NDArray[np.uint64]
"""Unsigned: a signed index costs a look at its sign with every voxel."""


@kernel
def add_aligned_plane(
    out: RealArray,
    fresh: bool,
    below: FloatArray,
    above: FloatArray,
    share: np.floating,
    row: NDArray[np.int64],
    along: RealArray,
    column: IndexArray,
    across: RealArray,
    first_row: int,
    first_column: int,
    linear: RealArray,
    square: RealArray,
    labels: LabelArray,
) -> None:
    """Add D (linear + square D) to the covered part of the plane `out` (nj, ni); put it there where `fresh`.

    D is interpolated between the plan's planes `below` and `above` (nj', ni'), `share` of the way up. The
    covered part begins at `first_row` and `first_column`: its m-th row lies `along[m]` of the way from the
    plan's row `row[m]` to the next, its n-th column `across[n]` from `column[n]`. `labels` (nj, ni) choose
    the coefficients; where it is empty the first ones hold. Arithmetic is in the type of `out`. Each step
    is a lerp, a + t (b - a): a constant stays constant.
    """
    between = np.empty(below.shape[1], dtype=out.dtype)
    low = np.empty(column.shape[0], dtype=out.dtype)
    high = np.empty(column.shape[0], dtype=out.dtype)
    low_row, high_row = -1, -1
    for m in range(row.shape[0]):
        wanted = row[m]
        if wanted == high_row or wanted + 1 == low_row:
            low, high = high, low
            low_row, high_row = high_row, low_row
        if low_row != wanted:
            _spread(low, between, below[wanted], above[wanted], share, column, across)
            low_row = wanted
        if high_row != wanted + 1:
            _spread(high, between, below[wanted + 1], above[wanted + 1], share, column, across)
            high_row = wanted + 1
        target = out[first_row + m][first_column : first_column + column.shape[0]]
        if labels.shape[0] > 0:
            label = labels[first_row + m][first_column : first_column + column.shape[0]]
            _add_labelled_row(target, fresh, low, high, along[m], linear, square, label)
        elif fresh:
            _put_row(target, low, high, along[m], linear[0], square[0])
        else:
            _add_row(target, low, high, along[m], linear[0], square[0])


@kernel
def _spread(
    spread: RealArray,
    between: RealArray,
    below: FloatArray,
    above: FloatArray,
    share: np.floating,
    column: IndexArray,
    across: RealArray,
) -> None:
    """A row of the plan at the columns of the sum."""
    for n in range(below.shape[0]):
        between[n] = below[n] + share * (above[n] - below[n])
    for i in range(column.shape[0]):
        n = column[i]
        spread[i] = between[n] + across[i] * (between[n + np.uint64(1)] - between[n])


@kernel
def _put_row(
    out: RealArray, low: RealArray, high: RealArray, along: float, linear: float, square: float
) -> None:
    for i in range(out.shape[0]):
        dose = low[i] + along * (high[i] - low[i])
        out[i] = dose * (linear + square * dose)


@kernel
def _add_row(
    out: RealArray, low: RealArray, high: RealArray, along: float, linear: float, square: float
) -> None:
    for i in range(out.shape[0]):
        dose = low[i] + along * (high[i] - low[i])
        out[i] += dose * (linear + square * dose)


@kernel
def _add_labelled_row(
    out: RealArray,
    fresh: bool,
    low: RealArray,
    high: RealArray,
    along: float,
    linear: RealArray,
    square: RealArray,
    labels: LabelArray,
) -> None:
    for i in range(out.shape[0]):
        dose = low[i] + along * (high[i] - low[i])
        part = dose * (linear[labels[i]] + square[labels[i]] * dose)
        out[i] = part if fresh else out[i] + part


@kernel
def add_outside_plane(
    out: RealArray,
    missing: NDArray[np.unsignedinteger],
    row_face: FloatArray,
    column_face: FloatArray,
    plane_face: float,
    linear: RealArray,
    square: RealArray,
    labels: LabelArray,
) -> None:
    """Add to the voxels of a plane that a plan does not cover the highest dose of the faces it lies past.

    `row_face` (nj,), `column_face` (ni,) and `plane_face` are that dose, negative where the row, column or
    plane lies within the plan's grid. Each such voxel is counted in `missing` (nj, ni).
    """
    beside = (column_face >= 0.0).astype(missing.dtype)
    counts = max(row_face.max(), column_face.max(), plane_face) > 0.0
    for j in range(out.shape[0]):
        if row_face[j] >= 0.0 or plane_face >= 0.0:
            missing[j] += missing.dtype.type(1)
        else:
            missing[j] += beside
        for i in range(out.shape[1] if counts else 0):
            dose = max(row_face[j], column_face[i], plane_face)
            if dose < 0.0:
                continue
            label = labels[j, i] if labels.shape[0] > 0 else 0
            out[j, i] += dose * (linear[label] + square[label] * dose)
