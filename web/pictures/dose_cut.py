"""A dose on the pixels of a slice: read off its own voxels, wherever they lie in the patient.

Between voxel centres the value is interpolated linearly, as the engine reads a dose. Up to half a voxel past
the outermost centres the edge's value counts; beyond, the dose is not known there, and NaN stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trial_core.domain.pictures import Lattice
from web.pictures.planes import Slices

FloatArray = NDArray[np.float64]
DoseArray = NDArray[np.float32]

_TOUCH = 1e-3
"""Share of a voxel by which a pixel may pass the edge: rounding in files, as the engine allows for it."""
_SAME_VOXEL = 1e-6
"""Of a voxel, over a whole slice: less is no slant."""


def dose_on(values: DoseArray, lattice: Lattice, slices: Slices, number: int) -> DoseArray:
    """Read a dose at every pixel of a slice: shape (rows, columns), Gy, NaN where it is not known.

    Parameters
    ----------
    values
        Shape (nk, nj, ni), on the voxels of `lattice`.
    slices, number
        Whose pixels, of which slice.
    """
    to_axes = np.linalg.inv(np.array(lattice.index_to_scene_mm).reshape(4, 4))
    start = to_axes[:3] @ (*slices.corner_mm(number), 1.0)
    down, right = to_axes[:3, :3] @ slices.down_mm, to_axes[:3, :3] @ slices.right_mm
    rows, columns = np.arange(slices.rows)[:, None], np.arange(slices.columns)[None, :]
    axes = [_Axis.of(lattice, axis) for axis in range(3)]
    moves = [
        (abs(down[a]) * slices.rows > _SAME_VOXEL, abs(right[a]) * slices.columns > _SAME_VOXEL)
        for a in range(3)
    ]
    at = [
        axes[a].at(
            start[a] + (rows * down[a] if moves[a][0] else 0.0) + (columns * right[a] if moves[a][1] else 0.0)
        )
        for a in range(3)
    ]
    is_straight = all(not (along_down and along_right) for along_down, along_right in moves)
    each_once = sum(move[0] for move in moves) <= 1 and sum(move[1] for move in moves) <= 1
    read = _read_straight if is_straight and each_once else _read_slanted
    known = at[0].known & at[1].known & at[2].known
    if not known.any():
        return np.full((slices.rows, slices.columns), np.nan, dtype=np.float32)
    found = np.broadcast_to(read(values, at[2], at[1], at[0]), (slices.rows, slices.columns))
    return np.where(np.broadcast_to(known, found.shape), found, np.float32(np.nan))


@dataclass(frozen=True, eq=False)
class _Places:
    """Along one axis: the voxel below each place, the share of the next one, and whether it is known there.

    Arrays that broadcast to (rows, columns).
    """

    below: NDArray[np.int64]
    share: DoseArray
    known: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Axis:
    """Voxel centres along one axis, ascending, and how far past the first and last the edge counts."""

    centres: FloatArray
    reach: tuple[float, float]
    is_descending: bool

    @classmethod
    def of(cls, lattice: Lattice, axis: int) -> _Axis:
        count = lattice.shape[2 - axis]
        if axis < 2 or (lattice.plane_offsets_mm is None and count > 1):
            return cls(np.arange(count, dtype=np.float64), (0.5, 0.5), is_descending=False)
        if count == 1:
            unit_mm = float(np.linalg.norm(np.array(lattice.index_to_scene_mm).reshape(4, 4)[:3, 2]))
            half = (lattice.plane_thickness_mm or unit_mm) / unit_mm / 2
            return cls(np.array(lattice.plane_offsets_mm or (0.0,)), (half, half), is_descending=False)
        offsets = np.array(lattice.plane_offsets_mm)
        is_descending = bool(offsets[1] < offsets[0])
        centres = offsets[::-1] if is_descending else offsets
        reach = (float(centres[1] - centres[0]) / 2, float(centres[-1] - centres[-2]) / 2)
        return cls(centres, reach, is_descending)

    def at(self, coordinate: FloatArray) -> _Places:
        first, last = self.centres[0], self.centres[-1]
        place = np.atleast_2d(coordinate)
        known = (place >= first - self.reach[0] - _TOUCH) & (place <= last + self.reach[1] + _TOUCH)
        place = np.clip(place, first, last)
        if len(self.centres) == 1:
            return _Places(np.zeros(place.shape, np.int64), np.zeros(place.shape, np.float32), known)
        below = np.clip(np.searchsorted(self.centres, place, side="right") - 1, 0, len(self.centres) - 2)
        share = (place - self.centres[below]) / (self.centres[below + 1] - self.centres[below])
        if self.is_descending:  # the voxels run the other way
            below, share = len(self.centres) - 2 - below, 1.0 - share
        return _Places(below, share.astype(np.float32), known)


def _read_straight(values: DoseArray, k: _Places, j: _Places, i: _Places) -> DoseArray:
    """Along the voxels' own axes: one axis after the other, the one that stands still first."""
    found, places = np.asarray(values), [k, j, i]
    for axis in sorted(range(3), key=lambda each: places[each].below.size):
        found = _between(found, axis, places[axis])
    order = [axis for axis in range(3) if places[axis].below.shape[0] > 1]
    order += [axis for axis in range(3) if places[axis].below.shape[1] > 1]
    order = [*(axis for axis in range(3) if axis not in order), *order]
    rows = max(place.below.shape[0] for place in places)
    columns = max(place.below.shape[1] for place in places)
    return found.transpose(order).reshape(rows, columns)


def _between(values: DoseArray, axis: int, places: _Places) -> DoseArray:
    below = places.below.ravel()
    low = np.take(values, below, axis)
    if values.shape[axis] == 1:
        return low
    shape = [1, 1, 1]
    shape[axis] = below.size
    share = places.share.reshape(shape)
    return low + share * (np.take(values, below + 1, axis) - low)


def _read_slanted(values: DoseArray, k: _Places, j: _Places, i: _Places) -> DoseArray:
    """Across the voxels' axes: the eight voxels about each pixel."""
    tops = [
        np.minimum(place.below + 1, count - 1) for place, count in zip((k, j, i), values.shape, strict=True)
    ]
    found = np.float32(0)
    for kk, wk in ((k.below, 1 - k.share), (tops[0], k.share)):
        for jj, wj in ((j.below, 1 - j.share), (tops[1], j.share)):
            for ii, wi in ((i.below, 1 - i.share), (tops[2], i.share)):
                found = found + wk * wj * wi * values[kk, jj, ii]
    return np.asarray(found, dtype=np.float32)
