"""Structures: named sets of closed planar contours."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_PLANAR_TOLERANCE_MM = 0.1
"""A contour that leaves its plane by more than this is not planar (coordinates are often rounded to 0.01 mm)."""
_SMALLEST_AREA_MM2 = 1e-4
"""Below this a contour is a point or a line: 0.01 mm squared, the rounding of coordinates."""


class IgnoredReason(StrEnum):
    """Why a contour adds no volume."""

    TOO_FEW_POINTS = "too_few_points"
    NO_AREA = "no_area"
    NOT_PLANAR = "not_planar"
    OTHER_ORIENTATION = "other_orientation"


@dataclass(frozen=True)
class IgnoredContour:
    """A contour that was left out, by its place in the list handed over."""

    index: int
    reason: IgnoredReason


@dataclass(frozen=True, eq=False)
class Structure:
    """A named set of closed planar contours.

    Only closed planar contours belong here: points and open contours enclose nothing, the reader leaves them out.
    Contours of one plane combine by the even-odd rule, which serves holes as inner contours, keyholes and several
    parts alike. All contours lie parallel to the plane that holds most of the structure's outline.

    Parameters
    ----------
    name
        As in the file.
    contours
        Each of shape (n, 3), patient coordinates (DICOM LPS) in mm; the first point need not be repeated.
    slice_thickness_mm
        The thickness of a structure that has one plane only; None: `DEFAULT_SLICE_THICKNESS_MM` of `dosimetry.solid`.

    Attributes
    ----------
    ignored
        Contours that enclose nothing or do not fit the others, with the reason.

    Raises
    ------
    StructureError
        If a contour is not an (n, 3) array of finite numbers.
    """

    name: str
    contours: tuple[FloatArray, ...]
    slice_thickness_mm: float | None = field(default=None, kw_only=True)
    ignored: tuple[IgnoredContour, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        checked = [_checked_contour(self.name, contour) for contour in self.contours]
        object.__setattr__(self, "contours", tuple(checked))
