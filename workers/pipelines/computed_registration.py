"""The registration of two frames of reference that is computed from their CTs, for all who ask for one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from imaging.course import Course
from imaging.dicom.ct import CtSeries
from imaging.errors import ImagingError

if TYPE_CHECKING:
    from imaging.transforms import ComputedRegistration

_DIGITS = 9
"""Digits beyond are known to no registration, and would differ between processors."""


class NoCtError(ImagingError):
    """A frame of reference without a CT; `frame` says which."""

    def __init__(self, frame: str) -> None:
        self.frame = frame
        super().__init__("no CT lies in the frame of reference")


@dataclass(frozen=True, eq=False)
class CtRegistration:
    """A registration and the CTs that it was computed from.

    Attributes
    ----------
    found
        The map from the fixed CT's frame of reference to the moving one's, with figures for the reviewer.
    fixed_uid, moving_uid
        Series Instance UIDs.
    """

    found: ComputedRegistration
    fixed_uid: str
    moving_uid: str


def registration_of_cts(course: Course, fixed_frame: str, moving_frame: str) -> CtRegistration:
    """Compute the rigid map from one frame of reference to another; a person has to look at it.

    Raises
    ------
    NoCtError
        If a frame has no CT.
    ImagingError
        If a CT cannot be read as a volume, or the two cannot be registered.
    """
    fixed, moving = (_ct_in(course, frame) for frame in (fixed_frame, moving_frame))
    from imaging.dicom.ct_volume import read_ct_volume  # noqa: PLC0415 - SimpleITK takes a moment to load
    from imaging.transforms import register_rigid  # noqa: PLC0415

    found = register_rigid(read_ct_volume(fixed), read_ct_volume(moving))
    rounded = replace(found, matrix=np.asarray(np.round(found.matrix, _DIGITS) + 0.0, dtype=np.float64))
    return CtRegistration(rounded, fixed.series_uid, moving.series_uid)


def _ct_in(course: Course, frame: str) -> CtSeries:
    """The CT of a frame of reference; of several, the one with the most slices."""
    found = [series for series in course.ct_series if series.frame_of_reference_uid == frame]
    if not found:
        raise NoCtError(frame)
    return min(found, key=lambda series: (-len(series.slices), series.series_uid))
