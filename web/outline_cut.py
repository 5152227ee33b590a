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
from web.planes import Slices

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

    `lines` are closed polygons, each (n, 2), or `segments` (n, 4); `is_between` says that no contour was drawn
    on this slice and the nearest one is shown.
    """

    structure: int
    lines: tuple[Line, ...]
    segments: Line
    is_between: bool


def outlines_on(
    contours: Contours, structures: Sequence[StructurePicture], slices: Slices, number: int
) -> tuple[Outline, ...]:
    """Cut every structure with a slice; those that it does not meet are left out."""
    normal = slices.next_mm / np.linalg.norm(slices.next_mm)
    corner = slices.corner_mm(number)
    found = []
    for index, structure in enumerate(structures):
        own = _own(contours, structure)
        is_along = abs(float(np.array(structure.normal) @ normal)) >= _PARALLEL
        cut = _along if is_along else _across
        found.append(cut(index, structure, own, slices, corner, normal))
    return tuple(each for each in found if each is not None)


@dataclass(frozen=True, eq=False)
class _Own:
    """One structure's points, float64, and the first point of each of its contours, with the end (m + 1,)."""

    points: FloatArray
    starts: IntArray


def _own(contours: Contours, structure: StructurePicture) -> _Own:
    starts = contours.starts[structure.first_contour : structure.first_contour + structure.contours + 1]
    points = contours.points[starts[0] : starts[-1]].astype(np.float64)
    return _Own(points, np.asarray(starts - starts[0]))


def _along(
    index: int, structure: StructurePicture, own: _Own, slices: Slices, corner: FloatArray, normal: FloatArray
) -> Outline | None:
    """The contours of the nearest plane, if the slice lies in its slab."""
    heights = (own.points[own.starts[:-1]] - corner) @ normal
    nearest = float(np.abs(heights).min())
    half_slice = float(np.linalg.norm(slices.next_mm)) / 2
    if nearest > max(half_slice, structure.spacing_mm / 2) + _SAME_PLANE_MM:
        return None
    chosen = np.flatnonzero(np.abs(np.abs(heights) - nearest) <= _SAME_PLANE_MM)
    # Half-way between two planes the one towards the feet, right or front is drawn: one of them, not both.
    side = heights[chosen].min()
    chosen = chosen[np.abs(heights[chosen] - side) <= _SAME_PLANE_MM]
    lines = tuple(
        _pixels(own.points[own.starts[each] : own.starts[each + 1]], slices, corner) for each in chosen
    )
    return Outline(index, lines, _no_segments(), nearest > half_slice + _SAME_PLANE_MM)


def _across(
    index: int, structure: StructurePicture, own: _Own, slices: Slices, corner: FloatArray, normal: FloatArray
) -> Outline | None:
    """The slabs of the contours that the slice meets, as steps."""
    crossings, contour = _crossings(own, (own.points - corner) @ normal)
    if not len(crossings):
        return None
    up = np.array(structure.normal)
    along = np.cross(up, normal)
    along /= np.linalg.norm(along)
    upright = np.cross(normal, along)
    upright /= float(upright @ up)  # one mm of a contour's height, in the slice
    levels = _levels(own, up)
    rank = np.searchsorted(levels, (own.points[own.starts[:-1]] @ up)[contour] - _SAME_PLANE_MM)
    position = crossings @ along
    base = crossings - position[:, None] * along - ((crossings @ up) - 0.0)[:, None] * upright
    segments_mm = _steps(levels, rank, position, structure.spacing_mm)
    place = base[0] if len(base) else corner
    first, second = (place + segments_mm[:, [n]] * along + segments_mm[:, [n + 1]] * upright for n in (0, 2))
    ends = [_pixels(each, slices, corner) for each in (first, second)]
    return Outline(index, (), np.hstack(ends).astype(np.float32), is_between=False)


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


def _pixels(points_mm: FloatArray, slices: Slices, corner: FloatArray) -> Line:
    """Pixel coordinates (column, row) of points, shape (n, 2); the pixels' sides are at right angles."""
    away = points_mm - corner
    found = [away @ step / float(step @ step) for step in (slices.right_mm, slices.down_mm)]
    return np.column_stack(found).astype(np.float32)


def _no_segments() -> Line:
    return np.zeros((0, 4), dtype=np.float32)
