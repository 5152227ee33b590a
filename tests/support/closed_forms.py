"""Solids with known dose-volume histograms: their contours, and closed forms in linear and radial doses."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dosimetry.grid import DoseGrid
from dosimetry.structure import Structure

FloatArray = NDArray[np.float64]

OFFSET_GY = 60.0
"""Dose at the origin of a linear dose: keeps every phantom above zero."""
_CURVE_POINTS = 720


class Shape(StrEnum):
    """Solids of radius r and height 2r about the origin; lying ones have their axis along y."""

    SPHERE = "sphere"
    CYLINDER = "cylinder"
    LYING_CYLINDER = "lying_cylinder"
    CONE = "cone"
    LYING_CONE = "lying_cone"


class Direction(StrEnum):
    """Of a dose gradient of 1 Gy/mm."""

    SI = "z"
    AP = "y"
    LR = "x"


@dataclass(frozen=True)
class Phantom:
    """One solid, cut by planes.

    `phase` shifts the planes, in spacings, from the tiled position: at half spacings about the middle if
    the height is an even multiple of the spacing, through the middle if it is odd.
    """

    shape: Shape
    radius_mm: float
    spacing_mm: float
    phase: float = 0.0

    def structure(self, centre_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Structure:
        contours = [contour(self.shape, self.radius_mm, z) for z in self.heights_mm()]
        centre = np.array(centre_mm)
        return Structure(self.shape, [c + centre for c in contours], slice_thickness_mm=self.spacing_mm)

    def heights_mm(self) -> FloatArray:
        r, s = self.radius_mm, self.spacing_mm
        count = round(2 * r / s)
        offset = (0.5 if count % 2 == 0 else 0.0) + self.phase
        heights = (np.arange(-count - 1, count + 2) + offset) * s
        inside: FloatArray = heights[np.abs(heights) < r - 1e-9]
        return inside


def linear_dose(direction: Direction, spacing_mm: float = 2.5, half_width_mm: float = 45.0) -> DoseGrid:
    """`OFFSET_GY` at the origin, rising by 1 Gy/mm, on a grid that is off-centre to the origin."""
    count = int(2 * half_width_mm / spacing_mm) + 2
    affine = np.diag([spacing_mm, spacing_mm, spacing_mm, 1.0])
    affine[:3, 3] = -half_width_mm - np.array([0.31, 0.47, 0.59]) * spacing_mm
    along = "xyz".index(direction)
    axis = affine[along, 3] + np.arange(count) * spacing_mm
    values = np.zeros((count, count, count)) + OFFSET_GY
    values += np.expand_dims(axis, tuple(other for other in range(3) if other != 2 - along))
    return DoseGrid(values, affine)


def contour(shape: Shape, radius_mm: float, z_mm: float) -> FloatArray:
    """Outline of a solid at a height, shape (n, 3)."""
    r = radius_mm
    match shape:
        case Shape.SPHERE:
            return _circle(np.sqrt(r * r - z_mm * z_mm), z_mm)
        case Shape.CYLINDER:
            return _circle(r, z_mm)
        case Shape.CONE:
            return _circle((r - z_mm) / 2, z_mm)
        case Shape.LYING_CYLINDER:
            half = np.sqrt(r * r - z_mm * z_mm)
            return _rectangle(half, r, z_mm)
        case Shape.LYING_CONE:
            half = np.sqrt(r * r - z_mm * z_mm)
            x = -half * np.cos(np.linspace(0, np.pi, _CURVE_POINTS))
            return np.column_stack([x, r - 2 * np.sqrt(x * x + z_mm * z_mm), np.full(len(x), z_mm)])


def _circle(radius_mm: float, z_mm: float) -> FloatArray:
    angle = np.arange(_CURVE_POINTS) * (2 * np.pi / _CURVE_POINTS)
    x, y = radius_mm * np.cos(angle), radius_mm * np.sin(angle)
    return np.column_stack([x, y, np.full(_CURVE_POINTS, z_mm)])


def _rectangle(half_x: float, half_y: float, z_mm: float) -> FloatArray:
    edge = np.linspace(-1, 1, _CURVE_POINTS // 4, endpoint=False)
    one = np.ones_like(edge)
    x = np.concatenate([edge, one, -edge, -one]) * half_x
    y = np.concatenate([-one, edge, one, -edge]) * half_y
    return np.column_stack([x, y, np.full(len(x), z_mm)])


@dataclass(frozen=True, eq=False)
class ClosedForm:
    """Distribution of a solid's volume over the dose."""

    dose_gy: FloatArray
    below_cc: FloatArray

    @property
    def volume_cc(self) -> float:
        return float(self.below_cc[-1])

    @property
    def mean_gy(self) -> float:
        middle = 0.5 * (self.dose_gy[1:] + self.dose_gy[:-1])
        return float(np.sum(middle * np.diff(self.below_cc)) / self.volume_cc)

    def dose_to_gy(self, volume_cc: float) -> float:
        """Lowest dose of the hottest part with a volume."""
        return float(np.interp(self.volume_cc - volume_cc, self.below_cc, self.dose_gy))


def closed_form(shape: Shape, radius_mm: float, direction: Direction, steps: int = 40_001) -> ClosedForm:
    """The exact histogram in `linear_dose`: areas across the gradient, integrated."""
    r = radius_mm
    t = -r * np.cos(np.linspace(0, np.pi, steps))
    area = _areas_across(shape, r, direction, t)
    below = np.concatenate([[0.0], np.cumsum(0.5 * (area[1:] + area[:-1]) * np.diff(t))]) / 1000
    return ClosedForm(OFFSET_GY + t, below)


def _areas_across(shape: Shape, r: float, direction: Direction, t: FloatArray) -> FloatArray:
    axis = Direction.SI if shape in (Shape.CONE, Shape.CYLINDER) else Direction.AP
    upright = direction is axis
    disc = np.maximum(r * r - t * t, 0.0)
    if shape is Shape.SPHERE:
        return np.pi * disc
    if shape in (Shape.CYLINDER, Shape.LYING_CYLINDER):
        return np.full_like(t, np.pi * r * r) if upright else 4 * r * np.sqrt(disc)
    if upright:
        return np.pi * ((r - t) / 2) ** 2
    return _cone_area_beside_axis(r, t)


def _cone_area_beside_axis(r: float, t: FloatArray) -> FloatArray:
    """Cut of the cone by a plane at distance t from its axis: the integral of its chords over the radius."""
    a = np.abs(t)
    inside = a < r
    area = np.zeros_like(t)
    x = np.sqrt(r * r - a[inside] ** 2)
    b = np.maximum(a[inside], 1e-300)
    # chord 2 sqrt(rho^2 - a^2) at radius rho, whose height changes by 2 d rho
    area[inside] = 4 * 0.5 * (r * x - b * b * np.arccosh(np.maximum(r / b, 1.0)))
    return area


def radial_dose_gy(distance_mm: FloatArray) -> FloatArray:
    """A steep fall-off about a small target, as of stereotactic treatments: 20 Gy inside, 10 at 8 mm."""
    return np.asarray(20.0 / (1.0 + (distance_mm / 8.0) ** 4))


def radial_closed_form(radius_mm: float, steps: int = 40_001) -> ClosedForm:
    """The exact histogram of a sphere about the middle of `radial_dose_gy`: shells, the outermost first."""
    r = np.linspace(radius_mm, 0.0, steps)
    return ClosedForm(radial_dose_gy(r), 4 / 3 * np.pi * (radius_mm**3 - r**3) / 1000)
