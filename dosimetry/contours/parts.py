"""The connected outlines of one plane, holes included."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dosimetry.kernels.even_odd import outlines_meet
from dosimetry.kernels.measured_outlines import closed_segments, measured_outlines

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

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


def parts_of_planes(planes: Sequence[Sequence[FloatArray]]) -> list[tuple[Part, ...]]:
    """For each plane, its polygons (n, 2) in groups that overlap or lie in one another."""
    polygons = iter(_segments([polygon for plane in planes for polygon in plane]))
    groups = [_grouped([next(polygons) for _ in plane]) for plane in planes]
    parts = iter(_measured([group for here in groups for group in here]))
    found = [[next(parts) for _ in here] for here in groups]
    return [tuple(part for part in here if part is not None) for here in found]


def part_of(polygons: Sequence[FloatArray]) -> Part | None:
    """What polygons, as segments (m, 4) each, enclose by the even-odd rule; None if nothing."""
    (part,) = _measured([polygons])
    return part


def _segments(polygons: Sequence[FloatArray]) -> list[FloatArray]:
    """Closed polygons (n, 2) to segments (m, 4) each; repeated points make none."""
    if not polygons:
        return []
    segments, starts = closed_segments(np.concatenate(polygons), _starts(polygons))
    return [segments[first:last] for first, last in pairwise(starts.tolist())]


def _grouped(outlines: list[FloatArray]) -> list[list[FloatArray]]:
    group = list(range(len(outlines)))
    for a in range(len(outlines)):
        for b in range(a):
            if group[a] != group[b] and polygons_meet(outlines[a], outlines[b]):
                old, new = group[a], group[b]
                group = [new if g == old else g for g in group]
    return [[o for o, g in zip(outlines, group, strict=True) if g == n] for n in sorted(set(group))]


def _measured(groups: Sequence[Sequence[FloatArray]]) -> list[Part | None]:
    """What each group of polygons, as segments, encloses; None where nothing."""
    if not groups:
        return []
    outlines = [group[0] if len(group) == 1 else np.concatenate(group) for group in groups]
    boundaries, starts, areas, radii = measured_outlines(
        np.concatenate(outlines), _starts(outlines), _CHANNEL_WIDTH_MM, _SCAN_LINES
    )
    measures = zip(pairwise(starts.tolist()), areas.tolist(), radii.tolist(), strict=True)
    return [
        Part(outline, boundaries[first:last], radius, area, tuple(group))
        if last > first and area > SMALLEST_AREA_MM2
        else None
        for group, outline, ((first, last), area, radius) in zip(groups, outlines, measures, strict=True)
    ]


def _starts(arrays: Sequence[FloatArray]) -> IntArray:
    """Where each begins among the rows of all, and where the last one ends."""
    return np.cumsum([0, *map(len, arrays)])


def polygons_meet(one: FloatArray, other: FloatArray) -> bool:
    """Whether the insides of two outlines, as segments, share a point."""
    return outlines_meet(one, other, _POINTS_ALONG)
