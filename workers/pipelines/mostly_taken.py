"""Organs of which the protocol's algebra leaves less than half, as lungs less a tumour that fills one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dosimetry.region import Region, union
from dosimetry.volume import region_volume_cc
from imaging.dicom.rt_structure import Roi
from imaging.findings import Finding, FindingCode, warning
from trial_core.domain.protocol import Protocol, StructureRule
from workers.pipelines.prepared_plans import PreparedPlan

LEAST_LEFT = 0.5
"""Of an organ: of one that keeps less, a person says whether the contours are meant so."""


def mostly_taken(plans: Sequence[PreparedPlan], protocol: Protocol) -> list[Finding]:
    """A warning for each ROI of which less than half is left where the protocol takes others away."""
    one_each = {plan.lookup: plan for plan in reversed(plans)}.values()
    rules = [rule for rule in protocol.structures if rule.minus]
    return [found for plan in one_each for rule in rules for found in _of_rule(plan, rule)]


def _of_rule(plan: PreparedPlan, rule: StructureRule) -> Iterator[Finding]:
    lookup = plan.lookup.apart()
    parts = [found for name in rule.minus if (found := lookup.find(name)).region is not None]
    regions = [part.region for part in parts if part.region is not None]
    made = lookup.find(rule.name)
    if not regions or made.region is None:
        return
    taken = [roi for part in parts for roi in part.rois]
    for roi in made.rois:
        if roi.structure is None or any(roi is each for each in taken):
            continue
        whole = Region.of(roi.structure)
        volume, left = region_volume_cc(whole), region_volume_cc(whole - union(regions))
        if left < LEAST_LEFT * volume:
            others = ", ".join(f"'{name}'" for name in dict.fromkeys(each.name for each in taken))
            figures = f"only {left:.3g} of {volume:.4g} cc of '{roi.name}' are left without {others}"
            yield _finding(plan, rule, roi, figures)


def _finding(plan: PreparedPlan, rule: StructureRule, roi: Roi, figures: str) -> Finding:
    return warning(
        FindingCode.STRUCTURE_MOSTLY_TAKEN,
        f"{rule.shown_name}: {figures}, and its criteria are judged on that rest: needs review",
        action="Compare the contours: does one of them repeat the organ, or reach far beyond its tumour?",
        file=plan.lookup.structure_set.file if plan.lookup.structure_set else None,
        structure=roi.name,
    )
