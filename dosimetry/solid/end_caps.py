"""How a part goes on past its last plane: its outline, moved and shrunk as it was from plane to plane."""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from dosimetry.contours.holes import without_holes
from dosimetry.contours.outline_box import OutlineBox, principal_axes
from dosimetry.contours.parts import Part
from dosimetry.contours.sections import SectionStack
from dosimetry.solid.taper import Taper

FloatArray = NDArray[np.float64]

_LATER_SHARE = 0.1
"""Share of a gap by which the inscribed circle must close later than the outline's box to count instead."""


@dataclass(frozen=True, eq=False)
class EndCap:
    """A part's outline past its last plane: scaled about a middle that moves, along two axes.

    Parameters
    ----------
    axes
        Shape (2, 2): rows are unit vectors in the plane.
    box
        Of the outline.
    drift
        Shape (2,): how far the middle moves per mm.
    widths
        Lengths that the outline's extent along each axis is proportional to.
    reach_mm
        How far the part is expected to reach past its last plane.
    """

    axes: FloatArray
    box: OutlineBox
    drift: FloatArray
    widths: tuple[Taper, Taper]
    reach_mm: float

    def middles_mm(self, away_mm: FloatArray) -> FloatArray:
        """Of the outline at distances (n,), along the axes, shape (n, 2)."""
        return self.box.middle_mm + away_mm[:, None] * self.drift

    def scales(self, away_mm: FloatArray) -> FloatArray:
        """Of the outline at distances (n,), shape (n, 2)."""
        return np.stack([width.at(away_mm) / width.length_mm for width in self.widths], axis=1)

    def moved(self, points_mm: FloatArray, away_mm: float) -> FloatArray:
        """Points of the last outline, shape (n, 2), at a distance past it."""
        away = np.array([away_mm])
        local = points_mm @ self.axes.T - self.box.middle_mm
        return (local * self.scales(away) + self.middles_mm(away)) @ self.axes


_KNOWN: WeakKeyDictionary[SectionStack, dict[tuple[int, int, int], EndCap]] = WeakKeyDictionary()


def end_cap(stack: SectionStack, plane: int, part: int, side: int) -> EndCap:
    """How a part goes on past its last plane on a side.

    The squares of the outline's half widths along its principal axes are extrapolated by the quadratic
    through the last three planes (the line through two), its middle by the line: exact for spheres, cones
    and cylinders, upright and lying, and for oblique tubes. The part ends where either width closes. The
    same is done with the inscribed radius: where that says later, the box shrank because the shape changed
    (a lobe ended), and the radius counts, without movement. Made once for a stack, as long as it lives.
    """
    known = _KNOWN.setdefault(stack, {})
    if (plane, part, side) not in known:
        known[plane, part, side] = _end_cap(stack, plane, part, side)
    return known[plane, part, side]


def _end_cap(stack: SectionStack, plane: int, part: int, side: int) -> EndCap:
    lineage = stack.lineage(plane, part, -side)
    gap = stack.gap_mm(plane, side)
    members = [[stack.sections[at].parts[p] for p in parts] for at, parts in lineage]
    depths = [abs(stack.sections[plane].w_mm - stack.sections[at].w_mm) for at, _ in lineage]
    axes = principal_axes(members[0][0])
    boxes = [OutlineBox.around(parts, axes) for parts in members]
    radius = Taper.through(depths, _radii(members))
    widths = _width(depths, boxes, 0), _width(depths, boxes, 1)
    by_box, by_radius = _joint_reach_mm(widths, gap), radius.reach_mm(gap)
    if by_radius > by_box + _LATER_SHARE * gap:
        return EndCap(axes, boxes[0], np.zeros(2), (radius, radius), by_radius)
    return EndCap(axes, boxes[0], _drift(depths, boxes), widths, by_box)


def _radii(members: Sequence[Sequence[Part]]) -> list[float]:
    """Largest inscribed radius of each plane; of filled outlines where a hole begins on the way."""
    if len({all(len(part.polygons) == 1 for part in parts) for parts in members}) > 1:
        members = [[without_holes(part) for part in parts] for parts in members]
    return [max(part.radius_mm for part in parts) for parts in members]


def _width(depths_mm: Sequence[float], boxes: Sequence[OutlineBox], axis: int) -> Taper:
    return Taper.through(depths_mm, [float(box.half_mm[axis]) for box in boxes])


def _drift(depths_mm: Sequence[float], boxes: Sequence[OutlineBox]) -> FloatArray:
    if len(boxes) == 1:
        return np.zeros(2)
    return (boxes[0].middle_mm - boxes[1].middle_mm) / depths_mm[1]


def _joint_reach_mm(widths: tuple[Taper, Taper], gap_mm: float) -> float:
    closes = min(width.closes_mm() for width in widths)
    if closes <= gap_mm:
        return closes
    return min(widths, key=lambda width: width.left(gap_mm)).reach_mm(gap_mm)
