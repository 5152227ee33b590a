"""Segments sorted by rows of v: which ones a line of constant v can cross."""

# ruff: noqa: PLR0917 - kernels take plain arrays and scalars, by position

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_MOST_ROWS = 4096
_ROWS_PER_SEGMENT = 4.0
"""Rows that a segment reaches into on average, at most, besides its first."""


@kernel
def rows_of(segments: FloatArray) -> tuple[float, float, IntArray, IntArray]:
    """Where rows of v begin, rows per mm, and `in_rows`, for at least one segment u, v, u, v of (m, 4)."""
    count = segments.shape[0]
    low = min(segments[:, 1].min(), segments[:, 3].min())
    high = max(segments[:, 1].max(), segments[:, 3].max())
    climbed = np.abs(segments[:, 3] - segments[:, 1]).sum()
    rows = min(count, _MOST_ROWS)
    if climbed > 0.0:
        rows = max(min(rows, int(_ROWS_PER_SEGMENT * count * (high - low) / climbed)), 1)
    per_mm = rows / (high - low) if high > low else 0.0
    starts, members = in_rows(segments, low, per_mm, rows)
    return low, per_mm, starts, members


@kernel
def in_rows(segments: FloatArray, low: float, per_mm: float, rows: int) -> tuple[IntArray, IntArray]:
    """Which segments reach into each row of v: those of row r are members[starts[r]:starts[r + 1]]."""
    starts = np.zeros(rows + 1, dtype=np.int64)
    for m in range(segments.shape[0]):
        first, last = rows_between(segments[m, 1], segments[m, 3], low, per_mm, rows)
        for row in range(first, last + 1):
            starts[row + 1] += 1
    for row in range(rows):
        starts[row + 1] += starts[row]
    filled = starts[:rows].copy()
    members = np.empty(starts[rows], dtype=np.int64)
    for m in range(segments.shape[0]):
        first, last = rows_between(segments[m, 1], segments[m, 3], low, per_mm, rows)
        for row in range(first, last + 1):
            members[filled[row]] = m
            filled[row] += 1
    return starts, members


@kernel
def rows_between(one: float, other: float, low: float, per_mm: float, rows: int) -> tuple[int, int]:
    """The rows of the lower and the higher of two values of v."""
    first = int((min(one, other) - low) * per_mm)
    last = int((max(one, other) - low) * per_mm)
    return min(max(first, 0), rows - 1), min(max(last, 0), rows - 1)


@kernel
def is_inside(
    segments: FloatArray, starts: IntArray, members: IntArray, low: float, per_mm: float, u: float, v: float
) -> bool:
    """Whether a point is inside, by the segments in its row: no other one can cross its line of v."""
    row, _ = rows_between(v, v, low, per_mm, starts.shape[0] - 1)
    state = False
    for place in range(starts[row], starts[row + 1]):
        m = members[place]
        ua, va, ub, vb = segments[m, 0], segments[m, 1], segments[m, 2], segments[m, 3]
        if (va <= v) != (vb <= v) and u >= ua + (v - va) / (vb - va) * (ub - ua):
            state = not state
    return state
