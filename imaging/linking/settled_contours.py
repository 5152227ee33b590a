"""Contours as drawn to an outline that means one thing: noise, repeats and crossings settled and said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from imaging.dicom.contour_levels import (
    ROUNDING_MM,
    PlaneFrame,
    group_levels,
    plane_frame,
    same_plane_mm,
)
from imaging.dicom.contour_planes import ContourPlane
from imaging.dicom.contour_region import crossing_ones, rings_of, self_crossing
from imaging.dicom.geometry import FloatArray
from imaging.dicom.plane_overlaps import find_overlaps
from imaging.findings import Finding, FindingCode, info, warning

_REDRAW = "Look at the structure on these slices in the planning system; correct and export it again."
_NAMED_PLANES = 5


@dataclass(frozen=True, eq=False)
class Outline:
    """One closed outline: its points in the patient (m, 3) and in its plane (m, 2), and the plane's height,
    mm."""

    points: FloatArray
    in_plane: FloatArray
    height_mm: float


@dataclass
class Settled:
    """A structure's outlines as they are to be understood, and what had to be settled."""

    outlines: list[Outline]
    findings: list[Finding] = field(default_factory=list)
    repeated: int = 0


def settle_contours(
    contours: Sequence[FloatArray],
    planes: list[ContourPlane],
    *,
    spacing_mm: float | None,
    by_exclusive_or: bool,
) -> Settled:
    """Settle what contours of one plane contradict or repeat; contours that do neither are left as they are.

    Contours whose planes differ by noise are put into one. A contour drawn twice counts once, which the
    even-odd rule would turn into nothing. Contours that cross are painted parts: their union is taken, except
    where the file says that they are combined by exclusive or (PS3.3 C.8.8.6.3).

    Parameters
    ----------
    contours
        Parallel closed contours, shape (n, 3) each.
    planes
        Of the contours.
    spacing_mm
        Of the CT slices, where they are parallel and known.
    by_exclusive_or
        Whether the contours are of type CLOSEDPLANAR_XOR.

    Raises
    ------
    TangledError
        If the contours cut one another too often to bound anything.
    """
    settling = _Settling(contours, plane_frame(planes), spacing_mm)
    settling.part_from_themselves()
    settling.put_into_planes()
    settling.part_from_each_other(by_exclusive_or=by_exclusive_or)
    return settling.settled


class _Settling:
    """The steps; each replaces outlines and says so."""

    def __init__(self, contours: Sequence[FloatArray], frame: PlaneFrame, spacing_mm: float | None) -> None:
        self.frame, self.spacing_mm = frame, spacing_mm
        placed = (frame.place(points) for points in contours)
        outlines = [Outline(points, *place) for points, place in zip(contours, placed, strict=True)]
        self.settled = Settled(outlines)

    def part_from_themselves(self) -> None:
        """Say which contours cross themselves, and part them into outlines that do not.

        The signed area of a figure of eight may be nothing, and no middle or axis can be told of it. One that
        runs twice around itself is taken once.
        """
        outlines: list[list[Outline]] = [[one] for one in self.settled.outlines]
        crossing = []
        for index in crossing_ones([one.in_plane for one in self.settled.outlines]):
            region = self_crossing(outlines[index][0].in_plane)
            if region is None:
                continue
            crossing.append(outlines[index][0].height_mm)
            outlines[index] = self._lifted(rings_of(region), crossing[-1])
        self.settled.outlines = [one for each in outlines for one in each]
        if crossing:
            what = "cross themselves; what they enclose is ambiguous"
            self._note(FindingCode.CONTOUR_SELF_CROSSING, f"{len(crossing)} contour(s) {what}", crossing)

    def put_into_planes(self) -> None:
        """Put contours whose planes differ by noise into one."""
        outlines, moved_mm = self.settled.outlines, 0.0
        placed = np.array([one.height_mm for one in outlines])
        for level in group_levels(placed, same_plane_mm(placed, self.spacing_mm)):
            heights = [outlines[index].height_mm for index in level]
            if max(heights) == min(heights):
                continue
            plane_mm = float(np.median(heights))
            moved_mm = max(moved_mm, max(heights) - min(heights))
            for index in level:
                (outlines[index],) = self._lifted([outlines[index].in_plane], plane_mm)
        if moved_mm > ROUNDING_MM:
            message = (
                f"Contours of one plane lie up to {moved_mm:.2g} mm apart across it; they were put into one."
            )
            self.settled.findings.append(info(FindingCode.CONTOUR_PLANES_JOINED, message))

    def part_from_each_other(self, *, by_exclusive_or: bool) -> None:
        """Take repeated contours once and crossing ones together."""
        outlines: list[list[Outline]] = [[one] for one in self.settled.outlines]
        repeated, crossing, thin = list[float](), list[float](), list[float]()
        heights = np.array([one.height_mm for one in self.settled.outlines])
        for level in (level for level in group_levels(heights, 0.0) if len(level) > 1):
            height_mm = outlines[level[0]][0].height_mm
            found = find_overlaps([outlines[index][0].in_plane for index in level])
            repeated += [height_mm] * len(found.repeated)
            for member in found.repeated:
                outlines[level[member]] = []
            if by_exclusive_or:
                continue
            thin += [height_mm] * len(found.thin_walls)
            for members, rings in found.unions:
                crossing.append(height_mm)
                for member in members:
                    outlines[level[member]] = []
                outlines[level[members[0]]] = self._lifted(rings, height_mm)
        self.settled.outlines = [one for each in outlines for one in each]
        self.settled.repeated = len(repeated)
        self._note_overlaps(repeated, crossing, thin)

    def _lifted(self, rings: list[FloatArray], height_mm: float) -> list[Outline]:
        return [Outline(self.frame.lift(ring, height_mm), ring, height_mm) for ring in rings]

    def _note_overlaps(self, repeated: list[float], crossing: list[float], thin: list[float]) -> None:
        if repeated:
            what = f"{len(repeated)} contour(s) repeat another one of their plane; each was taken once"
            self._note(FindingCode.CONTOUR_DUPLICATED, what, repeated)
        if crossing:
            what = f"Contours cross one another in {len(set(crossing))} plane(s); their union was taken"
            self._note(FindingCode.CONTOUR_CROSSING, what, crossing)
        if thin:
            what = f"{len(thin)} contour(s) lie in another one and leave a wall below 1 mm; taken as hole(s)"
            self._note(FindingCode.CONTOUR_WALL_THIN, what, thin)

    def _note(self, code: FindingCode, what: str, heights_mm: list[float]) -> None:
        message = f"{what}, {self._where(heights_mm)}."
        self.settled.findings.append(warning(code, message, action=_REDRAW, element="ContourData"))

    def _where(self, heights_mm: list[float]) -> str:
        distinct = sorted(set(heights_mm))
        across = self.frame.axes[2]
        axis = "xyz"[int(np.argmax(across))] if across.max() == 1 else "the distance along the normal"
        places = ", ".join(f"{height:.5g}" for height in distinct[:_NAMED_PLANES])
        more = f" and {len(distinct) - _NAMED_PLANES} more" if len(distinct) > _NAMED_PLANES else ""
        return f"at {axis} = {places}{more} mm"
