"""Tumours that no planning target holds, or only in part: measured on the contours themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dosimetry.region import Region, union
from dosimetry.volume import region_volume_cc
from imaging.dicom.rt_structure import Roi, StructureSet
from imaging.findings import Finding, FindingCode, warning
from workers.pipelines.plan_aims import extent, same_name
from workers.pipelines.prepared_plans import PreparedPlan

_STRAY_SHARE = 0.05
"""Of a tumour: less outside its targets is how two contours of one rim are drawn."""
_OUTSIDE_SHARE = 0.5
"""With more outside, no target lies around the tumour."""


def tumours_without_target(plans: Sequence[PreparedPlan]) -> list[Finding]:
    """Each GTV that lies outside all PTVs of its structure set, wholly or in part.

    One whose name is that of a GTV within a target of another set is its other drawing.
    """
    known = [plan.lookup.structure_set for plan in plans if plan.lookup.structure_set]
    sets = {each.sop_instance_uid: each for each in known}.values()
    tumours = [each for structure_set in sets for each in _tumours(structure_set)]
    inside = {same_name(each.roi.name) for each in tumours if each.share <= _STRAY_SHARE}
    return [
        _finding(each)
        for each in tumours
        if each.has_targets and each.share > _STRAY_SHARE and same_name(each.roi.name) not in inside
    ]


@dataclass(frozen=True, eq=False)
class _Tumour:
    """A GTV, its volume and what of it lies in no PTV; `has_targets`: its structure set draws any."""

    roi: Roi
    structure_set: StructureSet
    volume_cc: float
    outside_cc: float
    has_targets: bool

    @property
    def share(self) -> float:
        return self.outside_cc / self.volume_cc


def _tumours(structure_set: StructureSet) -> Iterator[_Tumour]:
    targets = [roi for roi in structure_set.rois if roi.structure and _is_called(roi, "PTV")]
    for roi in structure_set.rois:
        if roi.structure is None or not _is_called(roi, "GTV"):
            continue
        whole = Region.of(roi.structure)
        near = [Region.of(each.structure) for each in targets if each.structure and _meet(each, roi)]
        volume = region_volume_cc(whole)
        outside = region_volume_cc(whole - union(near)) if near else volume
        if volume > 0:
            yield _Tumour(roi, structure_set, volume, outside, bool(targets))


def _meet(one: Roi, other: Roi) -> bool:
    """Whether their boxes meet; what lies outside them both is not in both."""
    (low, high), (other_low, other_high) = extent(one), extent(other)
    return bool(np.all(low <= other_high) and np.all(other_low <= high))


def _finding(tumour: _Tumour) -> Finding:
    name = f"'{tumour.roi.name}' is a tumour by name or type, and"
    figures = f"{tumour.outside_cc:.3g} of its {tumour.volume_cc:.3g} cc"
    words = (
        f"no planning target lies around it: {figures} are in none"
        if tumour.share > _OUTSIDE_SHARE
        else f"its planning target leaves out {figures}"
    )
    return warning(
        FindingCode.TUMOUR_WITHOUT_TARGET,
        f"{name} {words}",
        action="Find out whether all of it is to be treated: then its PTV is missing or too small.",
        file=tumour.structure_set.file,
        structure=tumour.roi.name,
    )


def _is_called(roi: Roi, kind: str) -> bool:
    names = (kind, f"I{kind}")
    return roi.interpreted_type == kind or roi.verbatim_name.strip().upper().startswith(names)
