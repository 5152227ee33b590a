"""The solid between sections: signed distance to its surface on a raster at any height."""

from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dosimetry.kernels.between_sections import solid_between, solid_kinked, solid_past
from dosimetry.profiles import PlaneProfiles, Trend
from dosimetry.readings import Between, Ending, Reading

FloatArray = NDArray[np.float64]

_TAPER_LEFT_FOR_FLAT = 0.25
"""An end whose squared radius would still keep this share of itself a whole gap further on is flat."""


class Solid:
    """A structure's implicit solid on one raster.

    In a plane the profile is f (2 rho - f): f is the signed distance to the outline (positive inside)
    and rho the radius of a circle inscribed in the nearest part. For a circle that is rho^2 - r^2,
    which along the axis of a sphere, a cone or a lying cylinder is a quadratic. Profiles of
    neighbouring planes are joined by a straight line plus the smaller of the two curvatures around the
    gap where these agree in sign, by the straight line where they do not. A part that has no
    continuation beyond a plane is extended by the quadratic through its last three planes: it ends
    where that closes, at most one gap further on, and after half a gap if it would not close.

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
        raster = self.profiles.raster
        result = np.full((len(w_mm), raster.nv, raster.nu), -np.inf)
        for upper, first, last in self._gaps(w_mm):
            here, heights = result[first:last], w_mm[first:last]
            if self._stack.linked(upper - 1, +1):
                self._draw_between(upper - 1, heights, here)
            for plane, side in self._ends_at(upper):
                self._draw_ends(plane, side, heights, here)
        return result

    def decided_by(self, w_mm: FloatArray) -> Hashable:
        """As much of the reading as the solid at these (ascending) heights depends on."""
        between, low, high = False, False, False
        for upper, first, last in self._gaps(w_mm):
            between |= self._stack.linked(upper - 1, +1)
            for plane, side in self._ends_at(upper):
                nearest = min(abs(float(w_mm[n]) - float(self._heights[plane])) for n in (first, last - 1))
                ends = nearest < self._stack.gap_mm(plane, side) and bool(
                    self._stack.ending_parts(plane, side)
                )
                low, high = low or (ends and side < 0), high or (ends and side > 0)
        reading = self.reading
        return (
            reading.between if between else None,
            reading.low_end if low else None,
            reading.high_end if high else None,
        )

    def tips(self) -> FloatArray:
        """Where tapering ends close, and the middle of flat ends, shape (n, 3) as u, v, w in mm."""
        raster, points = self.profiles.raster, []
        for plane, height in enumerate(self._heights):
            for side in (-1, +1):
                if self._ending(side) is Ending.AT_LAST_PLANE:
                    continue
                for part in self._stack.ending_parts(plane, side):
                    trend = self.profiles.trend(plane, part, side)
                    reach, _ = self._reach(trend, plane, side)
                    u = raster.u0_mm + trend.tip[1] * raster.step_mm
                    v = raster.v0_mm + trend.tip[0] * raster.step_mm
                    points.append((u, v, height + side * reach * (1 - 1e-9)))
        return np.array(points).reshape(-1, 3)

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

    def _draw_between(self, lower: int, w_mm: FloatArray, drawn: FloatArray) -> None:
        around = self.profiles.around(lower)
        if around is None:
            return
        values = (around[0].value, around[1].value)
        squares = (around[0].square_radius, around[1].square_radius)
        ends = float(self._heights[lower]), float(self._heights[lower + 1])
        if self.reading.between is Between.KINKED:
            slopes = self.profiles.slopes(lower)
            distance = solid_kinked(values, slopes.sides, slopes.known, squares, *ends, w_mm)
        else:
            smooth = self.reading.between is Between.SMOOTH
            bend = self.profiles.bend(lower) if smooth else self.profiles.straight()
            distance = solid_between(values, bend, squares, *ends, w_mm)
        np.maximum(drawn, distance, out=drawn)

    def _draw_ends(self, plane: int, side: int, w_mm: FloatArray, drawn: FloatArray) -> None:
        if self._ending(side) is Ending.AT_LAST_PLANE:
            return
        away = np.abs(w_mm - self._heights[plane])
        if away.min() >= self._stack.gap_mm(plane, side):
            return
        for part in self._stack.ending_parts(plane, side):
            trend = self.profiles.trend(plane, part, side)
            reach, squeeze = self._reach(trend, plane, side)
            near = np.flatnonzero(away < min(reach, self._stack.gap_mm(plane, side)))
            if len(near):
                chosen = slice(int(near[0]), int(near[-1]) + 1)
                distance = solid_past(
                    trend.profile, trend.slope, trend.bend, trend.flare, away[chosen] * squeeze
                )
                np.maximum(drawn[chosen], distance, out=drawn[chosen])

    def _ending(self, side: int) -> Ending:
        return self.reading.high_end if side > 0 else self.reading.low_end

    def _reach(self, trend: Trend, plane: int, side: int) -> tuple[float, float]:
        """How far a part reaches past its last plane, and what heights there are multiplied by."""
        gap = self._stack.gap_mm(plane, side)
        expected = end_reach_mm(trend.depths_radii_mm, gap)
        reach = gap if self._ending(side) is Ending.AT_NEXT_PLANE else expected
        return reach, expected / reach


def end_reach_mm(radii_mm: Sequence[tuple[float, float]], gap_mm: float) -> float:
    """How far a part reaches past its last plane.

    The squared inscribed radius is extrapolated by the quadratic through the last three sections (the
    line through two): where it closes within one gap, the part ends there; where it would keep
    `_TAPER_LEFT_FOR_FLAT` of itself for a whole gap, the end is flat and lies half a gap on.

    Parameters
    ----------
    radii_mm
        Distance inwards and inscribed radius of up to three sections, the last plane first.
    gap_mm
        Distance to where the next plane would have been.
    """
    squares = [radius**2 for _, radius in radii_mm]
    depths = [depth for depth, _ in radii_mm]
    slope = bend = 0.0
    if len(squares) > 1:
        slope = (squares[0] - squares[1]) / depths[1]
    if len(squares) > 2:
        deeper = (squares[1] - squares[2]) / (depths[2] - depths[1])
        bend = (slope - deeper) / depths[2]
        slope += depths[1] * bend
    if slope >= 0:
        return gap_mm / 2
    under_root = slope**2 - 4 * bend * squares[0]
    closes = 2 * squares[0] / (-slope + np.sqrt(under_root)) if under_root >= 0 else np.inf
    if closes <= gap_mm:
        return float(closes)
    lowest = gap_mm if bend <= 0 else min(gap_mm, -slope / (2 * bend))
    left = (squares[0] + lowest * (slope + lowest * bend)) / squares[0]
    return gap_mm * (0.5 + 0.5 * max(0.0, 1.0 - left / _TAPER_LEFT_FOR_FLAT))
