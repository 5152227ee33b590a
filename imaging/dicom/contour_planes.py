"""In which plane each contour lies, and which contours enclose nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from imaging.dicom.geometry import FloatArray

IntArray = NDArray[np.int64]

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


def contour_planes(contours: Sequence[FloatArray]) -> list[ContourPlane | ContourFlaw]:
    """Find the planes of closed contours, shape (n, 3) each, in mm.

    The area vector (half the sum of cross products) gives the normal of any simple polygon. A figure of
    eight may cancel it out; then the plane of least squares decides.
    """
    planes: list[ContourPlane | ContourFlaw] = [ContourFlaw.NO_AREA] * len(contours)
    numbers = [number for number, points in enumerate(contours) if len(points) >= 3]
    if numbers:
        found = _several_planes([contours[number] for number in numbers])
        for number, plane in zip(numbers, found, strict=True):
            planes[number] = plane
    return planes


def _several_planes(contours: list[FloatArray]) -> Iterator[ContourPlane | ContourFlaw]:
    counts = np.array([len(points) for points in contours])
    starts = np.cumsum(counts) - counts
    points = np.concatenate(contours)
    centres = np.add.reduceat(points, starts, axis=0) / counts[:, None]
    around = points - np.repeat(centres, counts, axis=0)
    vectors = _area_vectors(around, starts, counts)
    areas = np.linalg.norm(vectors, axis=1)
    spans = np.maximum.reduceat(points, starts, axis=0) - np.minimum.reduceat(points, starts, axis=0)
    is_clear = (areas > SMALLEST_AREA_MM2) & (areas >= 1e-3 * spans.max(axis=1) ** 2)
    normals = np.where(is_clear[:, None], vectors, 0.0) / np.where(is_clear, areas, 1.0)[:, None]
    off_plane = np.abs((around * np.repeat(normals, counts, axis=0)).sum(axis=1))
    farthest = np.maximum.reduceat(off_plane, starts)
    for n, start in enumerate(starts.tolist()):
        if is_clear[n]:
            yield _checked(float(farthest[n]), centres[n], normals[n], float(areas[n]))
        else:
            yield _least_squares_plane(around[start : start + counts[n]], centres[n], float(areas[n]))


def _area_vectors(around: FloatArray, starts: IntArray, counts: IntArray) -> FloatArray:
    """Half the sum of cross products of neighbouring points, for each contour."""
    following = np.arange(1, len(around) + 1)
    following[starts + counts - 1] = starts
    x, y, z = around.T
    x_next, y_next, z_next = around[following].T
    crossed = np.stack([y * z_next - z * y_next, z * x_next - x * z_next, x * y_next - y * x_next], axis=1)
    vectors: FloatArray = np.add.reduceat(crossed, starts, axis=0) / 2
    return vectors


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
    return _checked(float(np.abs(around @ axes[2]).max()), centre, axes[2], area)


def _checked(
    farthest_mm: float, centre: FloatArray, normal: FloatArray, area: float
) -> ContourPlane | ContourFlaw:
    """The plane, if no point is too far off it."""
    if farthest_mm > PLANAR_TOLERANCE_MM:
        return ContourFlaw.NOT_PLANAR
    upright = normal if normal[np.argmax(np.abs(normal))] > 0 else -normal
    return ContourPlane(upright, float(centre @ upright), area)
