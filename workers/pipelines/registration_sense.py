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
_BODY = "EXTERNAL"
_OUTSIDE_ANATOMY = (*_TARGETS, _BODY, "SUPPORT", "FIXATION", "BOLUS", "CONTROL", "AVOIDANCE")
"""Interpreted types that tell nothing: two plans aim elsewhere, and a body is cut off where its scan ends."""
_Matrix = npt.NDArray[np.float64]
_Drawn = dict[str, list[Roi]]


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
    here, there = drawn_in_both(structure_sets, frame, dose_frame)
    shared = {name: _shared(matrix, rois, there[name]) for name, rois in here.items()}
    if not shared or float(np.median(list(shared.values()))) >= LEAST_SHARED:
        return ""
    names = [here[name][0].name for name in sorted(shared, key=lambda each: (shared[each], each))[:_NAMED]]
    listed = ", ".join(f"'{name}'" for name in names)
    return f"it does not bring together what both structure sets draw (such as {listed})"


def drawn_in_both(structure_sets: Sequence[StructureSet], frame: str, other: str) -> tuple[_Drawn, _Drawn]:
    """By plain name: the anatomy that the structure sets of both frames draw, targets and the body left out.

    Where that is nothing the bodies stand for it: they tell less, and a registration that parts even these
    would place every organ outside the other plan's dose.
    """
    of_anatomy = _drawn_in(frame, structure_sets), _drawn_in(other, structure_sets)
    of_body = _bodies_in(frame, structure_sets), _bodies_in(other, structure_sets)
    for here, there in (of_anatomy, of_body):
        if names := sorted(here.keys() & there.keys()):
            return {name: here[name] for name in names}, {name: there[name] for name in names}
    return {}, {}


def _drawn_in(frame: str, structure_sets: Sequence[StructureSet]) -> _Drawn:
    found: _Drawn = {}
    for structure_set in structure_sets:
        if structure_frame(structure_set) == frame:
            for roi in anatomy(structure_set):
                found.setdefault(same_name(roi.verbatim_name), []).append(roi)
    return found


def _bodies_in(frame: str, structure_sets: Sequence[StructureSet]) -> _Drawn:
    """By their type: each system has a name of its own for them."""
    sets = [each for each in structure_sets if structure_frame(each) == frame]
    bodies = [roi for each in sets for roi in each.rois if roi.structure and roi.interpreted_type == _BODY]
    return {_BODY: bodies} if bodies else {}


def anatomy(structure_set: StructureSet) -> Iterator[Roi]:
    """What a set draws of the patient's anatomy: no target, body, support or helper."""
    for roi in structure_set.rois:
        is_target = roi.verbatim_name.strip().upper().startswith(_TARGETS)
        if roi.structure and not is_target and (roi.interpreted_type or "") not in _OUTSIDE_ANATOMY:
            yield roi


def _shared(matrix: _Matrix, here: Sequence[Roi], there: Sequence[Roi]) -> float:
    """Of all pairs of one name the best: part of the smaller box that lies in the other one."""
    moved = [_box(_points(roi) @ matrix[:3, :3].T + matrix[:3, 3]) for roi in here]
    return max(_overlap(one, _box(_points(other))) for one in moved for other in there)


def _points(roi: Roi) -> _Matrix:
    assert roi.structure is not None  # noqa: S101 - `anatomy` has looked
    return np.concatenate(roi.structure.contours)


def _box(points: _Matrix) -> Extent:
    return points.min(axis=0), points.max(axis=0)


def _overlap(one: Extent, other: Extent) -> float:
    """Along each axis, of the shorter one; a flat box counts where it lies in the other one."""
    common = np.minimum(one[1], other[1]) - np.maximum(one[0], other[0])
    shorter = np.minimum(one[1] - one[0], other[1] - other[0])
    shares = np.where(shorter > 0, common / np.where(shorter > 0, shorter, 1.0), common >= 0)
    return float(np.prod(np.clip(shares, 0.0, 1.0)))
