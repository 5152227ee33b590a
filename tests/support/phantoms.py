"""Contours and doses whose numbers can be written down: boxes, cylinders, spheres, a linear dose."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from imaging.synthetic.solids import Solid
from tests.support.dicom_builders import (
    ct_datasets,
    dose_dataset,
    plan_dataset,
    structure_dataset,
    write,
)

Floats = npt.NDArray[np.float64]


def rectangle_mm(
    z_mm: float, *, half_mm: tuple[float, float] = (10.0, 10.0), centre_mm: tuple[float, float] = (0.0, 0.0)
) -> Floats:
    """Return one rectangular contour, (4, 3)."""
    x, y = centre_mm
    across, back = half_mm
    corners = [(x - across, y - back), (x + across, y - back), (x + across, y + back), (x - across, y + back)]
    return np.array([(*corner, z_mm) for corner in corners])


def box_mm(z_mm: Sequence[float], **rectangle: tuple[float, float]) -> list[Floats]:
    """Return a box: the same rectangle at each z."""
    return [rectangle_mm(z, **rectangle) for z in z_mm]


def tube_with_hole_mm(z_mm: float, *, outer_mm: float = 10.0, inner_mm: float = 4.0) -> list[Floats]:
    """Return two nested squares: with the XOR reading the inner one is a hole."""
    return [rectangle_mm(z_mm, half_mm=(half, half)) for half in (outer_mm, inner_mm)]


def keyhole_mm(z_mm: float, *, outer_mm: float = 10.0, inner_mm: float = 4.0) -> Floats:
    """Return a square with a square hole as one contour, joined by a channel of no width."""
    outer = rectangle_mm(z_mm, half_mm=(outer_mm, outer_mm))
    inner = rectangle_mm(z_mm, half_mm=(inner_mm, inner_mm))[::-1]
    hole = np.vstack([inner[-1:], inner[:-1]])
    return np.vstack([outer, outer[:1], hole, hole[:1], outer[:1]])


def sphere_mm(centre_mm: tuple[float, float, float], radius_mm: float, *, slice_mm: float) -> list[Floats]:
    """Return a sphere's circular contours on planes at multiples of ``slice_mm``."""
    return _solid_mm(Solid.capsule(centre_mm, radius_mm), slice_mm)


def cylinder_mm(
    centre_mm: tuple[float, float, float], radius_mm: float, half_height_mm: float, *, slice_mm: float
) -> list[Floats]:
    """Return an upright cylinder's circular contours on planes at multiples of ``slice_mm``."""
    return _solid_mm(Solid.tube(centre_mm, (radius_mm, radius_mm), half_height_mm), slice_mm)


def linear_dose_gy(x_mm: Floats, y_mm: Floats, z_mm: Floats) -> Floats:
    """Return 20 Gy at the origin, rising by 0.05, -0.03 and 0.07 Gy for each mm of x, y and z."""
    return np.asarray(20 + 0.05 * x_mm - 0.03 * y_mm + 0.07 * z_mm)


def write_small_course(folder: Path, *, dose_gy: float = 10.0) -> list[Path]:
    """Write the least that is whole: 5 CT slices, boxes PTV and BODY, 10 Gy in 5, a uniform dose."""
    z_mm = (-6.0, -3.0, 0.0, 3.0, 6.0)
    structures = structure_dataset(
        {"PTV": box_mm(z_mm[1:4]), "BODY": box_mm(z_mm, half_mm=(20.0, 15.0))},
        types={"PTV": "PTV", "BODY": "EXTERNAL"},
    )
    return write(folder, *ct_datasets(z_mm=z_mm), structures, plan_dataset(), dose_dataset(dose_gy))


def _solid_mm(solid: Solid, slice_mm: float) -> list[Floats]:
    lowest_mm, highest_mm = solid.z_range_mm
    planes_mm = slice_mm * np.arange(math.ceil(lowest_mm / slice_mm), math.floor(highest_mm / slice_mm) + 1)
    outlines = ((solid.outline_mm(z, 1.0), z) for z in planes_mm.tolist() if solid.section_scale(z) > 0)
    return [np.column_stack([outline, np.full(len(outline), z)]) for outline, z in outlines]
