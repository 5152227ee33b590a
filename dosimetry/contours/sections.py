"""From contours to sections: parallel planes, the parts in each, and which parts of neighbours link."""

from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from dosimetry.contours.contour_planes import ContourPlanes, IgnoredContour, contour_planes
from dosimetry.contours.parts import Part, parts_of_planes, polygons_meet
from dosimetry.contours.plane_gaps import ORDINARY_GAP_RATIO, judge_gaps
from dosimetry.structure import Structure

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Section:
    """Everything that a structure encloses in one plane, at height `w_mm`."""

    w_mm: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False)
class SectionStack:
    """A structure as a pile of sections.

    Parameters
    ----------
    frame
        Shape (3, 3): rows are the unit vectors u, v (in the planes) and w (across) in patient axes.
    sections
        By ascending height.
    links
        For each pair of neighbouring sections a matrix (lower parts, upper parts) that says which
        overlap, or None where the gap is not drawn through.
    spacing_mm
        The ordinary distance of planes.
    ignored
        Contours that add no volume.
    """

    frame: FloatArray
    sections: tuple[Section, ...]
    links: tuple[BoolArray | None, ...]
    spacing_mm: float
    ignored: tuple[IgnoredContour, ...]

    @cached_property
    def heights_mm(self) -> FloatArray:
        """Heights of the sections, shape (n,)."""
        return np.array([section.w_mm for section in self.sections])

    def linked(self, plane: int, side: int) -> bool:
        """Whether the gap above (side +1) or below (-1) a plane is drawn through."""
        gap = plane if side > 0 else plane - 1
        return 0 <= gap < len(self.links) and self.links[gap] is not None

    def goes_on(self, plane: int, side: int) -> BoolArray:
        """Which parts of a plane overlap a part of the next one on a side, shape (parts,)."""
        return self._going_on[plane, side]

    def going_parts(self, plane: int, side: int) -> tuple[int, ...]:
        """The parts of a plane that go on to a side."""
        return self._going[plane, side]

    def ending_parts(self, plane: int, side: int) -> list[int]:
        """The parts of a plane that do not go on to a side."""
        return self._ending[plane, side]

    @cached_property
    def _going_on(self) -> dict[tuple[int, int], BoolArray]:
        sides = [(plane, side) for plane in range(len(self.sections)) for side in (-1, +1)]
        return {(plane, side): self._find_going_on(plane, side) for plane, side in sides}

    @cached_property
    def _going(self) -> dict[tuple[int, int], tuple[int, ...]]:
        return {key: _numbers(going_on, True) for key, going_on in self._going_on.items()}

    @cached_property
    def _ending(self) -> dict[tuple[int, int], list[int]]:
        return {key: list(_numbers(going_on, False)) for key, going_on in self._going_on.items()}

    def _find_going_on(self, plane: int, side: int) -> BoolArray:
        link = self.links[plane if side > 0 else plane - 1] if self.linked(plane, side) else None
        if link is None:
            return np.zeros(len(self.sections[plane].parts), dtype=np.bool_)
        return np.asarray(link.any(axis=1 if side > 0 else 0))

    def lineage(self, plane: int, part: int, side: int) -> list[tuple[int, tuple[int, ...]]]:
        """A part, and what it overlaps in up to two further planes on a side: plane and parts of each."""
        found: list[tuple[int, tuple[int, ...]]] = [(plane, (part,))]
        while len(found) < 3:
            here, parts = found[-1]
            if not self.linked(here, side):
                break
            link = self.links[here if side > 0 else here - 1]
            assert link is not None  # noqa: S101 - it is linked
            rows = link if side > 0 else link.T
            further = np.flatnonzero(rows[list(parts)].any(axis=0)).tolist()
            if not further:
                break
            found.append((here + side, tuple(further)))
        return found

    def gap_mm(self, plane: int, side: int) -> float:
        """What an end on a side is measured by: the gap behind it, or if unusual the ordinary distance."""
        if self.linked(plane, -side):
            gap = self._behind_mm(plane, side)
            further = self._behind_mm(plane - side, side) if self.linked(plane - side, -side) else 0.0
            if gap <= ORDINARY_GAP_RATIO * max(self.spacing_mm, further):
                return gap
        return self.spacing_mm

    def _behind_mm(self, plane: int, side: int) -> float:
        return abs(self.sections[plane].w_mm - self.sections[plane - side].w_mm)


def _numbers(flags: BoolArray, wanted: bool) -> tuple[int, ...]:
    return tuple(number for number, flag in enumerate(flags.tolist()) if flag is wanted)


_KNOWN: WeakKeyDictionary[Structure, SectionStack] = WeakKeyDictionary()


def stack_sections(structure: Structure, frame: FloatArray | None = None) -> SectionStack:
    """Sort a structure's contours into planes and link the parts of neighbouring planes.

    What lies on the two sides of a gap that is not drawn through (`judge_gaps`) ends there. Contours that
    enclose nothing, leave their plane, lie across the others or repeat one of the same plane are ignored,
    with the reason. Made once for a structure, as long as it lives.

    Parameters
    ----------
    structure
        Closed planar contours.
    frame
        Shape (3, 3), rows u, v, w: planes to sort into instead of the structure's own, made for this call.
    """
    if frame is not None:
        return _stack(structure, contour_planes(structure, frame))
    if structure not in _KNOWN:
        _KNOWN[structure] = _stack(structure, contour_planes(structure))
    return _KNOWN[structure]


def _stack(structure: Structure, found: ContourPlanes) -> SectionStack:
    parts = parts_of_planes([polygons for _, polygons in found.planes])
    drawn = [(w, here) for (w, _), here in zip(found.planes, parts, strict=True) if here]
    sections = tuple(Section(w, here) for w, here in drawn)
    gaps = judge_gaps(np.array([s.w_mm for s in sections]), structure.slice_thickness_mm)
    links = tuple(
        overlaps(low, high) if bridge else None
        for low, high, bridge in zip(sections[:-1], sections[1:], gaps.drawn_through, strict=True)
    )
    return SectionStack(found.frame, sections, links, gaps.ordinary_mm, found.ignored)


def overlaps(low: Section, high: Section) -> BoolArray:
    """Which parts of two sections share a point, shape (lower parts, upper parts)."""
    met = [polygons_meet(a.outline, b.outline) for a in low.parts for b in high.parts]
    return np.array(met, dtype=np.bool_).reshape(len(low.parts), len(high.parts))
