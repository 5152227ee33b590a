"""Planes in the patient: orientation and position elements, checked (PS3.3 C.7.6.2.1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from imaging.dicom.elements import Item

FloatArray = npt.NDArray[np.float64]
Vector = tuple[float, float, float]

DIRECTION_TOLERANCE = 1e-3
"""Direction cosines may be this far from unit length and right angles: they are often rounded to 4 digits."""


class PatientPosition(StrEnum):
    """PatientPosition (PS3.3 C.7.3.1.1.2) of people; animals and sitting ones are not expected here."""

    HFS = "HFS"
    HFP = "HFP"
    HFDR = "HFDR"
    HFDL = "HFDL"
    FFS = "FFS"
    FFP = "FFP"
    FFDR = "FFDR"
    FFDL = "FFDL"


@dataclass(frozen=True)
class Plane:
    """Where a plane of pixels lies, in patient mm (LPS).

    `row_direction` is where the column index grows, `column_direction` where the row index grows; both are
    unit vectors at a right angle. `pixel_spacing_mm` is (between rows, between columns), as PS3.3 10.7.1.3
    orders it.
    """

    position_mm: Vector
    row_direction: Vector
    column_direction: Vector
    pixel_spacing_mm: tuple[float, float]

    @property
    def normal(self) -> FloatArray:
        """Unit vector, row x column: the direction of ascending plane offsets."""
        return np.cross(self.row_direction, self.column_direction)


def read_plane(item: Item, *, spacing_mm: tuple[float, float] | None = None) -> Plane | str:
    """Read position, orientation and spacing (unless it is given), or say which element makes it
    impossible."""
    position = item.numbers("ImagePositionPatient", count=3)
    orientation = item.numbers("ImageOrientationPatient", count=6)
    spacing = item.numbers("PixelSpacing", count=2) if spacing_mm is None else spacing_mm
    if position is None:
        return "ImagePositionPatient"
    if orientation is None or (directions := _directions(np.array(orientation))) is None:
        return "ImageOrientationPatient"
    if spacing is None or min(spacing) <= 0:
        return "PixelSpacing"
    return Plane(_vector(position), *directions, (spacing[0], spacing[1]))


def _directions(cosines: FloatArray) -> tuple[Vector, Vector] | None:
    row, column = cosines[:3], cosines[3:]
    lengths = np.array([np.linalg.norm(row), np.linalg.norm(column)])
    if np.abs(lengths - 1).max() > DIRECTION_TOLERANCE or abs(row @ column) > DIRECTION_TOLERANCE:
        return None
    row = row / lengths[0]
    column = column - (column @ row) * row
    return _vector(row), _vector(column / np.linalg.norm(column))


def _vector(values: npt.ArrayLike) -> Vector:
    x, y, z = (float(value) for value in np.asarray(values, dtype=np.float64))
    return x, y, z
