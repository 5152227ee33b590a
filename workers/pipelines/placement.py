"""Brings structures into a dose grid: the same frame of reference, or a registration that links the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imaging.dicom.registration import SpatialRegistration
from imaging.dicom.rt_structure import StructureSet

SAME_FRAME = "same frame of reference"
_SAME_POINT_MM = 0.01
"""Registrations agree by the digits they were written with, to and fro."""
_CORNERS_MM = np.array([[x, y, z, 1.0] for x in (-1e3, 1e3) for y in (-1e3, 1e3) for z in (-1e3, 1e3)]).T
"""Around any patient."""
_Link = tuple[npt.NDArray[np.float64], str]


@dataclass(frozen=True, eq=False)
class Place:
    """How structures find their way into a dose grid.

    Without a `matrix` (4 x 4, structure mm to dose mm), `reason` says why there is none. `needs_review`: a
    registration was used, and a person has to look at it; `accepted`: who has, and what they said.
    `unlinked`: the frames are known and differ, and nothing links them. `waits`: there is a registration, and
    it is used only once a person has accepted it. The last two say how well a
    registration brings together what both sides draw.
    """

    matrix: npt.NDArray[np.float64] | None
    placed_by: str
    needs_review: bool
    reason: str
    unlinked: bool = False
    waits: bool = False
    accepted: str = ""
    surface_distance_mm: float | None = None
    displacement_mm: float | None = None


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
    links = _links(structures, dose, registrations)
    if not links:
        reason = "the dose lies in another frame of reference, and no registration links the two"
        if chain := _chain(structures, dose, registrations):
            files = ", ".join(f"'{file}'" for file in chain)
            reason = (
                "the dose lies in another frame of reference, and only several registrations one after the "
                f"other link the two ({files}): such a chain is not followed, for "
                "no one has measured its error"
            )
        return Place(None, "", needs_review=False, reason=reason, unlinked=True)
    if any(np.abs((matrix - links[0][0]) @ _CORNERS_MM).max() > _SAME_POINT_MM for matrix, _ in links):
        files = ", ".join(f"'{file}'" for file in dict.fromkeys(file for _, file in links))
        return _nowhere(f"several registrations link the frames of reference, and they differ: {files}")
    matrix, file = links[0]
    return Place(matrix, f"spatial registration '{file}'", needs_review=True, reason="")


def _links(start: str, end: str, registrations: Sequence[SpatialRegistration]) -> list[_Link]:
    """Every way from one frame to the other, with the file of its registration.

    An object maps frames into its own: where no map joins the two, two maps of one object may meet there.
    """
    steps = [(each, *_step(each, start)) for each in registrations if start in _frames(each)]
    direct = [(matrix, each.file) for each, frame, matrix in steps if frame == end]
    return direct or [
        (_step(second, frame)[1] @ matrix, first.file)
        for first, frame, matrix in steps
        for second in registrations
        if second.sop_instance_uid == first.sop_instance_uid and _frames(second) == {frame, end}
    ]


def _chain(start: str, end: str, registrations: Sequence[SpatialRegistration]) -> list[str]:
    """The files of the fewest registrations that lead from one frame to the other; none where none do."""
    ways: list[tuple[str, list[str]]] = [(start, [])]
    reached = {start}
    for frame, files in ways:
        if frame == end:
            return list(dict.fromkeys(files))
        for each in registrations:
            if frame in _frames(each) and (further := _step(each, frame)[0]) not in reached:
                reached.add(further)
                ways.append((further, [*files, each.file]))
    return []


def _frames(registration: SpatialRegistration) -> set[str]:
    return {registration.from_frame, registration.to_frame}


def _step(registration: SpatialRegistration, start: str) -> tuple[str, npt.NDArray[np.float64]]:
    """The frame that a registration leads to from one of its two, and the matrix."""
    if registration.from_frame == start:
        return registration.to_frame, registration.matrix
    return registration.from_frame, np.asarray(np.linalg.inv(registration.matrix), dtype=np.float64)


def _nowhere(reason: str) -> Place:
    return Place(None, "", needs_review=False, reason=reason)
