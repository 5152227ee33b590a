"""Signed distance of a region: of its structures' solids, combined, on one raster."""

from collections.abc import Hashable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from dosimetry.contours.sections import SectionStack
from dosimetry.linear import mapped
from dosimetry.region import CombinedRegion, Operation, Region, StructureRegion
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
        self.region = region
        self.solids = solids
        self.raster = raster

    def at(self, w_mm: FloatArray) -> FloatArray:
        """At ascending heights (n,): shape (n, nv, nu), positive inside, mm."""
        return self._of(self.region, w_mm)

    def decided_by(self, w_mm: FloatArray) -> Hashable:
        """As much of the reading as the region at ascending heights depends on."""
        return tuple(solid.decided_by(w_mm) for solid in self.solids.values())

    def tips_mm(self) -> list[FloatArray]:
        """Where the ends of the structures that share the lattice's frame close, each (n, 3), mm."""
        return [solid.tips() for solid in self.solids.values() if isinstance(solid, Solid)]

    def _of(self, region: Region, w_mm: FloatArray) -> FloatArray:
        if isinstance(region, StructureRegion):
            solid = self.solids.get(id(region.structure))
            if solid is None:
                return np.full((len(w_mm), self.raster.nv, self.raster.nu), -np.inf)
            return solid.distance_mm(w_mm)
        assert isinstance(region, CombinedRegion)  # noqa: S101 - there are two kinds
        left, right = self._of(region.left, w_mm), self._of(region.right, w_mm)
        match region.operation:
            case Operation.UNION:
                return np.maximum(left, right, out=left)
            case Operation.INTERSECTION:
                return np.minimum(left, right, out=left)
            case Operation.DIFFERENCE:
                return np.minimum(left, np.negative(right, out=right), out=left)


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
