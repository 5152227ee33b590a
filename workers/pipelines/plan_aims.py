"""What a plan aims at, so that plans of one regimen can be compared, also across structure sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imaging.dicom.rt_plan import RtPlan
from imaging.dicom.rt_structure import Roi
from trial_core.domain.protocol import TargetRule
from workers.pipelines.placement import structure_frame
from workers.pipelines.regimen_assignment import target_references
from workers.pipelines.structure_lookup import StructureLookup
from workers.pipelines.targets import PlanTarget

Extent = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
"""Lowest and highest x, y, z of a target, mm."""


@dataclass(frozen=True, eq=False)
class Aims:
    """The targets of a plan.

    Attributes
    ----------
    targets
        Their names as they are compared: the protocol's, with the ROI's where every ROI is a target of its
        own. Empty: not known.
    offered
        The same of all ROIs in its structure set that could be targets.
    structure_set
        UID of the structure set; empty: none.
    frame, extents
        Where the targets lie, and in which frame of reference.
    guessed
        The plan names none of several possible targets: it is taken to aim at all.
    """

    targets: frozenset[str]
    offered: frozenset[str] = frozenset()
    structure_set: str = ""
    frame: str | None = None
    extents: tuple[Extent, ...] = ()
    guessed: bool = False

    def may_be_those_of(self, other: Aims) -> bool:
        """Whether these could be the other plan's targets under other names.

        Not in one structure set; not where one of the sets shows both; not where they lie apart.
        """
        if self.structure_set == other.structure_set:
            return False
        told_apart = self.targets <= other.offered or other.targets <= self.offered
        return not told_apart and not self.lie_apart(other)

    def lie_apart(self, other: Aims) -> bool:
        """Whether no target of one meets a target of the other, in one frame of reference."""
        if self.frame is None or self.frame != other.frame:
            return False
        return all(_are_apart(one, another) for one in self.extents for another in other.extents)


def aims_of(plan: RtPlan, targets: Sequence[PlanTarget], lookup: StructureLookup) -> Aims:
    """What a plan aims at; nothing where any of its targets is not known."""
    structure_set = lookup.structure_set
    if structure_set is None or any(target.structure.region is None for target in targets):
        return Aims(frozenset())
    rules = {target.rule.structure: target.rule for target in targets}.values()
    rois = [roi for target in targets for roi in target.structure.rois]
    return Aims(
        targets=frozenset(_name(target.rule, roi) for target in targets for roi in target.structure.rois),
        offered=frozenset(_name(rule, roi) for rule in rules for roi in lookup.candidates(rule.structure)),
        structure_set=structure_set.sop_instance_uid,
        frame=structure_frame(structure_set),
        extents=tuple(extent(roi) for roi in rois if roi.structure is not None),
        guessed=any(rule.each for rule in rules) and not _names_any(plan, rois),
    )


def _names_any(plan: RtPlan, rois: Sequence[Roi]) -> bool:
    numbers = {reference.roi_number for reference in target_references(plan)}
    return any(roi.number in numbers for roi in rois)


def same_name(name: str) -> str:
    """A name as it is compared between structure sets: without case, and with single spaces."""
    return " ".join(name.split()).casefold()


def _name(rule: TargetRule, roi: Roi) -> str:
    return f"{rule.structure}: {same_name(roi.name)}" if rule.each else rule.structure


def extent(roi: Roi) -> Extent:
    """Lowest and highest coordinates of an ROI that has contours, mm."""
    assert roi.structure is not None  # noqa: S101 - the caller has looked
    points = np.concatenate(roi.structure.contours)
    return points.min(axis=0), points.max(axis=0)


def are_in_one_place(one: Extent, other: Extent) -> bool:
    """Whether the middle of either box lies in the other: neighbours that only touch do not."""
    return holds_middle(one, other) or holds_middle(other, one)


def holds_middle(box: Extent, other: Extent) -> bool:
    """Whether the middle of another box lies in a box."""
    return _holds(box, (other[0] + other[1]) / 2)


def _holds(box: Extent, point: npt.NDArray[np.float64]) -> bool:
    return bool(np.all(box[0] <= point) and np.all(point <= box[1]))


def _are_apart(one: Extent, other: Extent) -> bool:
    return bool(np.any(one[1] < other[0]) or np.any(other[1] < one[0]))
