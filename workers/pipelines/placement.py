"""Brings structures into a dose grid: the same frame of reference, or a registration that links the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imaging.dicom.registration import SpatialRegistration
from imaging.dicom.rt_structure import StructureSet

SAME_FRAME = "same frame of reference"
_SAME_MATRIX_MM = 1e-6


@dataclass(frozen=True, eq=False)
class Place:
    """How structures find their way into a dose grid.

    Without a `matrix` (4 x 4, structure mm to dose mm), `reason` says why there is none. `needs_review`: a
    registration was used, and a person has to look at it.
    """

    matrix: npt.NDArray[np.float64] | None
    placed_by: str
    needs_review: bool
    reason: str


def structure_frame(structure_set: StructureSet) -> str | None:
    """The frame of reference of a structure set: its own, else the one that all its ROIs share."""
    if structure_set.frame_of_reference_uid:
        return structure_set.frame_of_reference_uid
    frames = {roi.frame_of_reference_uid for roi in structure_set.rois if roi.frame_of_reference_uid}
    return frames.pop() if len(frames) == 1 else None


def place(structures: str | None, dose: str | None, registrations: Sequence[SpatialRegistration]) -> Place:
    """Find the way from the frame of the structures to the frame of the dose; never by coordinates alone."""
    if structures is None or dose is None:
        return _nowhere("the frame of reference is missing in the structure set or the dose")
    if structures == dose:
        return Place(np.eye(4), SAME_FRAME, needs_review=False, reason="")
    links = [(_matrix(each, structures), each) for each in registrations if _links(each, structures, dose)]
    if not links:
        return _nowhere("the dose lies in another frame of reference, and no registration links the two")
    if any(not np.allclose(matrix, links[0][0], rtol=0, atol=_SAME_MATRIX_MM) for matrix, _ in links):
        files = ", ".join(f"'{each.file}'" for _, each in links)
        return _nowhere(f"several registrations link the frames of reference, and they differ: {files}")
    matrix, registration = links[0]
    return Place(matrix, f"spatial registration '{registration.file}'", needs_review=True, reason="")


def _links(registration: SpatialRegistration, one: str, other: str) -> bool:
    return {registration.from_frame, registration.to_frame} == {one, other}


def _matrix(registration: SpatialRegistration, structures: str) -> npt.NDArray[np.float64]:
    if registration.from_frame == structures:
        return registration.matrix
    return np.asarray(np.linalg.inv(registration.matrix), dtype=np.float64)


def _nowhere(reason: str) -> Place:
    return Place(None, "", needs_review=False, reason=reason)
