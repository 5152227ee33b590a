"""Signed distance of a region: of its structures' solids, combined, on one raster."""

from collections.abc import Hashable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from dosimetry.contours.sections import SectionStack
from dosimetry.kernels.coinciding import come_near, let_coincide
from dosimetry.kernels.combined_cells import REACH_STEPS, combined_distance
from dosimetry.linear import mapped
from dosimetry.region import Region
from dosimetry.sampling.algebra_program import region_program
from dosimetry.sampling.lattice import (
    FINEST_STEP_MM,
    Lattice,
    corners,
    make_raster,
    make_slices,
    rough_volume_mm3,
)
from dosimetry.solid.profiles import PlaneProfiles, Raster
from dosimetry.solid.readings import Reading
from dosimetry.solid.solid import Solid

FloatArray = NDArray[np.float64]

_MOST_POINTS_ELSEWHERE = 8_000_000
_SAMPLES_ELSEWHERE = 200_000
"""Bounds for a structure that is drawn in other planes than the region's first one."""
SAME_SURFACE_MM = 0.02
"""Surfaces nearer than this coincide: coordinates are written to 0.01 mm."""
_BETWEEN_PLANES = 0.25
"""Share of a gap by which surfaces that coincide on both of its planes may be drawn apart between them."""
_BESIDE_PLANE = 1e-9
"""Share of a gap at which its planes are looked at from within."""


class RegionDistance:
    """Signed distance of a region: that of its solids, combined.

    Parameters
    ----------
    region
        Structures and their algebra.
    solids
        By identity of structure; one that encloses nothing is not there.
    raster
        Of all solids.
    """

    def __init__(
        self, region: Region, solids: "Mapping[int, Solid | SolidElsewhere]", raster: Raster
    ) -> None:
        self.solids = solids
        self.raster = raster
        self._leaves = [id(structure) for structure in region.structures()]
        self.program = region_program(region)
        heights = [solid.profiles.heights_mm for solid in solids.values() if isinstance(solid, Solid)]
        self._at_planes: tuple[int, FloatArray] | None = None
        self._planes = np.unique(np.concatenate([np.empty(0), *heights]))

    def at(self, w_mm: FloatArray) -> FloatArray:
        """At ascending heights (n,): shape (n, nv, nu), positive inside, mm."""
        depths = self.depths_at(w_mm)
        return depths[0] if len(depths) == 1 else self.combined(depths, 0)

    def depths_at(self, w_mm: FloatArray) -> FloatArray:
        """Of each solid at ascending heights (n,), (solids, n, nv, nu): where surfaces coincide, one."""
        depths = self._each(w_mm)
        if len(depths) == 1:
            return depths
        runs = np.searchsorted(self._planes, w_mm, side="right")
        for gap in np.unique(runs).tolist():
            first, last = np.searchsorted(runs, (gap, gap + 1)).tolist()
            self._let_coincide(gap, depths[:, first:last])
        return depths

    def _let_coincide(self, gap: int, depths_mm: FloatArray) -> None:
        """Of slices in the gap below a plane."""
        reach = REACH_STEPS * self.raster.step_mm
        most = max(_BETWEEN_PLANES * self._width_mm(gap), SAME_SURFACE_MM)
        if not come_near(depths_mm, reach, most):
            return
        if self._at_planes is None or self._at_planes[0] != gap:
            self._at_planes = gap, self._beside_planes(gap)
        low, high = self._at_planes[1].swapaxes(0, 1)
        let_coincide(depths_mm, low, high, reach, SAME_SURFACE_MM, most)

    def _beside_planes(self, gap: int) -> FloatArray:
        """Each solid at the planes around a gap, (solids, 2, nv, nu); minus infinity past the last."""
        beside = self._width_mm(gap) * _BESIDE_PLANE
        sides = [(n, inwards) for n, inwards in ((gap - 1, +1), (gap, -1)) if 0 <= n < len(self._planes)]
        found = np.full((len(self._leaves), 2, self.raster.nv, self.raster.nu), -np.inf)
        heights = np.array([self._planes[n] + inwards * beside for n, inwards in sides])
        found[:, : len(sides)] = self._each(heights)
        return found

    def _width_mm(self, gap: int) -> float:
        """Of the narrowest gap around one, which may lie past the last plane."""
        around = self._planes[max(gap - 2, 0) : gap + 2]
        return float(np.diff(around).min()) if len(around) > 1 else 0.0

    def _each(self, w_mm: FloatArray) -> FloatArray:
        if len(self._leaves) == 1 and self._leaves[0] in self.solids:
            return self.solids[self._leaves[0]].distance_mm(w_mm)[None]
        depths = np.full((len(self._leaves), len(w_mm), self.raster.nv, self.raster.nu), -np.inf)
        for number, key in enumerate(self._leaves):
            first = self._leaves.index(key)
            if first < number:
                depths[number] = depths[first]
            elif key in self.solids:
                depths[number] = self.solids[key].distance_mm(w_mm)
        return depths

    def combined(self, depths_mm: FloatArray, first: int) -> FloatArray:
        """The region's, from its solids' in slices of which the first has this number: (n, nv, nu)."""
        return combined_distance(depths_mm, self.program, self.raster.step_mm, first)

    def decided_by(self, w_mm: FloatArray) -> Hashable:
        """As much of the reading as the region at ascending heights depends on."""
        return tuple(solid.decided_by(w_mm) for solid in self.solids.values())

    def tips_mm(self) -> list[FloatArray]:
        """Where the ends of the structures that share the lattice's frame close, each (n, 3), mm."""
        return [solid.tips() for solid in self.solids.values() if isinstance(solid, Solid)]


class SolidElsewhere:
    """A solid whose planes lie across the lattice's: sampled in its own frame, looked up in the other.

    Between its own raster points the distance is interpolated, so its surface is known to within a
    fraction of the larger of the two cells.
    """

    def __init__(self, stack: SectionStack, lattice: Lattice, reading: Reading) -> None:
        box = corners(stack)
        low, high = box.min(axis=0), box.max(axis=0)
        step = _own_step_mm(stack, high - low)
        self._raster, self._lattice, self._reading = make_raster(low, high, step), lattice, reading
        self._heights, _ = make_slices([stack], low, high, step)
        solid = Solid(PlaneProfiles(stack, self._raster), reading)
        self._volume = solid.distance_mm(self._heights)
        np.clip(self._volume, -4 * step, 4 * step, out=self._volume)
        self._turn = stack.frame @ lattice.frame.T

    def distance_mm(self, w_mm: FloatArray) -> FloatArray:
        """As `Solid.distance_mm`, cut off at a few cells from the surface."""
        raster = self._lattice.raster
        points = raster_points(raster, np.ones((raster.nv, raster.nu), np.bool_), 0.0)
        points = np.tile(points, (len(w_mm), 1))
        points[:, 2] = np.repeat(w_mm, raster.nv * raster.nu)
        u, v, w = mapped(self._turn, points).T
        own = self._raster
        number = np.interp(w, self._heights, np.arange(len(self._heights)), left=-2, right=-2)
        index = np.stack([number, (v - own.v0_mm) / own.step_mm, (u - own.u0_mm) / own.step_mm])
        found = map_coordinates(self._volume, index, order=1, mode="constant", cval=-4 * own.step_mm)
        distance: FloatArray = found.reshape(len(w_mm), raster.nv, raster.nu)
        return distance

    def decided_by(self, _w_mm: FloatArray) -> Hashable:
        """The whole reading, everywhere."""
        return self._reading


def raster_points(raster: Raster, chosen: NDArray[np.bool_], w_mm: float) -> FloatArray:
    """The chosen points of a plane at a height, shape (n, 3), mm."""
    j, i = np.nonzero(chosen)
    u, v = raster.u0_mm + i * raster.step_mm, raster.v0_mm + j * raster.step_mm
    return np.column_stack([u, v, np.full(len(u), w_mm)])


def _own_step_mm(stack: SectionStack, box_mm: FloatArray) -> float:
    cells = float(np.prod(box_mm + stack.spacing_mm)) / _MOST_POINTS_ELSEWHERE
    fine = (rough_volume_mm3(stack) / _SAMPLES_ELSEWHERE) ** (1 / 3)
    return float(max(cells ** (1 / 3), fine, FINEST_STEP_MM))
