"""In which plane each contour lies, and which contours enclose nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from dosimetry.kernels.contour_measures import contour_measures, farthest_from_planes
from imaging.dicom.geometry import FloatArray

PLANAR_TOLERANCE_MM = 0.1
"""A contour that leaves its plane by more is not planar; coordinates are often rounded to 0.01 mm."""
SMALLEST_AREA_MM2 = 1e-4
"""0.01 mm squared: below this a contour is a point or a line."""
OUTLINE_POINTS = 3
"""A contour of fewer could never have been an outline."""
PARALLEL_COSINE = 0.9998
"""Planes within about 1 degree are parallel."""


class ContourFlaw(StrEnum):
    """Why a contour is not part of a solid."""

    NO_AREA = "no-area"
    NOT_PLANAR = "not-planar"
    OTHER_ORIENTATION = "other-orientation"


@dataclass(frozen=True, eq=False)
class ContourPlane:
    """The plane of one contour: unit normal, distance from the origin along it in mm, and enclosed area."""

    normal: FloatArray
    distance_mm: float
    area_mm2: float


def contour_planes(contours: Sequence[FloatArray]) -> list[ContourPlane | ContourFlaw]:
    """Find the planes of closed contours, shape (n, 3) each, in mm.

    The area vector (half the sum of cross products) gives the normal of any simple polygon. A figure of
    eight may cancel it out; then the plane of least squares decides.
    """
    planes: list[ContourPlane | ContourFlaw] = [ContourFlaw.NO_AREA] * len(contours)
    numbers = [number for number, points in enumerate(contours) if len(points) >= OUTLINE_POINTS]
    if numbers:
        found = _several_planes([contours[number] for number in numbers])
        for number, plane in zip(numbers, found, strict=True):
            planes[number] = plane
    return planes


def collapsed_alone(contours: Sequence[FloatArray], planes: Sequence[ContourPlane | ContourFlaw]) -> int:
    """How many contours that could be an outline enclose nothing on a slice where nothing else is drawn."""
    drawn = [plane for plane in planes if isinstance(plane, ContourPlane)]
    if not drawn:
        return 0
    normal = drawn[0].normal
    heights_mm = np.array([plane.distance_mm * np.sign(plane.normal @ normal) for plane in drawn])
    collapsed = [
        points.mean(axis=0) @ normal
        for points, plane in zip(contours, planes, strict=True)
        if plane is ContourFlaw.NO_AREA and len(points) >= OUTLINE_POINTS
    ]
    return sum(bool(np.abs(heights_mm - height).min() > PLANAR_TOLERANCE_MM) for height in collapsed)


def _several_planes(contours: list[FloatArray]) -> Iterator[ContourPlane | ContourFlaw]:
    starts = np.cumsum([0, *map(len, contours)])
    points = np.concatenate(contours)
    middles, vectors, spans = contour_measures(points, starts)
    areas = np.linalg.norm(vectors, axis=1)
    is_clear = (areas > SMALLEST_AREA_MM2) & (areas >= 1e-3 * spans**2)
    normals = np.where(is_clear[:, None], vectors, 0.0) / np.where(is_clear, areas, 1.0)[:, None]
    farthest = farthest_from_planes(points, starts, middles, normals)
    upright = _upright(normals)
    distances = (middles * upright).sum(axis=1)
    measures = zip(is_clear.tolist(), farthest.tolist(), distances.tolist(), areas.tolist(), strict=True)
    for n, (clear, farthest_mm, distance_mm, area_mm2) in enumerate(measures):
        if not clear:
            yield _least_squares_plane(contours[n] - middles[n], middles[n], area_mm2)
        elif farthest_mm > PLANAR_TOLERANCE_MM:
            yield ContourFlaw.NOT_PLANAR
        else:
            yield ContourPlane(upright[n], distance_mm, area_mm2)


def _upright(normals: FloatArray) -> FloatArray:
    """Normals (n, 3), turned round where their largest coordinate is negative."""
    largest = np.take_along_axis(normals, np.abs(normals).argmax(axis=1)[:, None], axis=1)
    return np.where(largest > 0, normals, -normals)


def parallel_to_most(planes: list[ContourPlane]) -> list[bool]:
    """Tell for each contour whether it is parallel to the plane that holds most of the outline's area."""
    normals = np.array([plane.normal for plane in planes])
    areas = np.array([plane.area_mm2 for plane in planes])
    parallel = np.abs(normals @ normals[int(np.argmax(areas))]) >= PARALLEL_COSINE
    return [bool(one) for one in parallel]


def _least_squares_plane(around: FloatArray, centre: FloatArray, area: float) -> ContourPlane | ContourFlaw:
    _, widths, axes = np.linalg.svd(around, full_matrices=False)
    if widths[1] / np.sqrt(len(around)) < np.sqrt(SMALLEST_AREA_MM2):
        return ContourFlaw.NO_AREA
    normal = _upright(axes[2:])[0]
    if float(np.abs(around @ normal).max()) > PLANAR_TOLERANCE_MM:
        return ContourFlaw.NOT_PLANAR
    return ContourPlane(normal, float(centre @ normal), area)
