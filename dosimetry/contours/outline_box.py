"""The box around an outline along its principal axes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dosimetry.contours.parts import Part
from dosimetry.kernels.outline_axes import extent_along, principal_angle

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OutlineBox:
    """Extent along two axes: middle and half width, shape (2,) each, mm."""

    middle_mm: FloatArray
    half_mm: FloatArray

    @classmethod
    def around(cls, parts: list[Part], axes: FloatArray) -> "OutlineBox":
        """Of parts of one plane along axes (2, 2), whose rows are unit vectors."""
        ends = [extent_along(part.boundary, axes) for part in parts]
        low, high = ends[0]
        for further_low, further_high in ends[1:]:
            low, high = np.minimum(low, further_low), np.maximum(high, further_high)
        return cls._between(low, high)

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
    angle = principal_angle(part.boundary)
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
