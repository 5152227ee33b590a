"""Where a trilinear dose in a region may be lowest or highest: outlines, tips, faces, voxel centres."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dosimetry.kernels.extreme_nodes import nodes_inside, nodes_on_raster
from dosimetry.sampling.lattice import Slab
from dosimetry.sampling.region_distance import RegionDistance, raster_points
from dosimetry.sampling.sampled_region import SampledRegion
from dosimetry.solid.profiles import Raster

FloatArray = NDArray[np.float64]


class OutlineExtremes:
    """Contour points, tips and the faces of flat ends that belong to a region, for each of its readings.

    Parameters
    ----------
    sampled
        The region.
    raster
        Of the signed distances that are asked.
    """

    def __init__(self, sampled: SampledRegion, raster: Raster) -> None:
        self._single = sampled.is_single
        self._raster = raster
        self._points = _by_height(sampled.outline_points_mm)
        self._known: dict[object, FloatArray] = {}

    def of(self, distance: RegionDistance) -> FloatArray:
        """Those of one reading, shape (n, 3), mm."""
        tips = _by_height(np.concatenate(distance.tips_mm()))
        if self._single:
            return np.concatenate([self._points, tips, *self._faces(distance, tips)])
        return np.concatenate([self._belonging(distance, self._points), self._belonging(distance, tips)])

    def _faces(self, distance: RegionDistance, tips_mm: FloatArray) -> list[FloatArray]:
        """Raster points of the sections at the heights of the tips."""
        return [
            raster_points(self._raster, distance.at(np.array([height]))[0] >= 0, float(height))
            for height in np.unique(tips_mm[:, 2])
        ]

    def _belonging(self, distance: RegionDistance, points_mm: FloatArray) -> FloatArray:
        """Points, by ascending height, inside the region or on its surface."""
        starts = np.flatnonzero(np.diff(points_mm[:, 2], prepend=-np.inf, append=np.inf))
        groups = [points_mm[first:last] for first, last in pairwise(starts)]
        belonging = [self._belonging_at(distance, here[:1, 2], here) for here in groups]
        return np.concatenate([points_mm[:0], *belonging])

    def _belonging_at(
        self, distance: RegionDistance, height_mm: FloatArray, points_mm: FloatArray
    ) -> FloatArray:
        key = (points_mm.tobytes(), distance.decided_by(height_mm))
        if key not in self._known:
            depth = _deepest_around(self._raster, distance.at(height_mm)[0], points_mm)
            self._known[key] = points_mm[depth >= 0]
        return self._known[key]


class ExtremeNodes:
    """Voxel centres where a dose may be extreme, by height, for one raster.

    Parameters
    ----------
    points_mm
        Shape (n, 3), in the raster's frame.
    raster
        Points outside are dropped.
    """

    def __init__(self, points_mm: FloatArray, raster: Raster) -> None:
        self._raster = raster
        points, column, row = nodes_on_raster(
            points_mm, raster.u0_mm, raster.v0_mm, raster.step_mm, raster.nv, raster.nu
        )
        if (np.diff(points[:, 2]) < 0).any():
            order = np.argsort(points[:, 2], kind="stable")
            points, column, row = points[order], column[order], row[order]
        self._points, self._column, self._row = points, column, row

    def inside(self, slab: Slab, distance_mm: FloatArray) -> FloatArray:
        """Those in a slab's slices that lie inside by half a cell at least, shape (n, 3)."""
        low, high = slab.heights_mm[0] - slab.thicknesses_mm[0], slab.heights_mm[-1] + slab.thicknesses_mm[-1]
        first, last = np.searchsorted(self._points[:, 2], (low, high)).tolist()
        if first == last:
            return self._points[:0]
        return nodes_inside(
            self._points[first:last],
            self._column[first:last],
            self._row[first:last],
            distance_mm,
            self._raster.step_mm,
            slab.heights_mm,
            slab.thicknesses_mm,
        )


def _by_height(points_mm: FloatArray) -> FloatArray:
    return points_mm[np.argsort(points_mm[:, 2], kind="stable")]


def _deepest_around(raster: Raster, distance_mm: FloatArray, points_mm: FloatArray) -> FloatArray:
    """Largest distance at the four raster points around each point; outside the raster, minus infinity."""
    u, v = (
        (points_mm[:, 0] - raster.u0_mm) / raster.step_mm,
        (points_mm[:, 1] - raster.v0_mm) / raster.step_mm,
    )
    known = (u >= 0) & (u < raster.nu - 1) & (v >= 0) & (v < raster.nv - 1)
    i, j = u[known].astype(np.int64), v[known].astype(np.int64)
    result = np.full(len(points_mm), -np.inf)
    result[known] = np.max([distance_mm[j + dj, i + di] for dj in (0, 1) for di in (0, 1)], axis=0)
    return result
