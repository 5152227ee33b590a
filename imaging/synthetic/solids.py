"""Solids whose every axial section is an ellipse: volumes, sections and distances in closed form."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Solid:
    """A stack of ellipses along z with rounded ends; all lengths in mm.

    Without caps it is an elliptic cylinder; with caps of half the height an ellipsoid; a circle
    whose caps equal its radius is a capsule.

    Attributes
    ----------
    centre_mm
        (x, y, z) of the middle.
    radii_mm
        (x, y) half axes where the solid is widest.
    half_height_mm
        Half extent along z.
    cap_mm
        Height of each rounded end.
    """

    centre_mm: tuple[float, float, float]
    radii_mm: tuple[float, float]
    half_height_mm: float
    cap_mm: float

    @classmethod
    def ellipsoid(
        cls, centre_mm: tuple[float, float, float], radii_mm: tuple[float, float, float]
    ) -> "Solid":
        """Return an ellipsoid of the given half axes."""
        return cls(centre_mm, radii_mm[:2], radii_mm[2], radii_mm[2])

    @classmethod
    def capsule(
        cls, centre_mm: tuple[float, float, float], radius_mm: float, half_core_mm: float = 0.0
    ) -> "Solid":
        """Return all points within ``radius_mm`` of a segment along z, by default a sphere."""
        return cls(centre_mm, (radius_mm, radius_mm), half_core_mm + radius_mm, radius_mm)

    @classmethod
    def tube(
        cls, centre_mm: tuple[float, float, float], radii_mm: tuple[float, float], half_height_mm: float
    ) -> "Solid":
        """Return an elliptic cylinder."""
        return cls(centre_mm, radii_mm, half_height_mm, 0.0)

    @property
    def volume_cc(self) -> float:
        """The exact volume."""
        height_mm = 2 * (self.half_height_mm - self.cap_mm) + 4 / 3 * self.cap_mm
        return math.pi * self.radii_mm[0] * self.radii_mm[1] * height_mm / 1000

    @property
    def z_range_mm(self) -> tuple[float, float]:
        """Lowest and highest z."""
        return self.centre_mm[2] - self.half_height_mm, self.centre_mm[2] + self.half_height_mm

    def scaled(self, factor: float) -> "Solid":
        """Return the solid of a patient larger by a factor."""
        x, y, z = (factor * value for value in self.centre_mm)
        radii_mm = (factor * self.radii_mm[0], factor * self.radii_mm[1])
        return replace(
            self,
            centre_mm=(x, y, z),
            radii_mm=radii_mm,
            half_height_mm=factor * self.half_height_mm,
            cap_mm=factor * self.cap_mm,
        )

    def section_scale(self, z_mm: float) -> float:
        """Return the section's half axes at z as a part of the widest ones; 0 outside."""
        depth_mm = self.half_height_mm - abs(z_mm - self.centre_mm[2])
        if depth_mm < 0:
            return 0.0
        if depth_mm >= self.cap_mm:
            return 1.0
        return math.sqrt(1 - (1 - depth_mm / self.cap_mm) ** 2)

    def section_mask(self, x_mm: FloatArray, y_mm: FloatArray, z_mm: float) -> npt.NDArray[np.bool_]:
        """Return which points of a plane lie in the section at z; x and y broadcast."""
        scale = self.section_scale(z_mm)
        if scale == 0:
            return np.zeros(np.broadcast_shapes(x_mm.shape, y_mm.shape), dtype=np.bool_)
        across = (x_mm - self.centre_mm[0]) / (scale * self.radii_mm[0])
        along = (y_mm - self.centre_mm[1]) / (scale * self.radii_mm[1])
        return np.asarray(across * across + along * along <= 1.0)

    def outline_mm(self, z_mm: float, step_mm: float) -> FloatArray:
        """Return the section's outline at z as an (n, 2) polygon whose area is the ellipse's.

        The polygon's vertices lie a little outside the ellipse, by the factor that makes up for the
        chords, so that volumes stay free of the bias of inscribed polygons.
        """
        radii_mm = np.array(self.radii_mm) * self.section_scale(z_mm)
        count = max(12, math.ceil(math.tau * float(radii_mm.max()) / step_mm))
        angle = math.tau / count
        swell = math.sqrt(angle / math.sin(angle))
        turns = [(math.cos(angle * index), math.sin(angle * index)) for index in range(count)]
        return np.array(self.centre_mm[:2]) + np.array(turns) * radii_mm * swell

    def capsule_distance_mm(self, x_mm: FloatArray, y_mm: FloatArray, z_mm: FloatArray) -> FloatArray:
        """Return the signed distance to a capsule's surface, negative inside; the arrays broadcast."""
        radius_mm = self.cap_mm
        beyond_mm = np.maximum(0.0, np.abs(z_mm - self.centre_mm[2]) - (self.half_height_mm - radius_mm))
        across_squared = (x_mm - self.centre_mm[0]) ** 2 + (y_mm - self.centre_mm[1]) ** 2
        return np.asarray(np.sqrt(across_squared + beyond_mm**2) - radius_mm)
