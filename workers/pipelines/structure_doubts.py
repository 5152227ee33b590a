"""What a physicist would stumble over in the contours: double lungs, tumours without target, odd types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dosimetry.contours.contour_planes import contour_planes
from dosimetry.region import union
from imaging.dicom.rt_structure import Roi
from imaging.findings import Finding, FindingCode, warning
from trial_core.domain.protocol import Protocol, StructureRule
from workers.pipelines.drawn_across import drawn_across
from workers.pipelines.measuring import Measurer
from workers.pipelines.mostly_taken import mostly_taken
from workers.pipelines.plan_settings import plan_setting
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.structure_lookup import FoundStructure, StructureLookup
from workers.pipelines.tumour_coverage import tumours_without_target

DIFFERENT_VOLUME = 0.03
"""Two drawings of one organ differ in volume by less than this share; a forgotten lobe does not."""
_NO_ANATOMY = frozenset(
    {
        "TREATMENT_DEVICE", "DEVICE", "BOLUS", "SUPPORT", "FIXATION", "MARKER", "REGISTRATION", "ISOCENTER",
        "CONTRAST_AGENT", "TREATED_VOLUME", "IRRAD_VOLUME", "DOSE_REGION", "CONTROL", "DOSE_MEASUREMENT",
        "BRACHY_CHANNEL", "BRACHY_ACCESSORY", "BRACHY_SRC_APP", "BRACHY_CHNL_SHLD",
    }
)  # fmt: skip
"""RT ROI Interpreted Type (PS3.3 C.8.8.8) of what is no organ and no target; and TREATMENT_DEVICE, which the
standard lacks and planning systems write."""


def structure_doubts(plans: Sequence[PreparedPlan], protocol: Protocol) -> list[Finding]:
    """Warn of what makes the contours doubtful although each of them can be measured."""
    one_each = {plan.lookup: plan for plan in reversed(plans)}
    return [
        *(each for lookup in one_each for each in _odd_types(lookup, plans)),
        *(each for lookup in one_each for each in _of_one_plane(lookup, plans)),
        *(each for plan in one_each.values() for each in _drawn_twice(plan, protocol)),
        *tumours_without_target(plans),
        *mostly_taken(plans, protocol),
        *drawn_across(plans, protocol),
    ]


def _odd_types(lookup: StructureLookup, plans: Sequence[PreparedPlan]) -> Iterator[Finding]:
    """One warning for each structure set: devices by type that are judged as anatomy."""
    structure_set = lookup.structure_set
    if structure_set is None:
        return
    used = _used(lookup, plans)
    odd = [roi for roi in structure_set.rois if roi.name in used and roi.interpreted_type in _NO_ANATOMY]
    if odd:
        names = ", ".join(f"'{roi.name}' ({roi.interpreted_type})" for roi in odd)
        yield warning(
            FindingCode.STRUCTURE_TYPE_ODD,
            f"by type no organ and no target, and judged by name all the same: {names}",
            action="Compare the names with the contours; correct the types in the planning system.",
            file=structure_set.file,
            element="RTROIInterpretedType",
            structure=odd[0].name if len(odd) == 1 else None,
        )


def _of_one_plane(lookup: StructureLookup, plans: Sequence[PreparedPlan]) -> Iterator[Finding]:
    """One warning for each structure set: an organ or a target on one slice alone was hardly finished."""
    structure_set = lookup.structure_set
    used = _used(lookup, plans)
    drawn = [roi for roi in structure_set.rois if roi.name in used and roi.structure] if structure_set else []
    flat = [roi for roi in drawn if roi.structure and len(contour_planes(roi.structure).planes) == 1]
    if structure_set and flat:
        names = ", ".join(f"'{roi.name}'" for roi in flat)
        yield warning(
            FindingCode.STRUCTURE_ONE_PLANE,
            f"contoured on one slice alone, and judged as one slice thick: {names}",
            action="Look whether the other slices were left out; contour them.",
            file=structure_set.file,
            structure=flat[0].name if len(flat) == 1 else None,
        )


def _used(lookup: StructureLookup, plans: Sequence[PreparedPlan]) -> set[str]:
    aimed = {roi.name for plan in plans if plan.lookup is lookup for roi in _aimed(plan)}
    return aimed | lookup.used_names()


def _drawn_twice(plan: PreparedPlan, protocol: Protocol) -> Iterator[Finding]:
    """An organ that may be made in several ways, two of them there, and not of one size."""
    lookup = plan.lookup.apart()
    for rule in protocol.structures:
        drawn = [names for names in rule.made_from if all(lookup.candidates(name) for name in names)]
        if len(drawn) < 2:
            continue
        ways = [way for names in drawn if (way := _way(lookup, names)) is not None]
        if len(ways) > 1:
            yield from _contradictions(plan, rule, ways)


def _way(lookup: StructureLookup, names: Sequence[str]) -> FoundStructure | None:
    parts = [lookup.find(name) for name in names]
    regions = [part.region for part in parts if part.region is not None]
    if len(regions) < len(parts):
        return None
    rois = tuple(roi for part in parts for roi in part.rois)
    return replace(parts[0], name=" + ".join(names), region=union(regions), rois=rois)


def _contradictions(
    plan: PreparedPlan, rule: StructureRule, ways: Sequence[FoundStructure]
) -> Iterator[Finding]:
    """What the protocol takes away may be left out of either drawing: 'Lungs-GTV' beside both lungs."""
    less = plan.lookup.find(rule.name) if rule.minus else ways[0]
    first, *others, without = _volumes_cc(plan, [*ways, replace(less, name=f"{rule.name}, less")])
    for way, volume_cc in zip(ways[1:], others, strict=True):
        if first and volume_cc and not any(_agree(volume_cc, each) for each in (first, without) if each):
            names = (" + ".join(f"'{name}'" for name in each.site_names) for each in (ways[0], way))
            taken, other = names
            yield warning(
                FindingCode.STRUCTURE_CONTRADICTORY,
                f"{rule.name} are drawn twice and differ: {taken} have {first:.4g} cc and are used, "
                f"{other} has {volume_cc:.4g} cc",
                action="Find out which of them is right; correct or remove the other.",
                file=plan.lookup.structure_set.file if plan.lookup.structure_set else None,
                structure=way.site_names[0],
            )


def _volumes_cc(plan: PreparedPlan, structures: Sequence[FoundStructure]) -> list[float | None]:
    setting = plan_setting(plan, None)
    measurer = Measurer({}, lambda: None)
    readings = [measurer.measure(each, [setting])[0].readings for each in structures]
    return [each.in_grid.volume_cc if each else None for each in readings]


def _agree(one: float, other: float) -> bool:
    return abs(one - other) <= DIFFERENT_VOLUME * max(one, other)


def _aimed(plan: PreparedPlan) -> Iterator[Roi]:
    for target in plan.targets:
        yield from target.structure.rois
