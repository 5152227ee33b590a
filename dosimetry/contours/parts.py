"""The connected outlines of one plane, holes included."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dosimetry.kernels.enclosed_area import enclosed_area
from dosimetry.kernels.even_odd import any_along_inside, boxes_meet
from dosimetry.kernels.false_boundary import bounds_something
from dosimetry.kernels.polygon_distance import inscribed_radius

FloatArray = NDArray[np.float64]

SMALLEST_AREA_MM2 = 1e-4
"""Below this a contour is a point or a line: the square of 0.01 mm, the rounding of coordinates."""
_CHANNEL_WIDTH_MM = 0.05
"""Keyhole channels up to twice as wide do not count as an outline."""
_SCAN_LINES = 64
_POINTS_ALONG = 8
"""Of every segment, so that crossing edges are seen too."""


@dataclass(frozen=True, eq=False)
class Part:
    """One connected outline of a section, holes included.

    Parameters
    ----------
    outline
        Shape (m, 4): closed polygons as segments u, v, u, v in mm, for the even-odd rule.
    boundary
        Shape (b, 4): those segments of the outline that separate inside from outside.
    radius_mm
        Of an inscribed circle.
    area_mm2
        Enclosed.
    polygons
        The outline, polygon by polygon.
    """

    outline: FloatArray
    boundary: FloatArray
    radius_mm: float
    area_mm2: float
    polygons: tuple[FloatArray, ...]


def parts_of(polygons: list[FloatArray]) -> tuple[Part, ...]:
    """Group the polygons of one plane that overlap or lie in one another."""
    outlines = [_segments(polygon) for polygon in polygons]
    group = list(range(len(outlines)))
    for a in range(len(outlines)):
        for b in range(a):
            if group[a] != group[b] and polygons_meet(outlines[a], outlines[b]):
                old, new = group[a], group[b]
                group = [new if g == old else g for g in group]
    members = [[o for o, g in zip(outlines, group, strict=True) if g == n] for n in sorted(set(group))]
    parts = [part_of(polygons) for polygons in members]
    return tuple(part for part in parts if part is not None)


def _segments(polygon: FloatArray) -> FloatArray:
    """Closed polygon (n, 2) to segments (m, 4); repeated points make none."""
    segments = np.empty((len(polygon), 4))
    segments[:, :2], segments[:-1, 2:], segments[-1, 2:] = polygon, polygon[1:], polygon[0]
    moves = (segments[:, 0] != segments[:, 2]) | (segments[:, 1] != segments[:, 3])
    return segments if moves.all() else segments[moves]


def polygons_meet(one: FloatArray, other: FloatArray) -> bool:
    """Whether the insides of two outlines, as segments, share a point."""
    if not boxes_meet(one, other):
        return False
    return any_along_inside(other, one, _POINTS_ALONG) or any_along_inside(one, other, _POINTS_ALONG)


def part_of(polygons: list[FloatArray]) -> Part | None:
    """What polygons, as segments (m, 4) each, enclose by the even-odd rule; None if nothing."""
    outline = polygons[0] if len(polygons) == 1 else np.concatenate(polygons)
    boundary = outline[bounds_something(outline, _CHANNEL_WIDTH_MM)]
    if not len(boundary):
        return None
    area, u, v, reach = enclosed_area(outline, _SCAN_LINES)
    if area <= SMALLEST_AREA_MM2:
        return None
    radius = inscribed_radius(outline, boundary, np.array([u, v]), reach)
    return Part(outline, boundary, radius, area, tuple(polygons))
