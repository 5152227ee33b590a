"""Every plan of a course with regimen, structures, targets, share of fractions and dose: ready to measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dosimetry.accumulation.point_sum import Dose, DoseLayer
from imaging.course import Course
from imaging.dicom.rt_plan import Beam
from imaging.findings import Finding, Severity
from trial_core.domain.protocol import Protocol
from workers.pipelines.fraction_shares import Share, share_fractions
from workers.pipelines.placement import Place, place, structure_frame
from workers.pipelines.plan_aims import Aims, aims_of
from workers.pipelines.regimen_assignment import AssignedPlan, assign_regimens
from workers.pipelines.structure_lookup import StructureLookup
from workers.pipelines.targets import PlanTarget, find_targets


@dataclass(frozen=True, eq=False)
class PreparedPlan:
    """A plan that is ready to be measured.

    Attributes
    ----------
    assigned, lookup, targets
        The plan with its regimen, its structures, its targets.
    share
        Its part in the regimen; None where it has no regimen.
    layer
        The plan's dose with its weight, placed for its own structure set; None where `obstacle` says why.
    obstacle
        Why nothing of this plan can be measured; empty where it can.
    """

    assigned: AssignedPlan
    lookup: StructureLookup
    targets: tuple[PlanTarget, ...]
    share: Share | None
    layer: DoseLayer | None
    obstacle: str

    @property
    def key(self) -> str:
        """The plan's key in the report."""
        return self.assigned.key

    @property
    def label(self) -> str:
        """The plan's label."""
        return self.assigned.label

    @property
    def dose(self) -> Dose | None:
        """The physical dose of the plan's share."""
        return Dose((self.layer,)) if self.layer else None

    @property
    def dose_frame(self) -> str | None:
        """The frame of reference of the dose: its own, else its plan's."""
        dose, plan = self.assigned.linked.dose, self.assigned.plan
        return (dose.frame_of_reference_uid if dose else None) or plan.frame_of_reference_uid

    def prescribes(self, target: PlanTarget) -> bool:
        """Whether the plan's own prescription of a target is what the protocol gives to it."""
        regimen, share = self.assigned.regimen, self.share
        if regimen is None or share is None or share.problem or not share.alone or target.stated_elsewhere:
            return False
        return regimen.accepts_prescription(target.stated_gy, self.assigned.planned_fractions)

    def prescription_gy(self, target: PlanTarget) -> float | None:
        """What the protocol gives to a target in this plan: its total, or this plan's share of it."""
        regimen = self.assigned.regimen
        if regimen is None or self.share is None:
            return None
        if self.prescribes(target):
            return target.stated_gy
        total, fractions = regimen.prescription_gy(target.rule), regimen.prescription.fractions
        return total if self.share.fractions == fractions else total * self.share.fractions / fractions

    @property
    def plan_prescription_gy(self) -> float | None:
        """What the protocol gives in this plan: its share of fractions x the dose per fraction."""
        regimen = self.assigned.regimen
        if regimen is None or self.share is None:
            return None
        own = {target.stated_gy for target in self.targets if self.prescribes(target)}
        if len(own) == 1 and all(self.prescribes(target) for target in self.targets):
            return own.pop()
        whole = regimen.prescription
        same = self.share.fractions == whole.fractions
        return whole.dose_gy if same else whole.dose_gy * self.share.fractions / whole.fractions


def prepare_plans(course: Course, protocol: Protocol) -> tuple[tuple[PreparedPlan, ...], list[Finding]]:
    """Prepare every plan; one that a later plan replaced altogether is left out, with a finding."""
    assigned, findings = assign_regimens(course.plans, protocol)
    lookups = _lookups(assigned, protocol, course.findings)
    targets: dict[str, tuple[PlanTarget, ...]] = {}
    for plan in assigned:
        targets[plan.key], said = find_targets(plan, lookups[plan.key])
        findings += said
    aims = {plan.key: aims_of(plan.plan, targets[plan.key], lookups[plan.key]) for plan in assigned}
    shares, said = _shares(assigned, aims, protocol)
    prepared = tuple(
        _prepare(plan, lookups[plan.key], targets[plan.key], shares.get(plan.key))
        for plan in assigned
        if plan.key not in shares or shares[plan.key].fractions > 0 or shares[plan.key].problem
    )
    return prepared, findings + said


def _lookups(
    assigned: Sequence[AssignedPlan], protocol: Protocol, findings: Sequence[Finding]
) -> dict[str, StructureLookup]:
    """One lookup for each structure set, shared by its plans."""
    by_uid: dict[str, StructureLookup] = {}
    lookups = {}
    for plan in assigned:
        structure_set = plan.linked.structure_set
        uid, file = (structure_set.sop_instance_uid, structure_set.file) if structure_set else ("", "")
        if uid not in by_uid:
            by_uid[uid] = StructureLookup(structure_set, protocol, _faulty(findings, file))
        lookups[plan.key] = by_uid[uid]
    return lookups


def _faulty(findings: Sequence[Finding], file: str) -> frozenset[str]:
    """The structures of a file that an error was found in."""
    return frozenset(
        each.structure
        for each in findings
        if each.severity is Severity.ERROR and each.file == file and each.structure is not None
    )


def _shares(
    assigned: Sequence[AssignedPlan], aims: Mapping[str, Aims], protocol: Protocol
) -> tuple[dict[str, Share], list[Finding]]:
    shares: dict[str, Share] = {}
    findings: list[Finding] = []
    for regimen in protocol.regimens:
        given, said = share_fractions([plan for plan in assigned if plan.regimen is regimen], aims)
        shares |= given
        findings += said
    return shares, findings


def _prepare(
    plan: AssignedPlan, lookup: StructureLookup, targets: tuple[PlanTarget, ...], share: Share | None
) -> PreparedPlan:
    obstacle = _obstacle(plan)
    layer = None
    if not obstacle:
        found = _place_of(plan)
        obstacle = found.reason
        layer = _layer(plan, share, found)
    return PreparedPlan(plan, lookup, targets, share, layer, obstacle)


def _obstacle(plan: AssignedPlan) -> str:
    if plan.regimen is None:
        return f"the plan belongs to no one regimen: {plan.reason}"
    if foreign := [each for each in plan.plan.weighted_radiation if each not in plan.regimen.radiation]:
        kinds = ", ".join(foreign)
        return f"the plan treats with {kinds}, and the protocol's limits are not for its physical dose"
    if unlikely := plan.plan.unlikely_photons:
        return _no_photons(unlikely[0])
    if plan.linked.dose is None:
        return _words("no usable dose", plan.linked.why_no_dose)
    if plan.linked.structure_set is None:
        return _words("no structure set", plan.linked.why_no_structure_set)
    return ""


def _no_photons(beam: Beam) -> str:
    energy = f"{max(beam.energies_mv):g} MV or MeV, which is no photon's and no electron's"
    return f"the plan does not say what beam {beam.number} treats with, at {energy}"


def _words(what: str, why: str | None) -> str:
    """What is missing and why, once, as a part of a sentence."""
    reason = (why or "none was handed over").rstrip(".")
    return what + reason[len(what) :] if reason.casefold().startswith(what) else f"{what}: {reason}"


def _place_of(plan: AssignedPlan) -> Place:
    dose, structure_set = plan.linked.dose, plan.linked.structure_set
    assert dose is not None  # noqa: S101 - `_obstacle` has looked
    assert structure_set is not None  # noqa: S101
    frame = dose.frame_of_reference_uid or plan.plan.frame_of_reference_uid
    return place(structure_frame(structure_set), frame, ())


def _layer(plan: AssignedPlan, share: Share | None, found: Place) -> DoseLayer | None:
    dose = plan.linked.dose
    if found.matrix is None or dose is None:
        return None
    weight = share.weight if share else 1.0
    return DoseLayer(dose.grid, plan.planned_fractions, weight, found.matrix)
