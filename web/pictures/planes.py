"""Planes through a volume as a radiologist looks at them: axial, coronal, sagittal, with their letters.

Slices are the volume's own planes, so every Hounsfield unit shown is a voxel's. Of an oblique volume they are
those nearest to the patient's axes, and the letters say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from trial_core.domain.pictures import Lattice

FloatArray = NDArray[np.float64]

_SECOND_LETTER = 0.2
"""A direction that leaves its axis by more than about 11 degrees bears a second letter."""


class View(StrEnum):
    """How a slice lies in the patient."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"


_X, _Y, _Z = 0, 1, 2
# (axis across the slices, axis and sign to the right, axis and sign downwards) in patient LPS: the patient's
# left is on the right side of axial and coronal slices, the head is above, sagittal slices look to the left.
_LOOKS = {
    View.AXIAL: (_Z, (_X, 1.0), (_Y, 1.0)),
    View.CORONAL: (_Y, (_X, 1.0), (_Z, -1.0)),
    View.SAGITTAL: (_X, (_Y, 1.0), (_Z, -1.0)),
}
_LETTERS = (("R", "L"), ("A", "P"), ("I", "S"))


@dataclass(frozen=True, eq=False)
class Slices:
    """All slices of one view.

    Attributes
    ----------
    count, rows, columns
        Slices, and pixels of each.
    origin_mm
        Centre of the first pixel of the first slice, patient mm.
    next_mm, down_mm, right_mm
        From a pixel to the same one of the next slice, to the one below, to the one on the right. Slices go
        towards the head, the back and the patient's left.
    axes, flipped
        Of the array (nk, nj, ni): which axis goes across the slices, down and to the right, and whether
        backwards.
    """

    count: int
    rows: int
    columns: int
    origin_mm: FloatArray
    next_mm: FloatArray
    down_mm: FloatArray
    right_mm: FloatArray
    axes: tuple[int, int, int]
    flipped: tuple[bool, bool, bool]

    def corner_mm(self, number: int) -> FloatArray:
        """Centre of the first pixel of a slice, patient mm."""
        corner: FloatArray = self.origin_mm + number * self.next_mm
        return corner

    def cut(self, values: NDArray[np.int16], number: int) -> NDArray[np.int16]:
        """Give a slice of an array (nk, nj, ni) on this lattice: shape (rows, columns)."""
        across, down, right = self.axes
        index = values.shape[across] - 1 - number if self.flipped[0] else number
        plane = np.take(values, index, axis=across) if across else values[index]
        plane = plane if down < right else plane.T
        return np.ascontiguousarray(plane[:: -1 if self.flipped[1] else 1, :: -1 if self.flipped[2] else 1])


def slices_of(lattice: Lattice, view: View) -> Slices:
    """Lay a view through a lattice of evenly spaced voxels."""
    affine = np.array(lattice.index_to_scene_mm).reshape(4, 4)
    across, (right_axis, right_sign), (down_axis, down_sign) = _LOOKS[view]
    index_of = _index_axes(affine[:3, :3])
    chosen = ((across, 1.0), (down_axis, down_sign), (right_axis, right_sign))
    steps, counts, flips = [], [], []
    start = affine[:3, 3].copy()
    for axis, sign in chosen:
        column = affine[:3, index_of[axis]]
        count = lattice.shape[2 - index_of[axis]]
        is_backwards = bool(column[axis] * sign < 0)
        start += column * (count - 1) if is_backwards else 0.0
        steps.append(-column if is_backwards else column.copy())
        counts.append(count)
        flips.append(is_backwards)
    axes = tuple(2 - index_of[axis] for axis, _ in chosen)
    return Slices(
        count=counts[0],
        rows=counts[1],
        columns=counts[2],
        origin_mm=start,
        next_mm=steps[0],
        down_mm=steps[1],
        right_mm=steps[2],
        axes=(axes[0], axes[1], axes[2]),
        flipped=(flips[0], flips[1], flips[2]),
    )


def letters(direction_mm: FloatArray) -> str:
    """Say where in the patient a direction points: R/L, A/P, I/S, the strongest first."""
    unit = direction_mm / np.linalg.norm(direction_mm)
    order = sorted(range(3), key=lambda axis: -abs(unit[axis]))
    said = [axis for axis in order if abs(unit[axis]) > _SECOND_LETTER]
    return "".join(_LETTERS[axis][int(unit[axis] > 0)] for axis in said)


def _index_axes(columns: FloatArray) -> tuple[int, int, int]:
    """For each patient axis the index axis (0 i, 1 j, 2 k) that runs most along it."""
    share = np.abs(columns / np.linalg.norm(columns, axis=0))
    best = max(permutations(range(3)), key=lambda order: sum(share[axis, order[axis]] for axis in range(3)))
    return best[0], best[1], best[2]
