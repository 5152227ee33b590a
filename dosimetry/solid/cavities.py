"""Cavities: holes in the sections of a structure, and where material closes them between two planes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from dosimetry.contours.holes import Hole, covers, holes_of
from dosimetry.contours.parts import Part, part_of
from dosimetry.contours.sections import Section, SectionStack, overlaps

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class CavityStack(SectionStack):
    """The holes of a structure's sections as a pile of their own; its parts are the holes.

    Parameters
    ----------
    closing
        By plane and side: the holes that the next plane's material covers wholly.
    filled
        By plane and side: the structure's parts without those holes, by their number.
    closed
        By plane and part: which segments of its boundary belong to holes that close on either side.
    """

    closing: Mapping[tuple[int, int], list[int]]
    filled: Mapping[tuple[int, int], Mapping[int, Part]]
    closed: Mapping[tuple[int, int], BoolArray]

    def ending_parts(self, plane: int, side: int) -> list[int]:
        """The holes of a plane that close on a side."""
        return self.closing[plane, side]

    def gap_mm(self, plane: int, side: int) -> float:
        """Up to the plane that is drawn without the hole: it closes before."""
        return abs(self.sections[plane].w_mm - self.sections[plane + side].w_mm)


_KNOWN: WeakKeyDictionary[SectionStack, CavityStack | None] = WeakKeyDictionary()


def cavities(stack: SectionStack) -> CavityStack | None:
    """The holes of a stack if any of them closes between two planes.

    A hole that meets a hole of the next plane, or the outside, goes on to it. One that the next plane's
    material covers ends like a part does: as its outline moved and shrank before, or half a gap on. Found
    once for a stack, as long as it lives.
    """
    if stack not in _KNOWN:
        _KNOWN[stack] = _cavities(stack)
    return _KNOWN[stack]


def _cavities(stack: SectionStack) -> CavityStack | None:
    holes = [holes_of(section.parts) for section in stack.sections]
    if not any(holes):
        return None
    sides = [(plane, side) for plane in range(len(holes)) for side in (-1, +1)]
    closing = {(plane, side): _closing(stack, holes[plane], plane, side) for plane, side in sides}
    if not any(closing.values()):
        return None
    sections = tuple(
        Section(section.w_mm, tuple(hole.inside for hole in found))
        for section, found in zip(stack.sections, holes, strict=True)
    )
    links = tuple(
        None if link is None else overlaps(sections[n], sections[n + 1]) for n, link in enumerate(stack.links)
    )
    filled = {key: _filled(stack.sections[key[0]], holes[key[0]], closing[key]) for key in sides}
    closed = {}
    for plane, section in enumerate(stack.sections):
        chosen = sorted({*closing[plane, -1], *closing[plane, +1]})
        for number in {holes[plane][n].part for n in chosen}:
            mine = [holes[plane][n] for n in chosen if holes[plane][n].part == number]
            closed[plane, number] = _segments_of(section.parts[number], mine)
    return CavityStack(stack.frame, sections, links, stack.spacing_mm, (), closing, filled, closed)


def _closing(stack: SectionStack, holes: Sequence[Hole], plane: int, side: int) -> list[int]:
    further = stack.sections[plane + side].parts if holes and stack.linked(plane, side) else ()
    if not further:
        return []
    outline = np.concatenate([part.outline for part in further])
    boundary = np.concatenate([part.boundary for part in further])
    return [n for n, hole in enumerate(holes) if covers(outline, boundary, hole.inside.outline)]


def _filled(section: Section, holes: Sequence[Hole], closing: Sequence[int]) -> dict[int, Part]:
    gone: dict[int, frozenset[int]] = {}
    for n in closing:
        gone[holes[n].part] = gone.get(holes[n].part, frozenset()) | holes[n].polygons
    filled = {}
    for number, polygons in gone.items():
        kept = [p for m, p in enumerate(section.parts[number].polygons) if m not in polygons]
        whole = part_of(kept)
        if whole is not None:
            filled[number] = whole
    return filled


def _segments_of(part: Part, holes: Sequence[Hole]) -> BoolArray:
    """Which segments of a part's boundary belong to holes."""
    theirs = {tuple(row) for hole in holes for m in hole.polygons for row in part.polygons[m].tolist()}
    return np.array([tuple(row) in theirs for row in part.boundary.tolist()])
