"""Outlines of structures on a slice: contours that lie in it, or what a slice across contours meets.

A contour stands for a slab as thick as its plane's distance to the next one. Along the contours' planes the
nearest one is drawn; across them the slabs are, with their steps: nothing is smoothed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trial_core.domain.pictures import StructurePicture
from web.pictures.planes import Slices

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Line = NDArray[np.float32]

_PARALLEL = 0.9998
"""Cosine: contours nearer to parallel than about 1 degree lie in the slice."""
_SAME_PLANE_MM = 0.02
_JOINED = 1.5
"""Slabs further apart than this many ordinary distances have ends between them."""


@dataclass(frozen=True, eq=False)
class Contours:
    """Every contour of a scene: points (n, 3) in scene mm, and the first point of each contour (m + 1,)."""

    points: NDArray[np.float32]
    starts: IntArray


@dataclass(frozen=True, eq=False)
class Outline:
    """A structure's lines on a slice, in pixels (column, row); pixel centres are whole numbers.

    `lines` are closed polygons, each (n, 2), or `segments` (n, 4); `is_between` says that no contour was
    drawn on this slice and the nearest one is shown.
    """

    structure: int
    lines: tuple[Line, ...]
    segments: Line
    is_between: bool


def outlines_on(
    contours: Contours, structures: Sequence[StructurePicture], slices: Slices, number: int
) -> tuple[Outline, ...]:
    """Cut every structure with a slice; those that it does not meet are left out."""
    place = _Slice(slices, slices.corner_mm(number), slices.next_mm / np.linalg.norm(slices.next_mm))
    found = []
    for index, structure in enumerate(structures):
        is_along = abs(float(np.array(structure.normal) @ place.normal)) >= _PARALLEL
        cut = _along if is_along else _across
        found.append(cut(index, structure, _own(contours, structure), place))
    return tuple(each for each in found if each is not None)


@dataclass(frozen=True, eq=False)
class _Slice:
    """One slice: its first pixel's centre and the unit vector that it stands upright on, patient mm."""

    slices: Slices
    corner: FloatArray
    normal: FloatArray

    def pixels(self, points_mm: FloatArray) -> Line:
        """Pixel coordinates (column, row) of points, shape (n, 2); the pixels' sides are at right angles."""
        away = points_mm - self.corner
        steps = (self.slices.right_mm, self.slices.down_mm)
        return np.column_stack([away @ step / float(step @ step) for step in steps]).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Own:
    """One structure's points, float64, and the first point of each of its contours, with the end (m + 1,)."""

    points: FloatArray
    starts: IntArray


def _own(contours: Contours, structure: StructurePicture) -> _Own:
    starts = contours.starts[structure.first_contour : structure.first_contour + structure.contours + 1]
    points = contours.points[starts[0] : starts[-1]].astype(np.float64)
    return _Own(points, np.asarray(starts - starts[0]))


def _along(index: int, structure: StructurePicture, own: _Own, place: _Slice) -> Outline | None:
    """The contours of the nearest plane, if the slice lies in its slab."""
    heights = (own.points[own.starts[:-1]] - place.corner) @ place.normal
    nearest = float(np.abs(heights).min())
    half_slice = float(np.linalg.norm(place.slices.next_mm)) / 2
    if nearest > max(half_slice, structure.spacing_mm / 2) + _SAME_PLANE_MM:
        return None
    chosen = np.flatnonzero(np.abs(np.abs(heights) - nearest) <= _SAME_PLANE_MM)
    # Half-way between two planes the one towards the feet, front or right is drawn: one of them, not both.
    chosen = chosen[np.abs(heights[chosen] - heights[chosen].min()) <= _SAME_PLANE_MM]
    lines = tuple(place.pixels(own.points[own.starts[each] : own.starts[each + 1]]) for each in chosen)
    nothing = np.zeros((0, 4), dtype=np.float32)
    return Outline(index, lines, nothing, is_between=nearest > half_slice + _SAME_PLANE_MM)


def _across(index: int, structure: StructurePicture, own: _Own, place: _Slice) -> Outline | None:
    """The slabs of the contours that the slice meets, as steps."""
    crossings, contour = _crossings(own, (own.points - place.corner) @ place.normal)
    if not len(crossings):
        return None
    up = np.array(structure.normal)
    along = np.cross(up, place.normal)
    along /= np.linalg.norm(along)
    upright = np.cross(place.normal, along)
    upright /= float(upright @ up)  # in the slice, one mm of the contours' height
    levels = _levels(own, up)
    rank = np.searchsorted(levels, (own.points[own.starts[:-1]] @ up)[contour] - _SAME_PLANE_MM)
    steps = _steps(levels, rank, crossings @ along, structure.spacing_mm)
    zero = crossings[0] - (crossings[0] @ along) * along - (crossings[0] @ up) * upright
    ends = [place.pixels(zero + steps[:, [n]] * along + steps[:, [n + 1]] * upright) for n in (0, 2)]
    return Outline(index, (), np.hstack(ends), is_between=False)


def _crossings(own: _Own, heights: FloatArray) -> tuple[FloatArray, IntArray]:
    """Where the contours' edges pass through the slice, shape (n, 3), and through which contour each is."""
    following = np.arange(1, len(own.points) + 1)
    following[own.starts[1:] - 1] = own.starts[:-1]
    passes = np.flatnonzero((heights < 0) != (heights[following] < 0))
    share = heights[passes] / (heights[passes] - heights[following[passes]])
    points = own.points[passes] + share[:, None] * (own.points[following[passes]] - own.points[passes])
    return points, np.searchsorted(own.starts, passes, side="right") - 1


def _levels(own: _Own, up: FloatArray) -> FloatArray:
    """The heights of the structure's planes, ascending, shape (n,)."""
    heights = np.sort(own.points[own.starts[:-1]] @ up)
    is_new = np.concatenate(([True], np.diff(heights) > _SAME_PLANE_MM))
    levels: FloatArray = heights[is_new]
    return levels


def _steps(levels: FloatArray, rank: IntArray, position: FloatArray, spacing_mm: float) -> FloatArray:
    """The slabs' outline as segments (x, height, x, height), shape (n, 4), mm.

    Each crossing is a side of its slab. Between two slabs that touch, what is in one of them only is an edge:
    both slabs' crossings together, in pairs. The same holds for a slab that touches none.
    """
    low, high = _slabs(levels, spacing_mm)
    sides = np.column_stack([position, low[rank], position, high[rank]])
    # An edge's height names it: slabs that touch share it.
    height = np.concatenate([low[rank], high[rank]])
    order = np.lexsort([np.concatenate([position, position]), height])
    height, at = height[order], np.concatenate([position, position])[order]
    pairs = len(at) // 2 * 2
    edges = np.column_stack([at[0:pairs:2], height[0:pairs:2], at[1:pairs:2], height[1:pairs:2]])
    is_edge = (edges[:, 1] == edges[:, 3]) & (edges[:, 0] < edges[:, 2])
    return np.concatenate([sides, edges[is_edge]])


def _slabs(levels: FloatArray, spacing_mm: float) -> tuple[FloatArray, FloatArray]:
    """Where each plane's slab begins and ends: half-way to the next plane, or half the ordinary distance."""
    low, high = levels - spacing_mm / 2, levels + spacing_mm / 2
    touch = np.flatnonzero(np.diff(levels) <= _JOINED * spacing_mm)
    middle = (levels[touch] + levels[touch + 1]) / 2
    high[touch] = middle
    low[touch + 1] = middle
    return low, high
