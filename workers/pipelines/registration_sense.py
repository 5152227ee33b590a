"""Whether a registration makes sense: what both structure sets draw under one name has to meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from imaging.dicom.rt_structure import Roi, StructureSet
from workers.pipelines.placement import structure_frame
from workers.pipelines.plan_aims import Extent, same_name

LEAST_SHARED = 0.25
"""Of the smaller one's box, in the middle (median) of all names: organs that moved or were drawn shorter keep
more, a matrix of the wrong direction or of other scans leaves less."""
_NAMED = 3
_TARGETS = ("PTV", "CTV", "GTV", "ITV", "IGTV")
_OUTSIDE_ANATOMY = (*_TARGETS, "EXTERNAL", "SUPPORT", "FIXATION", "BOLUS", "CONTROL", "AVOIDANCE")
"""Interpreted types that tell nothing: two plans aim elsewhere, and a body is cut off where its scan ends."""
_Matrix = npt.NDArray[np.float64]


def contradiction(
    matrix: _Matrix, structure_sets: Sequence[StructureSet], frame: str, dose_frame: str
) -> str:
    """Say that a registration does not bring together what both frames' structure sets draw; empty where it
    does, or where they draw nothing of one name.

    Parameters
    ----------
    matrix
        From `frame` to `dose_frame`, 4 x 4, mm.
    structure_sets
        All of the course.
    """
    here, there = drawn_in(frame, structure_sets), drawn_in(dose_frame, structure_sets)
    shared = {name: _shared(matrix, here[name], there[name]) for name in sorted(here.keys() & there.keys())}
    if not shared or float(np.median(list(shared.values()))) >= LEAST_SHARED:
        return ""
    names = [here[name][0].name for name in sorted(shared, key=lambda each: (shared[each], each))[:_NAMED]]
    listed = ", ".join(f"'{name}'" for name in names)
    return f"it does not bring together what both structure sets draw (such as {listed})"


def drawn_in(frame: str, structure_sets: Sequence[StructureSet]) -> dict[str, list[Roi]]:
    """By plain name: what structure sets of a frame draw of the anatomy, targets and the body left out."""
    found: dict[str, list[Roi]] = {}
    for structure_set in structure_sets:
        if structure_frame(structure_set) == frame:
            for roi in _anatomy(structure_set):
                found.setdefault(same_name(roi.verbatim_name), []).append(roi)
    return found


def _anatomy(structure_set: StructureSet) -> Iterator[Roi]:
    for roi in structure_set.rois:
        is_target = roi.verbatim_name.strip().upper().startswith(_TARGETS)
        if roi.structure and not is_target and (roi.interpreted_type or "") not in _OUTSIDE_ANATOMY:
            yield roi


def _shared(matrix: _Matrix, here: Sequence[Roi], there: Sequence[Roi]) -> float:
    """Of all pairs of one name the best: part of the smaller box that lies in the other one."""
    moved = [_box(_points(roi) @ matrix[:3, :3].T + matrix[:3, 3]) for roi in here]
    return max(_overlap(one, _box(_points(other))) for one in moved for other in there)


def _points(roi: Roi) -> _Matrix:
    assert roi.structure is not None  # noqa: S101 - `_anatomy` has looked
    return np.concatenate(roi.structure.contours)


def _box(points: _Matrix) -> Extent:
    return points.min(axis=0), points.max(axis=0)


def _overlap(one: Extent, other: Extent) -> float:
    """Along each axis, of the shorter one; a flat box counts where it lies in the other one."""
    common = np.minimum(one[1], other[1]) - np.maximum(one[0], other[0])
    shorter = np.minimum(one[1] - one[0], other[1] - other[0])
    shares = np.where(shorter > 0, common / np.where(shorter > 0, shorter, 1.0), common >= 0)
    return float(np.prod(np.clip(shares, 0.0, 1.0)))
