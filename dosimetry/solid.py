"""The solid between sections: signed distance to its surface on a raster at any height."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dosimetry.kernels.between_sections import (
    blend,
    curvature,
    kink,
    lesser_curvature,
    profile_distance,
    steady_flare,
    taper,
)
from dosimetry.kernels.even_odd import inside_raster
from dosimetry.kernels.polygon_distance import nearest_segments
from dosimetry.sections import SectionStack

FloatArray = NDArray[np.float64]
T = TypeVar("T")

_KEPT_PROFILES = 12
"""Rasters kept at a time: the four planes around a gap, whole and in continuing and ending parts."""
_TAPER_LEFT_FOR_FLAT = 0.25
"""An end whose squared radius would still keep this share of itself a whole gap further on is flat."""

_STEEPEST_FLARE = 0.5
"""A flat end may widen on its way out by this much per mm, if it did so over its last three sections."""


class Between(StrEnum):
    """How the solid is drawn between two planes."""

    SMOOTH = "smooth"
    STRAIGHT = "straight"
    KINKED = "kinked"


class Ending(StrEnum):
    """Where a part ends that has a last plane."""

    EXPECTED = "expected"
    AT_LAST_PLANE = "at_last_plane"
    AT_NEXT_PLANE = "at_next_plane"


@dataclass(frozen=True)
class Reading:
    """One reading of the contours: where parts end downwards and upwards, and how gaps are drawn through."""

    low_end: Ending = Ending.EXPECTED
    high_end: Ending = Ending.EXPECTED
    between: Between = Between.SMOOTH


@dataclass(frozen=True)
class Raster:
    """Points of a plane (v0 + j step, u0 + i step), shape (nv, nu), mm."""

    u0_mm: float
    v0_mm: float
    step_mm: float
    nv: int
    nu: int


@dataclass(frozen=True, eq=False)
class _Profile:
    """f (2 rho - f) and rho^2 at each raster point of a plane, mm^2, and the part it is nearest to."""

    value: FloatArray
    square_radius: FloatArray
    part: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _End:
    """How a part goes on past its last plane: a quadratic per raster point, up to `reach_mm`.

    Heights are multiplied by `squeeze` before they enter the quadratic.
    """

    profile: FloatArray
    slope: FloatArray
    bend: FloatArray
    flare: FloatArray
    reach_mm: float
    squeeze: float
    tip: tuple[int, int]


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
    stack
        From `stack_sections`; at least one section.
    raster
        In the stack's frame.
    reading
        How the contours are read.
    """

    def __init__(self, stack: SectionStack, raster: Raster, reading: Reading) -> None:
        self.stack = stack
        self.raster = raster
        self.reading = reading
        self._heights = stack.heights_mm
        self._straight = np.zeros((raster.nv, raster.nu))
        self._kept: OrderedDict[Hashable, object] = OrderedDict()

    def distance_mm(self, w_mm: float) -> FloatArray:
        """Signed distance to the surface within the plane at a height, (nv, nu), positive inside, mm."""
        upper = int(np.searchsorted(self._heights, w_mm, side="right"))
        lower = upper - 1
        pieces: list[FloatArray] = []
        if lower >= 0 and self.stack.linked(lower, +1):
            pieces += self._between(lower, w_mm)
        if lower >= 0:
            pieces += self._ends(lower, +1, w_mm)
        if upper < len(self._heights):
            pieces += self._ends(upper, -1, w_mm)
        if not pieces:
            return np.full((self.raster.nv, self.raster.nu), -np.inf)
        distance: FloatArray = np.maximum.reduce(pieces)
        return distance

    def tips(self) -> FloatArray:
        """Where tapering ends close, and the middle of flat ends, shape (n, 3) as u, v, w in mm."""
        points = []
        for plane in range(len(self._heights)):
            for side in (-1, +1):
                for part in self.stack.ending_parts(plane, side):
                    end = self._end(plane, part, side)
                    if self._ending(side) is not Ending.AT_LAST_PLANE:
                        u = self.raster.u0_mm + end.tip[1] * self.raster.step_mm
                        v = self.raster.v0_mm + end.tip[0] * self.raster.step_mm
                        points.append((u, v, self._heights[plane] + side * end.reach_mm * (1 - 1e-9)))
        return np.array(points).reshape(-1, 3)

    def _between(self, lower: int, w_mm: float) -> list[FloatArray]:
        going_up = tuple(np.flatnonzero(self.stack.goes_on(lower, +1)).tolist())
        going_down = tuple(np.flatnonzero(self.stack.goes_on(lower + 1, -1)).tolist())
        if not going_up:
            return []
        low, high = self._profile(lower, going_up), self._profile(lower + 1, going_down)
        x0, x1 = self._heights[lower], self._heights[lower + 1]
        profile = self._across(lower, low, high, w_mm)
        square = blend(low.square_radius, high.square_radius, self._straight, x0, x1, w_mm)
        return [profile_distance(profile, square)]

    def _across(self, lower: int, low: _Profile, high: _Profile, w_mm: float) -> FloatArray:
        x0, x1 = self._heights[lower], self._heights[lower + 1]
        if self.reading.between is Between.KINKED:
            slopes, known = self._keep(("kink", lower), lambda: self._slopes(lower, low, high))
            return kink(slopes, low.value, high.value, known, x0, x1, w_mm)
        bend = self._keep(("bend", lower), lambda: self._bend(lower, low, high))
        return blend(low.value, high.value, bend, x0, x1, w_mm)

    def _bend(self, lower: int, low: _Profile, high: _Profile) -> FloatArray:
        """Curvature in a gap, from the plane before and the plane after where the parts came from there."""
        if self.reading.between is Between.STRAIGHT:
            return self._straight
        x = self._heights
        from_below, from_above = self._came_from(lower, low, -1), self._came_from(lower + 1, high, +1)
        below = above = self._straight
        if from_below.any():
            before = self._whole_profile(lower - 1)
            below = curvature(before, low.value, high.value, x[lower - 1], x[lower], x[lower + 1])
        if from_above.any():
            after = self._whole_profile(lower + 2)
            above = curvature(low.value, high.value, after, x[lower], x[lower + 1], x[lower + 2])
        return lesser_curvature(below, from_below, above, from_above)

    def _slopes(
        self, lower: int, low: _Profile, high: _Profile
    ) -> tuple[tuple[FloatArray, FloatArray], NDArray[np.bool_]]:
        """Slopes of the profiles before and after a gap, per mm, and where both are known."""
        known = self._came_from(lower, low, -1) & self._came_from(lower + 1, high, +1)
        if not known.any():
            return (self._straight, self._straight), known
        x = self._heights
        before = (low.value - self._whole_profile(lower - 1)) / (x[lower] - x[lower - 1])
        after = (self._whole_profile(lower + 2) - high.value) / (x[lower + 2] - x[lower + 1])
        return (before, after), known

    def _came_from(self, plane: int, profile: _Profile, side: int) -> NDArray[np.bool_]:
        """Where the nearest part of a plane goes on to a side, shape (nv, nu)."""
        result: NDArray[np.bool_] = self.stack.goes_on(plane, side)[profile.part]
        return result

    def _ends(self, plane: int, side: int, w_mm: float) -> list[FloatArray]:
        away = abs(w_mm - self._heights[plane])
        if away >= self.stack.gap_mm(plane, side) or self._ending(side) is Ending.AT_LAST_PLANE:
            return []
        ends = [self._end(plane, part, side) for part in self.stack.ending_parts(plane, side)]
        return [_end_distance(end, away * end.squeeze) for end in ends if away < end.reach_mm]

    def _ending(self, side: int) -> Ending:
        return self.reading.high_end if side > 0 else self.reading.low_end

    def _end(self, plane: int, part: int, side: int) -> _End:
        return self._keep(("end", plane, part, side), lambda: self._make_end(plane, part, side))

    def _make_end(self, plane: int, part: int, side: int) -> _End:
        lineage = self.stack.lineage(plane, part, -side)
        profiles = [self._profile(at, parts).value for at, parts in lineage]
        depths = [abs(float(self._heights[plane] - self._heights[at])) for at, _ in lineage]
        radii = [max(self.stack.sections[at].parts[p].radius_mm for p in parts) for at, parts in lineage]
        gap = self.stack.gap_mm(plane, side)
        expected = end_reach_mm(list(zip(depths, radii, strict=True)), gap)
        reach = gap if self._ending(side) is Ending.AT_NEXT_PLANE else expected
        slope, bend, flare = self._trend(profiles, depths, 2 * radii[0] * _STEEPEST_FLARE)
        row, column = np.unravel_index(np.argmax(profiles[0]), profiles[0].shape)
        return _End(profiles[0], slope, bend, flare, reach, expected / reach, (int(row), int(column)))

    def _trend(
        self, profiles: list[FloatArray], depths: list[float], most: float
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Slope and curvature of the profile at its last plane, per mm outwards, and how it may grow."""
        none = self._straight
        if len(profiles) == 1:
            return none, none, none
        slope = (profiles[0] - profiles[1]) / depths[1]
        if len(profiles) == 2:
            return slope, none, none
        bend = curvature(profiles[2], profiles[1], profiles[0], -depths[2], -depths[1], 0.0)
        flare = steady_flare(profiles[0], profiles[1], profiles[2], depths[1], depths[2], most)
        return slope + depths[1] * bend, bend, flare

    def _whole_profile(self, plane: int) -> FloatArray:
        return self._profile(plane, tuple(range(len(self.stack.sections[plane].parts)))).value

    def _profile(self, plane: int, parts: tuple[int, ...]) -> _Profile:
        return self._keep(("plane", plane, parts), lambda: self._make_profile(plane, parts))

    def _make_profile(self, plane: int, parts: tuple[int, ...]) -> _Profile:
        members = [self.stack.sections[plane].parts[part] for part in parts]
        outline = np.concatenate([part.outline for part in members])
        boundary = np.concatenate([part.boundary for part in members])
        number = np.concatenate(
            [np.full(len(part.boundary), n) for n, part in zip(parts, members, strict=True)]
        )
        radii = np.array([part.radius_mm for part in self.stack.sections[plane].parts])
        where = self.raster
        place = (where.u0_mm, where.v0_mm, where.step_mm, where.nv, where.nu)
        distance, nearest = nearest_segments(boundary, *place)
        distance = np.where(inside_raster(outline, *place), distance, -distance)
        part = number[nearest]
        rho = np.maximum(radii[part], distance)
        return _Profile(distance * (2.0 * rho - distance), rho * rho, part)

    def _keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """Remember the rasters used last: planes are visited in order."""
        if key in self._kept:
            self._kept.move_to_end(key)
        else:
            self._kept[key] = make()
            while len(self._kept) > _KEPT_PROFILES:
                self._kept.popitem(last=False)
        return self._kept[key]  # type: ignore[return-value]


def _end_distance(end: _End, away_mm: float) -> FloatArray:
    profile = taper(end.profile, end.slope, end.bend, end.flare, away_mm)
    return profile_distance(profile, np.full_like(profile, profile.max()))


def end_reach_mm(radii_mm: list[tuple[float, float]], gap_mm: float) -> float:
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
