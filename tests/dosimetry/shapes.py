"""Simple structures and doses for tests: boxes, cylinders of circles, constant and linear grids."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dosimetry.accumulation.point_sum import Dose, DoseLayer
from dosimetry.grid import DoseGrid
from dosimetry.structure import Structure

FloatArray = NDArray[np.float64]


def square(half_mm: float, z_mm: float, centre: tuple[float, float] = (0.0, 0.0)) -> FloatArray:
    """A square outline in an axial plane."""
    x, y = centre
    corners = [(x - half_mm, y - half_mm), (x + half_mm, y - half_mm), (x + half_mm, y + half_mm)]
    corners.append((x - half_mm, y + half_mm))
    return np.array([(a, b, z_mm) for a, b in corners])


def box(
    half_mm: float, heights_mm: Iterable[float], centre: tuple[float, float] = (0.0, 0.0), name: str = "box"
) -> Structure:
    """Squares at the given heights."""
    return Structure(name, [square(half_mm, z, centre) for z in heights_mm])


def grid_of(
    values: FloatArray, spacing_mm: float = 2.0, origin_mm: tuple[float, float, float] = (0, 0, 0)
) -> DoseGrid:
    """Head-first grid with cubic voxels."""
    affine = np.diag([spacing_mm, spacing_mm, spacing_mm, 1.0])
    affine[:3, 3] = origin_mm
    return DoseGrid(values, affine)


def constant_dose(dose_gy: float, half_width_mm: float = 60.0) -> DoseGrid:
    """The same dose everywhere, about the origin."""
    count = int(half_width_mm) + 1
    return grid_of(np.full((count,) * 3, dose_gy), 2.0, (-half_width_mm,) * 3)


def plan(grid: DoseGrid, fractions: float | None = None) -> Dose:
    """One plan's physical dose."""
    return Dose((DoseLayer(grid, fractions),))
