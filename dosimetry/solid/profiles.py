"""What a stack of sections looks like on a raster, plane by plane, whichever way it is read."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dosimetry.contours.parts import Part
from dosimetry.contours.sections import SectionStack
from dosimetry.kernels.between_sections import lesser_curvature, profile_distance, solid_through
from dosimetry.kernels.plane_profile import plane_profile
from dosimetry.solid.alignment import AlignedParts, aligned_parts
from dosimetry.solid.cavities import cavities
from dosimetry.solid.end_caps import EndCap, end_cap
from dosimetry.solid.whole_planes import MOST_POINTS, WholePlanes

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
T = TypeVar("T")
S = TypeVar("S", bound=np.generic)

_FEWEST_KEPT = 24
"""Rasters kept at a time: so many points in all, but the four planes around a gap in any case."""


@dataclass(frozen=True)
class Raster:
    """Points of a plane (v0 + j step, u0 + i step), shape (nv, nu), mm."""

    u0_mm: float
    v0_mm: float
    step_mm: float
    nv: int
    nu: int

    @property
    def geometry(self) -> tuple[tuple[float, float], float, tuple[int, int]]:
        """The first point, the step and the shape."""
        return (self.u0_mm, self.v0_mm), self.step_mm, (self.nv, self.nu)


@dataclass(frozen=True, eq=False)
class Profile:
    """f (2 rho - f) and rho^2 at each raster point of a plane, mm^2, and the part it is nearest to.

    f is the signed distance to the outline (positive inside) and rho the radius of a circle inscribed in
    the nearest part. `closed` says where it is nearest to a hole that ends at this plane.
    """

    value: FloatArray
    square_radius: FloatArray
    part: NDArray[np.int64]
    closed: BoolArray | None


@dataclass(frozen=True, eq=False)
class Slopes:
    """Slopes of the profiles below and above a gap, per mm, and where both are known."""

    sides: tuple[FloatArray, FloatArray]
    known: BoolArray


class PlaneProfiles:
    """The profiles of a stack's planes on one raster, and how they change from plane to plane.

    Parameters
    ----------
    stack
        From `stack_sections`; at least one section.
    raster
        In the stack's frame.
    """

    def __init__(self, stack: SectionStack, raster: Raster) -> None:
        self.stack = stack
        self.raster = raster
        self.heights_mm = stack.heights_mm
        self._cavities = cavities(stack)
        self._none = np.zeros((raster.nv, raster.nu))
        self._nowhere = np.zeros((raster.nv, raster.nu), np.bool_)
        self._everywhere = np.ones((raster.nv, raster.nu), np.bool_)
        fits = len(stack.sections) * raster.nv * raster.nu <= MOST_POINTS
        self._planes = WholePlanes(stack, *raster.geometry) if fits else None
        self.known_dependence: dict[bytes, tuple[bool, bool, bool]] = {}
        """By heights, for `Solid.decided_by`: what these depend on is the same in every reading."""
        self._is_simple: dict[int, bool] = {}
        self._most = max(_FEWEST_KEPT, MOST_POINTS // (raster.nv * raster.nu))
        self._kept: OrderedDict[Hashable, object] = OrderedDict()

    def around(self, lower: int) -> tuple[Profile, Profile] | None:
        """Profiles of the two planes around a gap, of the parts that go on through it; None if none does.

        Without the holes that close in the gap: they are cut out of what is drawn.
        """
        going_up, going_down = self._joined_in_place(lower)
        if not going_up:
            return None
        return self._profile(lower, going_up, +1), self._profile(lower + 1, going_down, -1)

    def holes(self) -> "PlaneProfiles | None":
        """Of the holes that close between planes, as parts of their own; None if none does."""
        if self._cavities is None:
            return None
        found = self._cavities
        return self._keep("holes", lambda: PlaneProfiles(found, self.raster))

    def aligned(self, lower: int) -> tuple[AlignedParts, ...]:
        """Parts around a gap that move and stretch from one plane to the next."""
        return aligned_parts(self.stack, lower)

    def _joined_in_place(self, lower: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The other parts that go on through a gap, below and above it."""
        up, down = self.stack.going_parts(lower, +1), self.stack.going_parts(lower + 1, -1)
        moved = [each.parts for each in self.aligned(lower)]
        if not moved:
            return up, down
        low, high = {i for i, _ in moved}, {j for _, j in moved}
        return tuple(p for p in up if p not in low), tuple(p for p in down if p not in high)

    def is_simple(self, lower: int) -> bool:
        """Whether all parts around a gap go on through it where they are, and no hole closes there."""
        if lower not in self._is_simple:
            self._is_simple[lower] = self._planes is not None and self._find_simple(lower)
        return self._is_simple[lower]

    def through(self, gaps: NDArray[np.int64], w_mm: FloatArray, *, bent: bool, out: FloatArray) -> None:
        """Signed distance at heights (n,) in simple gaps, numbered by the plane below: into (n, nv, nu)."""
        assert self._planes is not None  # noqa: S101 - no gap was simple without
        planes = self._planes
        planes.make(int(gaps[0]) - 1, int(gaps[-1]) + 3)
        solid_through(
            *(planes.values, planes.squares, planes.parts, planes.goes_on, self.heights_mm),
            *(bent, w_mm, gaps, out),
        )

    def _find_simple(self, lower: int) -> bool:
        stack = self.stack
        if not stack.linked(lower, +1) or stack.ending_parts(lower, +1) or stack.ending_parts(lower + 1, -1):
            return False
        if self._cavities is not None:
            closed = {plane for plane, _ in self._cavities.closed}
            if closed & {lower, lower + 1}:
                return False
        return not self.aligned(lower)

    def straight(self) -> FloatArray:
        """No curvature anywhere, (nv, nu)."""
        return self._none

    def bend(self, lower: int, around: tuple[Profile, Profile]) -> FloatArray:
        """Curvature in a gap, from the plane before and the plane after where the parts came from there."""
        return self._keep(("bend", lower), lambda: self._make_bend(lower, *around))

    def slopes(self, lower: int, around: tuple[Profile, Profile]) -> Slopes:
        """Slopes before and after a gap."""
        return self._keep(("slopes", lower), lambda: self._make_slopes(lower, *around))

    def cap(self, plane: int, part: int, side: int) -> EndCap:
        """How a part goes on past its last plane on a side."""
        return end_cap(self.stack, plane, part, side)

    def outline_distance(self, plane: int, part: int) -> FloatArray:
        """Signed distance to the outline of one part, shape (nv, nu), mm."""
        profile = self._profile(plane, (part,))
        return self._keep(
            ("distance", plane, part), lambda: profile_distance(profile.value, profile.square_radius)
        )

    def _make_bend(self, lower: int, low: Profile, high: Profile) -> FloatArray:
        from_below, from_above = self._came_from(lower, low, -1), self._came_from(lower + 1, high, +1)
        before = self._none if from_below is self._nowhere else self._whole_profile(lower - 1)
        after = self._none if from_above is self._nowhere else self._whole_profile(lower + 2)
        last = len(self.heights_mm) - 1
        around = self.heights_mm[[max(lower - 1, 0), lower, lower + 1, min(lower + 2, last)]]
        return lesser_curvature(before, low.value, high.value, after, from_below, from_above, around)

    def _make_slopes(self, lower: int, low: Profile, high: Profile) -> Slopes:
        known = self._came_from(lower, low, -1) & self._came_from(lower + 1, high, +1)
        if not known.any():
            return Slopes((self._none, self._none), known)
        x = self.heights_mm
        before = (low.value - self._whole_profile(lower - 1)) / (x[lower] - x[lower - 1])
        after = (self._whole_profile(lower + 2) - high.value) / (x[lower + 2] - x[lower + 1])
        return Slopes((before, after), known)

    def _came_from(self, plane: int, profile: Profile, side: int) -> BoolArray:
        """Where the nearest part of a plane goes on to a side, shape (nv, nu)."""
        goes_on = self.stack.goes_on(plane, side)
        if not goes_on.any():
            return self._nowhere
        result = self._everywhere if goes_on.all() else goes_on[profile.part]
        closed = None if self._cavities is None else self._whole(plane).closed
        return result if closed is None else result & ~closed

    def _whole_profile(self, plane: int) -> FloatArray:
        return self._whole(plane).value

    def _whole(self, plane: int) -> Profile:
        return self._profile(plane, tuple(range(len(self.stack.sections[plane].parts))))

    def _profile(self, plane: int, parts: tuple[int, ...], filled_to: int = 0) -> Profile:
        """Of some parts of a plane; `filled_to`: without the holes that close on that side."""
        filled: Mapping[int, Part] = {}
        if self._cavities is not None and filled_to:
            filled = self._cavities.filled[plane, filled_to]
        if self._planes is not None and not filled and len(parts) == len(self.stack.sections[plane].parts):
            planes = self._planes
            return self._keep(("whole", plane), lambda: self._whole_of(planes, plane))
        key = ("plane", plane, parts, filled_to if filled else 0)
        return self._keep(key, lambda: self._make_profile(plane, parts, filled))

    def _whole_of(self, planes: WholePlanes, plane: int) -> Profile:
        planes.make(plane, plane + 1)
        closed = self._closed(
            plane, tuple(range(len(self.stack.sections[plane].parts))), planes.nearest[plane]
        )
        return Profile(planes.values[plane], planes.squares[plane], planes.parts[plane], closed)

    def _make_profile(self, plane: int, parts: tuple[int, ...], filled: Mapping[int, Part]) -> Profile:
        everything = [filled.get(n, part) for n, part in enumerate(self.stack.sections[plane].parts)]
        members = [everything[part] for part in parts]
        numbers = [np.full(len(part.boundary), n) for n, part in zip(parts, members, strict=True)]
        where = self.raster
        value, square_radius, part, nearest = plane_profile(
            _joined([part.outline for part in members]),
            _joined([part.boundary for part in members]),
            _joined(numbers),
            np.array([part.radius_mm for part in everything]),
            *(where.u0_mm, where.v0_mm, where.step_mm, where.nv, where.nu),
        )
        closed = None if filled else self._closed(plane, parts, nearest)
        return Profile(value, square_radius, part, closed)

    def _closed(self, plane: int, parts: tuple[int, ...], nearest: NDArray[np.int32]) -> BoolArray | None:
        if self._cavities is None or not any((plane, part) in self._cavities.closed for part in parts):
            return None
        flags = [
            self._cavities.closed.get(
                (plane, n), np.zeros(len(self.stack.sections[plane].parts[n].boundary), np.bool_)
            )
            for n in parts
        ]
        result: BoolArray = np.concatenate(flags)[nearest]
        return result

    def _keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """Remember the rasters used last: planes are visited in order."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]  # type: ignore[return-value]
        made = make()
        self._kept[key] = made
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return made


def _joined(arrays: Sequence[NDArray[S]]) -> NDArray[S]:
    """Rows of all arrays; of one alone, itself."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
