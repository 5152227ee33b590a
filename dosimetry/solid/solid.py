"""The solid between sections: signed distance to its surface on a raster at any height."""

from collections.abc import Hashable, Iterator
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from dosimetry.contours.outline_box import OutlineBox
from dosimetry.kernels.between_sections import solid_between, solid_kinked
from dosimetry.kernels.moved_outline import draw_blended, moved_outline
from dosimetry.solid.alignment import AlignedParts
from dosimetry.solid.end_caps import EndCap
from dosimetry.solid.profiles import PlaneProfiles
from dosimetry.solid.readings import Between, Ending, Reading

FloatArray = NDArray[np.float64]

_THINNEST_STEPS = 3.0
"""Half width, in steps of the raster, below which an outline's own distance is no longer drawn well."""


class Solid:
    """A structure's implicit solid on one raster.

    In a plane the profile is f (2 rho - f): f is the signed distance to the outline (positive inside)
    and rho the radius of a circle inscribed in the nearest part. For a circle that is rho^2 - r^2,
    which along the axis of a sphere, a cone or a lying cylinder is a quadratic. Profiles of
    neighbouring planes are joined by a straight line plus the smaller of the two curvatures around the
    gap where these agree in sign, by the straight line where they do not. Parts that differ much from
    one plane to the next, but only by a shift and a stretch (`alignment`), are drawn as one outline that
    moves. A part that has no continuation beyond a plane goes on as its outline moved and shrank before
    (`end_caps`): it ends where that closes, at most one gap further on, and after half a gap if it would
    not close. A hole that the next plane's material covers is cut out of it in the same way (`cavities`).

    Parameters
    ----------
    profiles
        Of the structure's planes; other readings of the same structure share them.
    reading
        How the contours are read.
    """

    def __init__(self, profiles: PlaneProfiles, reading: Reading) -> None:
        self.profiles = profiles
        self.reading = reading
        self._stack = profiles.stack
        self._heights = profiles.heights_mm
        self._holes = profiles.holes()

    def distance_mm(self, w_mm: FloatArray) -> FloatArray:
        """Signed distance to the surface within the plane of each height, positive inside, mm.

        Parameters
        ----------
        w_mm
            Shape (n,), ascending.

        Returns
        -------
        Shape (n, nv, nu).
        """
        runs = [(upper, first, last, self._is_simple(upper)) for upper, first, last in self._gaps(w_mm)]
        if len(runs) == 1 and not runs[0][3]:
            return self._in_gap(runs[0][0], w_mm)
        distance = np.empty((len(w_mm), self.profiles.raster.nv, self.profiles.raster.nu))
        for is_simple, group in groupby(runs, key=lambda run: run[3]):
            if is_simple:
                self._in_simple_gaps(list(group), w_mm, distance)
                continue
            for upper, first, last, _ in group:
                distance[first:last] = self._in_gap(upper, w_mm[first:last])
        return distance

    def decided_by(self, w_mm: FloatArray) -> Hashable:
        """As much of the reading as the solid at these (ascending) heights depends on."""
        key, known = w_mm.tobytes(), self.profiles.known_dependence
        if key not in known:
            known[key] = self._depends_on(w_mm)
        between, low, high = known[key]
        reading = self.reading
        return (
            reading.between if between else None,
            reading.low_end if low else None,
            reading.high_end if high else None,
        )

    def _depends_on(self, w_mm: FloatArray) -> tuple[bool, bool, bool]:
        """Whether the solid at these heights depends on how gaps, low and high ends are read."""
        between, low, high = False, False, False
        for upper, first, last in self._gaps(w_mm):
            between |= self._stack.linked(upper - 1, +1)
            for plane, side in self._ends_at(upper):
                nearest = min(abs(float(w_mm[n]) - float(self._heights[plane])) for n in (first, last - 1))
                ends = any(
                    profiles is not None
                    and bool(profiles.stack.ending_parts(plane, side))
                    and nearest < profiles.stack.gap_mm(plane, side)
                    for profiles in (self.profiles, self._holes)
                )
                low, high = low or (ends and side < 0), high or (ends and side > 0)
        return between, low, high

    def tips(self) -> FloatArray:
        """Outlines at the very ends, where tapering ones have closed: shape (n, 3) as u, v, w in mm."""
        points = []
        for plane, height in enumerate(self._heights):
            for side in (-1, +1):
                if self._ending(side) is Ending.AT_LAST_PLANE:
                    continue
                for part in self._stack.ending_parts(plane, side):
                    cap = self.profiles.cap(plane, part, side)
                    reach, squeeze = self._reach(cap, self._stack.gap_mm(plane, side), side)
                    outline = self._stack.sections[plane].parts[part].boundary[:, :2]
                    moved = cap.moved(outline, reach * squeeze * (1 - 1e-9))
                    w = np.full(len(moved), height + side * reach * (1 - 1e-9))
                    points.append(np.column_stack([moved, w]))
        return np.concatenate([np.empty((0, 3)), *points])

    def _gaps(self, w_mm: FloatArray) -> Iterator[tuple[int, int, int]]:
        """The plane above each run of heights that lie in one gap, and the run's first and end position."""
        ends = np.searchsorted(self._heights, w_mm[[0, -1]], side="right")
        if ends[0] == ends[1]:
            yield int(ends[0]), 0, len(w_mm)
            return
        upper = np.searchsorted(self._heights, w_mm, side="right")
        starts = [0, *(np.flatnonzero(np.diff(upper)) + 1).tolist(), len(w_mm)]
        for first, last in pairwise(starts):
            if last > first:
                yield int(upper[first]), first, last

    def _ends_at(self, upper: int) -> Iterator[tuple[int, int]]:
        """The planes around a gap, with the side on which it lies."""
        if upper > 0:
            yield upper - 1, +1
        if upper < len(self._heights):
            yield upper, -1

    def _is_simple(self, upper: int) -> bool:
        if self.reading.between is Between.KINKED or not 0 < upper < len(self._heights):
            return False
        return self.profiles.is_simple(upper - 1)

    def _in_simple_gaps(
        self, runs: list[tuple[int, int, int, bool]], w_mm: FloatArray, distance: FloatArray
    ) -> None:
        """Draw neighbouring runs of heights at once."""
        chosen = slice(runs[0][1], runs[-1][2])
        gaps = np.repeat([upper - 1 for upper, *_ in runs], [last - first for _, first, last, _ in runs])
        bent = self.reading.between is Between.SMOOTH
        self.profiles.through(gaps, w_mm[chosen], bent=bent, out=distance[chosen])

    def _in_gap(self, upper: int, w_mm: FloatArray) -> FloatArray:
        """Signed distance at heights in the gap below a plane."""
        drawn = self._joined_in_place(upper - 1, w_mm) if self._stack.linked(upper - 1, +1) else None
        if drawn is None:
            drawn = np.full((len(w_mm), self.profiles.raster.nv, self.profiles.raster.nu), -np.inf)
        if self._stack.linked(upper - 1, +1):
            for aligned in self.profiles.aligned(upper - 1):
                self._draw_aligned(upper - 1, aligned, w_mm, drawn)
        for plane, side in self._ends_at(upper):
            self._draw_ends(plane, side, w_mm, drawn)
        for plane, side in self._ends_at(upper):
            self._cut_holes(plane, side, w_mm, drawn)
        return drawn

    def _joined_in_place(self, lower: int, w_mm: FloatArray) -> FloatArray | None:
        """Of the parts that go on through a gap where they are; None if none does."""
        around = self.profiles.around(lower)
        if around is None:
            return None
        values = (around[0].value, around[1].value)
        squares = (around[0].square_radius, around[1].square_radius)
        ends = float(self._heights[lower]), float(self._heights[lower + 1])
        if self.reading.between is Between.KINKED:
            slopes = self.profiles.slopes(lower, around)
            return solid_kinked(values, slopes.sides, slopes.known, squares, *ends, w_mm)
        smooth = self.reading.between is Between.SMOOTH
        bend = self.profiles.bend(lower, around) if smooth else self.profiles.straight()
        return solid_between(values, bend, squares, *ends, w_mm)

    def _draw_aligned(self, lower: int, aligned: AlignedParts, w_mm: FloatArray, drawn: FloatArray) -> None:
        """An outline that moves and is stretched from one plane to the next, its shape blended."""
        middles, halves = aligned.at(w_mm, self.reading.between)
        low, high = (
            self._moved(
                self.profiles.outline_distance(plane, part),
                aligned.axes,
                at.box,
                middles,
                halves / at.box.half_mm,
            )
            for plane, part, at in zip(
                (lower, lower + 1), aligned.parts, (aligned.low, aligned.high), strict=True
            )
        )
        draw_blended(low, high, self._share_of_high(aligned, w_mm), drawn)

    def _share_of_high(self, aligned: AlignedParts, w_mm: FloatArray) -> FloatArray:
        """How much of the upper outline counts: nothing of one that is too thin for the raster."""
        thin = _THINNEST_STEPS * self.profiles.raster.step_mm
        low, high = (float(at.box.half_mm.min()) for at in (aligned.low, aligned.high))
        if min(low, high) >= thin or max(low, high) < thin:
            return aligned.share(w_mm)
        return np.full(len(w_mm), 1.0 if low < thin else 0.0)

    def _draw_ends(self, plane: int, side: int, w_mm: FloatArray, drawn: FloatArray) -> None:
        for chosen, distance in self._ends(self.profiles, plane, side, w_mm):
            np.maximum(drawn[chosen], distance, out=drawn[chosen])

    def _cut_holes(self, plane: int, side: int, w_mm: FloatArray, drawn: FloatArray) -> None:
        """Holes that close between two planes end as parts do."""
        if self._holes is None:
            return
        for chosen, distance in self._ends(self._holes, plane, side, w_mm):
            np.minimum(drawn[chosen], -distance, out=drawn[chosen])

    def _ends(
        self, profiles: PlaneProfiles, plane: int, side: int, w_mm: FloatArray
    ) -> Iterator[tuple[slice, FloatArray]]:
        """What ends on a side of a plane: which heights it reaches, and the distance there."""
        ending = profiles.stack.ending_parts(plane, side)
        if not ending or self._ending(side) is Ending.AT_LAST_PLANE:
            return
        gap = profiles.stack.gap_mm(plane, side)
        away = np.abs(w_mm - self._heights[plane])
        for part in ending:
            cap = profiles.cap(plane, part, side)
            reach, squeeze = self._reach(cap, gap, side)
            near = np.flatnonzero(away < min(reach, gap))
            if len(near):
                chosen = slice(int(near[0]), int(near[-1]) + 1)
                outwards = away[chosen] * squeeze
                middles, scales = cap.middles_mm(outwards), cap.scales(outwards)
                outline = profiles.outline_distance(plane, part)
                yield chosen, self._moved(outline, cap.axes, cap.box, middles, scales)

    def _moved(
        self,
        outline_mm: FloatArray,
        axes: FloatArray,
        box: OutlineBox,
        middles_mm: FloatArray,
        scales: FloatArray,
    ) -> FloatArray:
        raster = self.profiles.raster
        return moved_outline(
            outline_mm,
            *(raster.u0_mm, raster.v0_mm, raster.step_mm),
            *(axes, box.middle_mm, box.half_mm, middles_mm, scales),
        )

    def _ending(self, side: int) -> Ending:
        return self.reading.high_end if side > 0 else self.reading.low_end

    def _reach(self, cap: EndCap, gap_mm: float, side: int) -> tuple[float, float]:
        """How far a part reaches past its last plane, and what heights there are multiplied by."""
        reach = gap_mm if self._ending(side) is Ending.AT_NEXT_PLANE else cap.reach_mm
        return reach, cap.reach_mm / reach
