"""Which boxes in a pile of planes hang together: by meeting in a plane, and from one plane to the next."""

import numpy as np
from numpy.typing import NDArray

from dosimetry.compile import kernel

IntArray = NDArray[np.int64]


@kernel
def touching_boxes(planes: IntArray, boxes: NDArray[np.float64]) -> IntArray:
    """Number of the piece that each box (n, 2, 2) belongs to, that of its first box; `planes` (n,) ascends.

    A box meets others of its own plane, and those of the next plane above in which it meets any.
    """
    piece = np.arange(planes.shape[0])
    for n in range(planes.shape[0]):
        reached = planes[n]
        for m in range(planes.shape[0]):
            if planes[m] < planes[n] or not _meet(boxes[n], boxes[m]):
                continue
            if planes[m] > reached:
                if reached > planes[n]:
                    break
                reached = planes[m]
            _join(piece, n, m)
    for n in range(planes.shape[0]):
        piece[n] = _first(piece, n)
    return piece


@kernel
def _meet(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    meets = True
    for axis in range(2):
        meets &= one[0, axis] <= other[1, axis] and one[1, axis] >= other[0, axis]
    return meets


@kernel
def _first(piece: IntArray, n: int) -> int:
    while piece[n] != n:
        n = piece[n]
    return n


@kernel
def _join(piece: IntArray, one: int, other: int) -> None:
    first, second = _first(piece, one), _first(piece, other)
    piece[max(first, second)] = min(first, second)
