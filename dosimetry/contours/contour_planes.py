"""Sort a structure's contours into parallel planes, and say which of them enclose nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from dosimetry.contours.parts import SMALLEST_AREA_MM2
from dosimetry.kernels.contour_measures import contour_measures
from dosimetry.linear import mapped
from dosimetry.structure import Structure

FloatArray = NDArray[np.float64]

_PLANE_TOLERANCE_MM = 0.01
"""Contours nearer than this lie in one plane: the rounding of coordinates in files."""
_PLANAR_TOLERANCE_MM = 0.1
"""A contour that leaves its plane by more than this on either side is not planar."""


class IgnoredReason(StrEnum):
    """Why a contour adds no volume."""

    TOO_FEW_POINTS = "too_few_points"
    NO_AREA = "no_area"
    NOT_PLANAR = "not_planar"
    OTHER_ORIENTATION = "other_orientation"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class IgnoredContour:
    """A contour that was left out, by its position among the structure's contours."""

    index: int
    reason: IgnoredReason


@dataclass(frozen=True, eq=False)
class ContourPlanes:
    """Polygons (n, 2) in mm by ascending height, in a frame (3, 3) with rows u, v, w in patient axes."""

    frame: FloatArray
    planes: tuple[tuple[float, list[FloatArray]], ...]
    ignored: tuple[IgnoredContour, ...]


_KNOWN: WeakKeyDictionary[Structure, ContourPlanes] = WeakKeyDictionary()


def contour_planes(structure: Structure, frame: FloatArray | None = None) -> ContourPlanes:
    """The planes of the orientation that holds the largest area, and the contours that do not fit.

    Made once for a structure, as long as it lives; anew for a frame (3, 3) that is given instead.
    """
    if frame is not None:
        return _sort_out(structure, frame)
    if structure not in _KNOWN:
        _KNOWN[structure] = _sort_out(structure)
    return _KNOWN[structure]


def _sort_out(structure: Structure, frame: FloatArray | None = None) -> ContourPlanes:
    vectors = _area_vectors(structure.contours)
    kept, ignored = _usable_contours(structure, vectors)
    frame = _common_frame(vectors[kept]) if frame is None else frame
    planes, misplaced = _planes(structure, kept, frame)
    everything = tuple(sorted(ignored + misplaced, key=lambda item: item.index))
    return ContourPlanes(frame, tuple(planes), everything)


def _usable_contours(structure: Structure, vectors: FloatArray) -> tuple[list[int], list[IgnoredContour]]:
    kept, ignored = [], []
    areas_mm2 = np.linalg.norm(vectors, axis=1)
    counts = np.array([len(contour) for contour in structure.contours], dtype=np.float64)
    # 8 area / n^1.5 is never more than the spread of n points, which takes far longer.
    is_spread = 8 * areas_mm2 > SMALLEST_AREA_MM2 * counts**1.5
    for index, contour in enumerate(structure.contours):
        reason = None if is_spread[index] else _why_unusable(contour)
        if reason is None:
            kept.append(index)
        else:
            ignored.append(IgnoredContour(index, reason))
    return kept, ignored


def _why_unusable(contour: FloatArray) -> IgnoredReason | None:
    if not _has_three_points(contour):
        return IgnoredReason.TOO_FEW_POINTS
    return None if _extent_area_mm2(contour) > SMALLEST_AREA_MM2 else IgnoredReason.NO_AREA


def _has_three_points(contour: FloatArray) -> bool:
    others = contour[(contour != contour[:1]).any(axis=1)]
    return bool((others != others[:1]).any())


def _extent_area_mm2(contour: FloatArray) -> float:
    """Twice the spread in the two main directions: zero for a line; robust for figures of eight."""
    spread = np.linalg.svd(contour - contour.mean(axis=0), compute_uv=False) / np.sqrt(len(contour))
    return float(4 * spread[0] * spread[1])


def _area_vectors(contours: Sequence[FloatArray]) -> FloatArray:
    """Newell's normal times the enclosed area of each contour, shape (contours, 3)."""
    if not contours:
        return np.zeros((0, 3))
    starts = np.cumsum([0, *map(len, contours)])
    _, vectors, _ = contour_measures(np.concatenate(contours), starts)
    return vectors


def _common_frame(vectors: FloatArray) -> FloatArray:
    """Unit vectors of the orientation that holds the largest area; patient axes where they fit.

    An orientation is the mean of its contours by area: the rounding of one small contour tilts no structure.
    """
    groups: list[tuple[FloatArray, FloatArray, float]] = []
    for vector, area in zip(vectors, np.linalg.norm(vectors, axis=1).tolist(), strict=True):
        if area == 0:
            continue
        for number, (direction, total, areas) in enumerate(groups):
            along = float(direction @ vector)
            if abs(along) > 0.999 * area:
                groups[number] = (direction, total + np.sign(along) * vector, areas + area)
                break
        else:
            groups.append((vector / area, vector, area))
    if not groups:
        return _frame_of(np.array([0.0, 0.0, 1.0]))
    _, total, _ = max(groups, key=lambda group: group[2])
    return _frame_of(total / np.linalg.norm(total))


def _frame_of(normal: FloatArray) -> FloatArray:
    largest = int(np.argmax(np.abs(normal)))
    w = normal * np.sign(normal[largest])
    if np.abs(np.delete(w, largest)).max() < 1e-4:
        w = np.eye(3)[largest]
    seed = np.eye(3)[1 if largest == 0 else 0]
    u = seed - (seed @ w) * w
    u /= np.linalg.norm(u)
    return np.stack([u, np.cross(w, u), w])


def _planes(
    structure: Structure, kept: list[int], frame: FloatArray
) -> tuple[list[tuple[float, list[FloatArray]]], list[IgnoredContour]]:
    """Polygons (n, 2) by ascending height, and what does not fit."""
    placed: list[tuple[float, int, FloatArray]] = []
    ignored: list[IgnoredContour] = []
    for index, uvw, lowest, highest in _in_frame(structure, kept, frame):
        if highest - lowest > 2 * _PLANAR_TOLERANCE_MM:
            ignored.append(IgnoredContour(index, _why_misplaced(uvw)))
        else:
            height = lowest if lowest == highest else float(np.median(uvw[:, 2]))
            placed.append((height, index, uvw[:, :2]))
    planes: list[tuple[float, list[FloatArray]]] = []
    for w, index, polygon in sorted(placed, key=lambda item: (item[0], item[1])):
        if not planes or w - planes[-1][0] > _PLANE_TOLERANCE_MM:
            planes.append((w, []))
        if any(_same_polygon(polygon, other) for other in planes[-1][1]):
            ignored.append(IgnoredContour(index, IgnoredReason.DUPLICATE))
        else:
            planes[-1][1].append(polygon)
    return planes, ignored


def _in_frame(
    structure: Structure, kept: list[int], frame: FloatArray
) -> Iterator[tuple[int, FloatArray, float, float]]:
    """Number, points along the frame's axes, lowest and highest place across of each contour."""
    if not kept:
        return
    chosen = [structure.contours[index] for index in kept]
    ends = np.cumsum([len(points) for points in chosen])
    starts = np.concatenate([[0], ends[:-1]])
    every = mapped(frame, np.concatenate(chosen))
    lowest = np.minimum.reduceat(every[:, 2], starts).tolist()
    highest = np.maximum.reduceat(every[:, 2], starts).tolist()
    places = zip(starts.tolist(), ends.tolist(), strict=True)
    for index, (first, last), low, high in zip(kept, places, lowest, highest, strict=True):
        yield index, every[first:last], low, high


def _why_misplaced(uvw: FloatArray) -> IgnoredReason:
    thickness = np.linalg.svd(uvw - uvw.mean(axis=0), compute_uv=False)[2] / np.sqrt(len(uvw))
    return IgnoredReason.OTHER_ORIENTATION if thickness < _PLANAR_TOLERANCE_MM else IgnoredReason.NOT_PLANAR


def _same_polygon(one: FloatArray, other: FloatArray) -> bool:
    """Same points, whatever the first one and the direction."""
    if one.shape != other.shape:
        return False
    return np.array_equal(one[np.lexsort(one.T)], other[np.lexsort(other.T)])
