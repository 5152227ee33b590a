"""In which plane each contour lies, and which contours enclose nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from imaging.dicom.geometry import FloatArray

PLANAR_TOLERANCE_MM = 0.1
"""A contour that leaves its plane by more is not planar; coordinates are often rounded to 0.01 mm."""
SMALLEST_AREA_MM2 = 1e-4
"""0.01 mm squared: below this a contour is a point or a line."""
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


def contour_plane(points: FloatArray) -> ContourPlane | ContourFlaw:
    """Find the plane of a closed contour, shape (n, 3) in mm.

    The area vector (half the sum of cross products) gives the normal of any simple polygon. A figure of
    eight may cancel it out; then the plane of least squares decides.
    """
    if len(points) < 3:
        return ContourFlaw.NO_AREA
    centre = points.mean(axis=0)
    around = points - centre
    area_vector = np.cross(around, np.roll(around, -1, axis=0)).sum(axis=0) / 2
    area = float(np.linalg.norm(area_vector))
    extent = float(np.ptp(points, axis=0).max())
    if area <= SMALLEST_AREA_MM2 or area < 1e-3 * extent**2:
        return _least_squares_plane(around, centre, area)
    return _checked(around, centre, area_vector / area, area)


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
    return _checked(around, centre, axes[2], area)


def _checked(
    around: FloatArray, centre: FloatArray, normal: FloatArray, area: float
) -> ContourPlane | ContourFlaw:
    if np.abs(around @ normal).max() > PLANAR_TOLERANCE_MM:
        return ContourFlaw.NOT_PLANAR
    upright = normal if normal[np.argmax(np.abs(normal))] > 0 else -normal
    return ContourPlane(upright, float(centre @ upright), area)
