"""Contours of one plane against one another: drawn twice, one in the other, or crossing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations

import shapely
from shapely import Geometry

from imaging.dicom.contour_region import TangledError, even_odd_region, rings_of
from imaging.dicom.geometry import FloatArray

SAME_BOUNDARY_MM = 0.1
"""Outlines that are nowhere further apart are one outline, rounded or resampled."""
SAME_AREA_SHARE = 0.02
"""Outlines that differ in less of the smaller one's area are one outline..."""
SAME_WALL_MM = 0.5
"""... unless one lies in the other and leaves a wall that a person could have drawn."""
THIN_WALL_MM = 1.0
"""A wall between two outlines that is thinner on average is about one pixel of a CT: doubtful."""
MAX_CONTOURS = 2000
"""Most contours of a structure in one plane."""
MAX_PAIRS = 20_000
"""Most pairs of contours in one plane that touch or overlap."""
_SLIVER_MM = 0.1
"""Where outlines touch, rounding makes them overlap by slivers up to this wide."""


class Relation(StrEnum):
    """How the smaller of two outlines lies to the larger."""

    APART = "apart"
    SAME = "same"
    INSIDE = "inside"
    THIN_WALL = "thin-wall"
    CROSSING = "crossing"


@dataclass
class Overlaps:
    """What the contours of one plane make of one another.

    Attributes
    ----------
    repeated
        Contours that repeat an earlier one.
    thin_walls
        Contours that lie in another and leave a wall thinner than `THIN_WALL_MM`.
    unions
        For each group of contours that cross: its members, and the closed rings of their union, shape
        (n, 2) each.
    """

    repeated: list[int] = field(default_factory=list)
    thin_walls: list[int] = field(default_factory=list)
    unions: list[tuple[list[int], list[FloatArray]]] = field(default_factory=list)


def find_overlaps(polygons: Sequence[FloatArray]) -> Overlaps:
    """Compare the contours of one plane, shape (n, 2) each, in mm.

    Crossing contours are joined to the union of the parts that they bound; a contour that lies in another of
    its group is a hole of it, as everywhere.

    Raises
    ------
    TangledError
        If there are too many contours that overlap.
    """
    if len(polygons) > MAX_CONTOURS:
        raise TangledError(f"{len(polygons)} contours lie in one plane")
    regions = [even_odd_region(polygon) for polygon in polygons]
    found = Overlaps()
    relations: dict[tuple[int, int], Relation] = {}
    for one, other in _meeting(regions):
        if one in found.repeated or other in found.repeated:
            continue
        relation = relation_of(regions[one], regions[other])
        if relation is Relation.SAME:
            found.repeated.append(other)
        relations[one, other] = relation
    kept = {pair: how for pair, how in relations.items() if not set(pair) & set(found.repeated)}
    found.thin_walls = [_smaller(pair, regions) for pair, how in kept.items() if how is Relation.THIN_WALL]
    for group in _crossing_groups(kept):
        found.unions.append((group, _union(group, kept, regions)))
    return found


def relation_of(one: Geometry, other: Geometry) -> Relation:
    """Tell how two regions lie to one another."""
    small, large = sorted((one, other), key=lambda region: region.area)
    common = shapely.intersection(one, other)
    differing_mm2 = one.area + other.area - 2 * common.area
    wall_mm = differing_mm2 / small.length
    if _is_sliver(common):
        return Relation.APART
    if wall_mm <= SAME_BOUNDARY_MM and _is_nowhere_far(one, other):
        return Relation.SAME
    is_inside = _is_sliver(shapely.difference(small, large))
    if differing_mm2 < SAME_AREA_SHARE * small.area and not (is_inside and wall_mm > SAME_WALL_MM):
        return Relation.SAME
    if is_inside:
        return Relation.THIN_WALL if wall_mm < THIN_WALL_MM else Relation.INSIDE
    return Relation.CROSSING


def _meeting(regions: list[Geometry]) -> list[tuple[int, int]]:
    """Give the pairs whose regions touch or overlap, in their order."""
    if len(regions) == 2:
        return [(0, 1)] if regions[0].intersects(regions[1]) else []
    pairs = shapely.STRtree(regions).query(regions, predicate="intersects")
    pairs = pairs[:, pairs[0] < pairs[1]].T
    if len(pairs) > MAX_PAIRS:
        raise TangledError(f"{len(pairs)} pairs of contours overlap in one plane")
    return sorted((one, other) for one, other in pairs.tolist())


def _is_sliver(region: Geometry) -> bool:
    return bool(region.area == 0 or shapely.buffer(region, -_SLIVER_MM / 2, quad_segs=1).is_empty)


def _is_nowhere_far(one: Geometry, other: Geometry) -> bool:
    """Whether each region lies within the other but for `SAME_BOUNDARY_MM`; holes count as well."""
    return all(
        shapely.covers(shapely.buffer(around, SAME_BOUNDARY_MM, quad_segs=4), region)
        for around, region in ((one, other), (other, one))
    )


def _smaller(pair: tuple[int, int], regions: list[Geometry]) -> int:
    return min(pair, key=lambda index: regions[index].area)


def _crossing_groups(relations: dict[tuple[int, int], Relation]) -> list[list[int]]:
    """Give the contours that cross, directly or through one another."""
    groups: list[set[int]] = []
    for pair in (pair for pair, how in relations.items() if how is Relation.CROSSING):
        joined = set(pair).union(*(group for group in groups if group & set(pair)))
        groups = [group for group in groups if not group & joined] + [joined]
    return [sorted(group) for group in groups]


def _union(
    group: list[int], relations: dict[tuple[int, int], Relation], regions: list[Geometry]
) -> list[FloatArray]:
    """Unite the parts of a group, each without its holes, and give the rings of the whole."""
    nested = (Relation.INSIDE, Relation.THIN_WALL)
    around: dict[int, set[int]] = {member: set() for member in group}
    for pair in combinations(group, 2):
        if relations.get(pair) in nested:
            inner = _smaller(pair, regions)
            around[inner].add(sum(pair) - inner)
    parts = []
    for member in (member for member in group if len(around[member]) % 2 == 0):
        holes = [regions[hole] for hole in group if member in around[hole] and len(around[hole]) % 2]
        parts.append(shapely.difference(regions[member], shapely.union_all(holes)))
    return rings_of(shapely.union_all(parts))
