"""Planning targets that no plan aims at and no criterion judges: said, because a lesion may be forgotten."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from imaging.dicom.rt_structure import Roi, StructureSet
from imaging.findings import Finding, FindingCode, warning
from trial_core.domain.protocol import Protocol, fits
from workers.pipelines.prepared_plans import PreparedPlan


def unjudged_targets(
    plans: Sequence[PreparedPlan], protocol: Protocol, said: Collection[str | None]
) -> list[Finding]:
    """A warning for each PTV, by type or name, that is no plan's target.

    Parameters
    ----------
    plans, protocol
        The prepared plans, and what excludes helper structures from the targets.
    said
        Names of structures that another finding speaks of already.
    """
    known = [plan.lookup.structure_set for plan in plans if plan.lookup.structure_set]
    sets = {each.sop_instance_uid: each for each in known}
    aimed = {roi.name for plan in plans for target in plan.targets for roi in target.structure.rois}
    return [
        _finding(structure_set, roi)
        for structure_set in sets.values()
        for roi in _ptvs(structure_set, protocol)
        if roi.name not in aimed and roi.name not in said
    ]


def _ptvs(structure_set: StructureSet, protocol: Protocol) -> Iterator[Roi]:
    names = {rule.structure for regimen in protocol.regimens for rule in regimen.targets}
    excluded = [pattern for name in sorted(names) for pattern in protocol.structure(name).excluded]
    common = {pattern for pattern in excluded if excluded.count(pattern) == len(names)}
    for roi in structure_set.rois:
        is_ptv = roi.interpreted_type == "PTV" or roi.verbatim_name.strip().upper().startswith("PTV")
        if is_ptv and roi.structure and not any(fits(roi.verbatim_name, pattern) for pattern in common):
            yield roi


def _finding(structure_set: StructureSet, roi: Roi) -> Finding:
    return warning(
        FindingCode.TARGET_NOT_JUDGED,
        f"'{roi.name}' is a planning target by name or type, but no plan aims at it and nothing judges it",
        action="Hand over the plan that treats it, or rename it if it is no planning target.",
        file=structure_set.file,
        structure=roi.name,
    )
