"""Structures: named sets of closed planar contours."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dosimetry.errors import StructureError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Structure:
    """A named set of closed planar contours.

    Only closed planar contours belong here: points and open contours enclose nothing, so the
    reader leaves them out. Contours of one plane combine by the even-odd rule, which serves holes
    as inner contours, keyholes and several parts alike. `dosimetry.contours.sections` says which contours
    add no volume and why.

    Parameters
    ----------
    name
        As in the file.
    contours
        Each of shape (n, 3), patient coordinates (DICOM LPS) in mm; the first point need not be
        repeated at the end.
    slice_thickness_mm
        Distance of the image planes that the contours were drawn on, where it is known: the
        thickness of a structure with one plane, and what a gap between planes is judged by.

    Raises
    ------
    StructureError
        If a contour is not an (n, 3) array of finite numbers, or the thickness is not above 0.
    """

    name: str
    contours: Sequence[FloatArray]
    slice_thickness_mm: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        checked = tuple(_checked_contour(self.name, contour) for contour in self.contours)
        if checked and not np.isfinite(np.concatenate(checked)).all():
            raise StructureError(self.name, "a contour has a coordinate that is not finite")
        object.__setattr__(self, "contours", checked)
        thickness = self.slice_thickness_mm
        if thickness is not None and not (np.isfinite(thickness) and thickness > 0):
            raise StructureError(self.name, f"slice thickness is {thickness:g} mm; expected above 0")


def _checked_contour(name: str, contour: FloatArray) -> FloatArray:
    # What nobody can write to needs no copy.
    is_frozen = isinstance(contour, np.ndarray) and contour.base is None and not contour.flags.writeable
    points = np.array(contour, dtype=np.float64, copy=None if is_frozen else True)
    if points.ndim != 2 or points.shape[1] != 3:
        raise StructureError(name, f"a contour has shape {points.shape}; expected (n, 3)")
    points.flags.writeable = False
    return points
