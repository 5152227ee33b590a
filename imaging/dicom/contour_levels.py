"""Which contours lie in one plane although the coordinates across it are noisy, and what that plane is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from imaging.dicom.contour_planes import ContourPlane
from imaging.dicom.geometry import FloatArray

ROUNDING_MM = 0.01
"""Contours nearer than this lie in one plane, whatever the distance of planes."""
NOISE_SHARE = 0.1
"""Contours nearer than this share of the distance of planes lie in one plane."""
LARGEST_NOISE_MM = 0.3
"""Contours further apart than this never lie in one plane: no CT of a patient has such thin slices."""
_ON_AXIS = 1e-4
"""Normals nearer than this to a patient axis are that axis: below 0.05 mm over a whole patient."""


@dataclass(frozen=True, eq=False)
class PlaneFrame:
    """Axes of parallel planes: rows u, v (in the planes) and w (across) in patient axes, shape (3, 3)."""

    axes: FloatArray

    def place(self, points: FloatArray) -> tuple[FloatArray, float]:
        """Give a contour's points in its plane, shape (n, 2), and the height of the plane, mm."""
        uvw = points @ self.axes.T
        heights = uvw[:, 2]
        is_level = bool((heights == heights[0]).all())
        return uvw[:, :2], float(heights[0] if is_level else np.median(heights))

    def lift(self, points: FloatArray, height_mm: float) -> FloatArray:
        """Give points of a plane, shape (n, 2), their place in the patient, shape (n, 3)."""
        lifted: FloatArray = np.column_stack([points, np.full(len(points), height_mm)]) @ self.axes
        return lifted


def plane_frame(planes: list[ContourPlane]) -> PlaneFrame:
    """Find the axes of contours that are parallel, by the largest one; patient axes where they fit."""
    normal = max(planes, key=lambda plane: plane.area_mm2).normal
    across = int(np.argmax(np.abs(normal)))
    if np.abs(np.delete(normal, across)).max() < _ON_AXIS:
        return PlaneFrame(np.eye(3)[[(across + 1) % 3, (across + 2) % 3, across]])
    u = np.cross(np.eye(3)[(across + 1) % 3], normal)
    u /= np.linalg.norm(u)
    return PlaneFrame(np.stack([u, np.cross(normal, u), normal]))


def same_plane_mm(heights_mm: FloatArray, spacing_mm: float | None) -> float:
    """Say how far apart contours of one plane may lie.

    Parameters
    ----------
    heights_mm
        Of the contours, in any order.
    spacing_mm
        Of the CT slices that they were drawn on; None where it is not known. Then the median of those gaps
        that are no noise stands for it.
    """
    if spacing_mm is None:
        gaps = np.diff(np.sort(heights_mm))
        larger = gaps[gaps > LARGEST_NOISE_MM]
        if not len(larger):
            return LARGEST_NOISE_MM if np.ptp(heights_mm) <= LARGEST_NOISE_MM else ROUNDING_MM
        spacing_mm = float(np.median(larger))
    return float(np.clip(NOISE_SHARE * spacing_mm, ROUNDING_MM, LARGEST_NOISE_MM))


def group_levels(heights_mm: FloatArray, tolerance_mm: float) -> list[list[int]]:
    """Sort contours, by their index, into planes of ascending height; none spans more than the tolerance."""
    levels: list[list[int]] = []
    for index in np.argsort(heights_mm, kind="stable").tolist():
        if levels and heights_mm[index] - heights_mm[levels[-1][0]] <= tolerance_mm:
            levels[-1].append(index)
        else:
            levels.append([index])
    return [sorted(level) for level in levels]
