"""Numbers beside the criteria: conformity, homogeneity, gradient of each target, dose outside all targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dosimetry.errors import DosimetryError
from dosimetry.indices import (
    ConformityIndices,
    IndexUndefined,
    IndexValue,
    conformity_indices,
)
from dosimetry.region import Region
from imaging.dicom.rt_structure import Roi
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import PlanIndex, StructureStatus
from workers.pipelines.measuring import HOTTEST, Measurer, Setting
from workers.pipelines.plan_settings import plan_setting
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.structure_lookup import FoundStructure
from workers.pipelines.targets import PlanTarget

_REASONS = {
    IndexUndefined.TARGET_OUTSIDE_GRID: "the target lies outside the dose grid",
    IndexUndefined.TARGET_PARTLY_OUTSIDE_GRID: "the target lies partly outside the dose grid",
    IndexUndefined.NO_PRESCRIPTION_ISODOSE: "no dose of the prescription is connected with the target",
    IndexUndefined.ISODOSE_LEAVES_GRID: "the isodose leaves the dose grid",
    IndexUndefined.NO_MEDIAN_DOSE: "the target receives no dose",
}


def plan_indices(
    plan: PreparedPlan, protocol: Protocol, measurer: Measurer, doubt: str
) -> tuple[PlanIndex, ...]:
    """All indices of one plan; an implausible or missing dose leaves them without value."""
    why = plan.obstacle or doubt
    targets = [target for target in plan.targets if target.structure.region is not None]
    indices: list[PlanIndex] = []
    for group in _by_prescription(plan, targets):
        indices += _conformity(plan, group, why)
    for target in targets:
        indices.append(_homogeneity(plan, target, measurer, why))
    return (*indices, *_outside(plan, protocol, measurer, why))


def _by_prescription(plan: PreparedPlan, targets: Sequence[PlanTarget]) -> list[list[PlanTarget]]:
    groups: dict[float | None, list[PlanTarget]] = {}
    for target in targets:
        groups.setdefault(plan.prescription_gy(target), []).append(target)
    return list(groups.values())


def _conformity(plan: PreparedPlan, group: Sequence[PlanTarget], why: str) -> list[PlanIndex]:
    names = [target.site_name for target in group]
    if why:
        return [each for name in names for each in _without_conformity(name, why)]
    try:
        values = _conformity_values(plan, group)
    except DosimetryError as error:
        return [each for name in names for each in _without_conformity(name, str(error))]
    return [
        each for name, value in zip(names, values, strict=True) for each in _two_indices(name, value, names)
    ]


def _conformity_values(plan: PreparedPlan, group: Sequence[PlanTarget]) -> tuple[ConformityIndices, ...]:
    prescription, layer = plan.prescription_gy(group[0]), plan.layer
    if prescription is None or layer is None:
        raise DosimetryError("no prescription or no dose")
    regions = tuple(target.structure.region for target in group if target.structure.region is not None)
    # The grid holds the whole plan, of which `weight` counts: the share's isodose is that of share / weight.
    return conformity_indices(
        regions, layer.grid, prescription / layer.weight, region_to_dose_mm=layer.region_to_dose_mm
    )


def _two_indices(name: str, indices: ConformityIndices, names: Sequence[str]) -> list[PlanIndex]:
    shared = ", ".join(names[position] for position in indices.shared_with)
    words = f" (one isodose with {shared}: of their union)" if shared else ""
    return [
        _index("conformity", f"Conformity index (Paddick){words}", name, indices.paddick),
        _index("gradient", f"Gradient index{words}", name, indices.gradient),
    ]


def _without_conformity(name: str, why: str) -> list[PlanIndex]:
    return [
        _no_index("conformity", "Conformity index (Paddick)", name, why),
        _no_index("gradient", "Gradient index", name, why),
    ]


def _homogeneity(plan: PreparedPlan, target: PlanTarget, measurer: Measurer, why: str) -> PlanIndex:
    label = "Homogeneity index (ICRU 83)"
    (measured,) = measurer.measure(target.structure, [plan_setting(plan, target)])
    if why or measured.readings is None:
        return _no_index("homogeneity", label, target.site_name, why or measured.reason)
    return _index("homogeneity", label, target.site_name, measured.readings.homogeneity)


def measure_outside(
    plans: Sequence[PreparedPlan], protocol: Protocol, measurer: Measurer, doubts: Mapping[str, str]
) -> None:
    """Measure what lies outside the targets, sampled once for all plans on one structure set.

    `doubts` by key of plan: why its dose is not to be believed; such a plan is left out.
    """
    together: dict[tuple[Roi, ...], tuple[FoundStructure, list[Setting]]] = {}
    for plan in plans:
        body = plan.lookup.find(protocol.body) if protocol.body is not None else None
        if body is not None and body.region is not None and plan.dose and not doubts.get(plan.key):
            region = _without_targets(body, plan, protocol)
            together.setdefault(region.rois, (region, []))[1].append(plan_setting(plan, None))
    measurer.measure_all(list(together.values()), with_uncertainty=False)


def _outside(plan: PreparedPlan, protocol: Protocol, measurer: Measurer, why: str) -> list[PlanIndex]:
    if protocol.body is None:
        return []
    label = f"{HOTTEST.removesuffix('[Gy]')} of {protocol.body} minus all targets"
    body = plan.lookup.find(protocol.body)
    if why or body.region is None:
        return [_no_index("outside", label, protocol.body, why or body.reason)]
    region = _without_targets(body, plan, protocol)
    (measured,) = measurer.measure(region, [plan_setting(plan, None)], with_uncertainty=False)
    found = measured.evaluate(HOTTEST)
    return [
        PlanIndex(
            id="outside", label=label, structure=body.name, value=found.value, unit="Gy", reason=found.reason
        )
    ]


def _without_targets(body: FoundStructure, plan: PreparedPlan, protocol: Protocol) -> FoundStructure:
    region, rois = body.region, body.rois
    for roi in _planning_targets(plan, protocol):
        if region is not None and roi.structure is not None:
            region, rois = region - Region.of(roi.structure), (*rois, roi)
    return FoundStructure(f"{body.name} minus targets", StructureStatus.FOUND, region, rois, "")


def _planning_targets(plan: PreparedPlan, protocol: Protocol) -> list[Roi]:
    """All PTVs of the structure set: by type, by the protocol's names, and those this plan aims at."""
    structure_set = plan.lookup.structure_set
    aimed = {roi.number for target in plan.targets for roi in target.structure.rois}
    rules = [protocol.structure(target.structure) for each in protocol.regimens for target in each.targets]
    return [
        roi
        for roi in (structure_set.rois if structure_set else ())
        if roi.interpreted_type == "PTV"
        or roi.number in aimed
        or any(rule.has_name(roi.verbatim_name) for rule in rules)
    ]


def _index(identifier: str, label: str, structure: str, value: IndexValue) -> PlanIndex:
    reason = _REASONS[value.reason] if value.reason is not None else ""
    return PlanIndex(
        id=identifier, label=label, structure=structure, value=value.value, unit="", reason=reason
    )


def _no_index(identifier: str, label: str, structure: str, why: str) -> PlanIndex:
    return PlanIndex(id=identifier, label=label, structure=structure, value=None, unit="", reason=why)
