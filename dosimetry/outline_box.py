"""The box around an outline along its principal axes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dosimetry.parts import Part

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OutlineBox:
    """Extent along two axes: middle and half width, shape (2,) each, mm."""

    middle_mm: FloatArray
    half_mm: FloatArray

    @classmethod
    def around(cls, parts: list[Part], axes: FloatArray) -> "OutlineBox":
        """Of parts of one plane along axes (2, 2), whose rows are unit vectors."""
        points = np.concatenate([part.boundary[:, :2] for part in parts]) @ axes.T
        return cls._between(points.min(axis=0), points.max(axis=0))

    @classmethod
    def _between(cls, low: FloatArray, high: FloatArray) -> "OutlineBox":
        return cls((low + high) / 2, (high - low) / 2)

    def joined(self, other: "OutlineBox") -> "OutlineBox":
        """Around both, along the same axes."""
        low = np.minimum(self.middle_mm - self.half_mm, other.middle_mm - other.half_mm)
        high = np.maximum(self.middle_mm + self.half_mm, other.middle_mm + other.half_mm)
        return self._between(low, high)


def principal_axes(part: Part) -> FloatArray:
    """Unit vectors (rows) along which an outline is longest and shortest, by the length of its boundary."""
    ends = part.boundary[:, :2], part.boundary[:, 2:]
    middle, length = (ends[0] + ends[1]) / 2, np.linalg.norm(ends[1] - ends[0], axis=1)
    around = middle - (middle * length[:, None]).sum(axis=0) / length.sum()
    spread = np.einsum("n,ni,nj->ij", length, around, around)
    angle = 0.5 * np.arctan2(2 * spread[0, 1], spread[0, 0] - spread[1, 1])
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
