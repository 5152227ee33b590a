"""The region that one contour encloses, and whether the contour crosses itself."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import Geometry

from imaging.dicom.geometry import FloatArray

NEGLIGIBLE_LOOP_SHARE = 0.01
"""Loops smaller than this share of a contour's area come from tracing and rounding."""
_REPEATED_SHARE = 0.02
"""A contour that encloses less than this share of its area once is drawn twice along itself."""
MAX_TANGLE = 2 * 10**7
"""Most faces times points of one contour: a scribble with more would take minutes, and bounds nothing."""
_SAMPLED_PAIRS = 10**6


class TangledError(Exception):
    """Contours cut one another too often to bound anything; `problem` says how."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


def even_odd_region(polygon: FloatArray) -> Geometry:
    """Give the region of a closed contour, shape (n, 2), by the even-odd rule.

    Raises
    ------
    TangledError
        If it crosses itself too often.
    """
    simple = shapely.polygons(polygon)
    if shapely.is_valid(simple):
        return simple
    faces, winding = _faces(polygon)
    return shapely.union_all(faces[winding % 2 == 1])


def rings_of(region: Geometry) -> list[FloatArray]:
    """Give the rings of a region, outer and inner, without repeating their first points."""
    polygons = [part for part in shapely.get_parts(region) if part.geom_type == "Polygon"]
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    return [np.asarray(ring.coords, dtype=np.float64)[:-1] for ring in rings]


def crossing_ones(polygons: list[FloatArray]) -> list[int]:
    """Give the contours, each of shape (n, 2), that touch or cross themselves: keyholes among them."""
    numbers = np.repeat(np.arange(len(polygons)), [len(polygon) for polygon in polygons])
    shapes = shapely.polygons(shapely.linearrings(np.concatenate(polygons), indices=numbers))
    return np.flatnonzero(~shapely.is_valid(shapes)).tolist()


def self_crossing(polygon: FloatArray) -> Geometry | None:
    """Give the region of a contour that crosses itself; None for one that touches itself, such as a keyhole.

    The region is that of the even-odd rule; a contour that runs twice around itself is taken once.

    The area that the contour runs around (each loop with its sign, as often as it is run around) is the area
    that it encloses only where it does not cross itself; the channel of a keyhole cancels out.

    Raises
    ------
    TangledError
        If it crosses itself too often.
    """
    faces, winding = _faces(polygon)
    areas = shapely.area(faces)
    filled, odd = float(areas[winding != 0].sum()), float(areas[winding % 2 == 1].sum())
    if abs(filled - abs(float(areas @ winding))) <= NEGLIGIBLE_LOOP_SHARE * filled:
        return None
    is_repeated = odd < _REPEATED_SHARE * filled
    return shapely.union_all(faces[(winding != 0) if is_repeated else (winding % 2 == 1)])


def _faces(polygon: FloatArray) -> tuple[np.ndarray[tuple[int], np.dtype[np.object_]], FloatArray]:
    """Give the faces that a closed contour cuts the plane into, and how often it runs around each."""
    closed = np.vstack([polygon, polygon[:1]])
    _refuse_tangle(_crossings(closed), closed)
    lines = shapely.union_all([shapely.linestrings(closed)])
    faces = shapely.get_parts(shapely.polygonize([lines]))
    _refuse_tangle(len(faces), closed)
    points = shapely.get_coordinates(shapely.point_on_surface(faces))
    return faces, np.array([_winding(closed, point) for point in points])


def _crossings(closed: FloatArray) -> float:
    """Estimate from some segments how many crossings there are."""
    count = len(closed) - 1
    sampled = np.linspace(0, count - 1, min(count, 1 + _SAMPLED_PAIRS // count)).astype(np.intp)
    hits = [_crossings_of(closed[one], closed[one + 1], closed) for one in sampled]
    return float(np.mean(hits)) * count / 2


def _crossings_of(start: FloatArray, end: FloatArray, closed: FloatArray) -> int:
    """Count the segments of a closed line that properly cross one segment."""
    side = _side(end - start, closed - start)
    steps = np.diff(closed, axis=0)
    from_start, from_end = _side(steps, start - closed[:-1]), _side(steps, end - closed[:-1])
    return int(((side[:-1] * side[1:] < 0) & (from_start * from_end < 0)).sum())


def _side(direction: FloatArray, offset: FloatArray) -> FloatArray:
    """Above 0 where the offset points to the left of the direction, below where to the right."""
    side: FloatArray = direction[..., 0] * offset[..., 1] - direction[..., 1] * offset[..., 0]
    return side


def _refuse_tangle(faces: float, closed: FloatArray) -> None:
    if faces * len(closed) > MAX_TANGLE:
        raise TangledError("A contour crosses itself countless times")


def _winding(closed: FloatArray, point: FloatArray) -> int:
    """Count the signed crossings of the ray from a point towards +x."""
    start, end = closed[:-1] - point, closed[1:] - point
    side = _side(end - start, -start)
    upwards = (start[:, 1] <= 0) & (end[:, 1] > 0) & (side > 0)
    downwards = (start[:, 1] > 0) & (end[:, 1] <= 0) & (side < 0)
    return int(upwards.sum()) - int(downwards.sum())
