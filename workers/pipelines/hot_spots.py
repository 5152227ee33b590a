"""Where in a structure the dose is highest and lowest: a place to look at, not a value to judge by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dosimetry.accumulation.point_sum import Dose, PointDoses
from dosimetry.contours.contour_planes import ContourPlanes, contour_planes
from dosimetry.contours.plane_gaps import judge_gaps
from dosimetry.kernels.even_odd import inside_points, inside_raster
from dosimetry.structure import Structure
from trial_core.domain.pictures import DosePicture, Point, Spot

FloatArray = NDArray[np.float64]

_POINTS = 20_000
"""About as many are looked at in a structure."""
_FINEST_MM, _COARSEST_MM = 0.5, 4.0
_ROUNDING_MM = 0.01


@dataclass(frozen=True, eq=False)
class ShownDose:
    """A dose as it is kept, and as the engine reads it at a point."""

    picture: DosePicture
    dose: Dose


def spots_of(
    structures: Sequence[Structure], shown: Sequence[ShownDose], *, without: Sequence[Structure] = ()
) -> tuple[Spot, ...]:
    """Find the hottest and the coldest point in each dose, on a raster over the contours' planes.

    Where a plan's grid does not reach, that plan counts as nothing.

    Parameters
    ----------
    structures, without
        Together one region: in any of the first and in none of the second.
    shown
        The doses, in the structures' frame.
    """
    if not shown or not structures:
        return ()
    points = np.concatenate([_points_within(contour_planes(each)) for each in structures])
    for each in without:
        points = points[~_is_within(contour_planes(each), points)]
    if not len(points):
        return ()
    doses = PointDoses(points, np.eye(3))
    return tuple(_spot(each.picture.key, points, doses.of(each.dose).low_gy) for each in shown)


def _spot(key: str, points: FloatArray, dose_gy: FloatArray) -> Spot:
    hottest, coldest = int(dose_gy.argmax()), int(dose_gy.argmin())
    return Spot(
        dose_key=key,
        hottest_mm=_point(points[hottest]),
        hottest_gy=float(dose_gy[hottest]),
        coldest_mm=_point(points[coldest]),
        coldest_gy=float(dose_gy[coldest]),
    )


def _point(row: FloatArray) -> Point:
    x, y, z = (round(value, 3) for value in row.tolist())
    return x, y, z


def _points_within(planes: ContourPlanes) -> FloatArray:
    """Raster points inside the polygons of each plane by the even-odd rule, patient mm, shape (n, 3)."""
    areas = sum(abs(_area_mm2(polygon)) for _, polygons in planes.planes for polygon in polygons)
    step = float(np.clip(np.sqrt(areas / _POINTS), _FINEST_MM, _COARSEST_MM))
    found = [_inside(height, polygons, step) for height, polygons in planes.planes]
    return np.ascontiguousarray(np.concatenate(found) @ planes.frame)


def _inside(height: float, polygons: Sequence[FloatArray], step: float) -> FloatArray:
    segments = _segments(polygons)
    low = np.concatenate(polygons).min(axis=0) + step / 2
    nu, nv = (np.ceil((np.concatenate(polygons).max(axis=0) - low) / step).astype(int) + 1).tolist()
    rows, columns = np.nonzero(inside_raster(segments, float(low[0]), float(low[1]), step, nv, nu))
    return np.column_stack([low[0] + columns * step, low[1] + rows * step, np.full(len(rows), height)])


def _is_within(planes: ContourPlanes, points: FloatArray) -> NDArray[np.bool_]:
    """Whether points lie in the slab of a contour and inside it, by the nearest plane."""
    local = np.ascontiguousarray(points @ planes.frame.T)
    heights = np.array([height for height, _ in planes.planes])
    nearest = np.abs(local[:, 2, None] - heights).argmin(axis=1)
    reach = judge_gaps(heights, None).ordinary_mm / 2 + _ROUNDING_MM
    is_near = np.abs(local[:, 2] - heights[nearest]) <= reach
    within = np.zeros(len(points), dtype=np.bool_)
    for number, (_, polygons) in enumerate(planes.planes):
        own = np.flatnonzero(is_near & (nearest == number))
        within[own] = inside_points(_segments(polygons), np.ascontiguousarray(local[own, :2]))
    return within


def _segments(polygons: Sequence[FloatArray]) -> FloatArray:
    return np.concatenate([np.column_stack([each, np.roll(each, -1, axis=0)]) for each in polygons])


def _area_mm2(polygon: FloatArray) -> float:
    x, y = polygon[:, 0], polygon[:, 1]
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
