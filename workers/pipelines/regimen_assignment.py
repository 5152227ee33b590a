"""Which regimen a plan belongs to: by its label, else its fractionation, else because there is only one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imaging.course import LinkedPlan
from imaging.dicom.rt_plan import DoseReference, RtPlan
from imaging.findings import Finding, FindingCode, error
from trial_core.domain.protocol import PRESCRIPTION_TOLERANCE_GY, Protocol, Regimen

_SOLID_REFERENCES = ("VOLUME", "SITE")
"""DoseReferenceStructureType of a target that is no point (PS3.3 C.8.8.10.1)."""


@dataclass(frozen=True, eq=False)
class AssignedPlan:
    """A plan with its key in the report and its regimen; without one, `reason` says why."""

    key: str
    label: str
    linked: LinkedPlan
    regimen: Regimen | None
    reason: str

    @property
    def plan(self) -> RtPlan:
        """The plan itself."""
        return self.linked.plan

    @property
    def planned_fractions(self) -> int | None:
        """Planned fractions, where they are a number above 0."""
        return planned_fractions(self.plan)


def assign_regimens(
    linked: Sequence[LinkedPlan], protocol: Protocol
) -> tuple[tuple[AssignedPlan, ...], list[Finding]]:
    """Give every plan its regimen.

    Returns
    -------
    The plans in the order of the protocol's regimens, then label and UID: the order of files plays no role.
    And a finding for each plan that belongs to none or to several regimens.
    """
    pairs = [(each, *_regimen_of(each.plan, protocol)) for each in linked if not each.plan.is_brachytherapy]
    order = {regimen.id: index for index, regimen in enumerate(protocol.regimens)}
    pairs.sort(
        key=lambda pair: (order.get(pair[1].id if pair[1] else "", len(order)), _sorting(pair[0].plan))
    )
    assigned = tuple(
        AssignedPlan(f"plan-{number}", plan_label(each.plan), each, regimen, reason)
        for number, (each, regimen, reason) in enumerate(pairs, start=1)
    )
    return assigned, [_finding(each) for each in assigned if each.regimen is None]


def plan_label(plan: RtPlan) -> str:
    """The plan's label, else its name, else its file."""
    return plan.label or plan.name or plan.file


def planned_fractions(plan: RtPlan) -> int | None:
    """Planned fractions of a plan, where they are a number above 0."""
    count = plan.planned_fractions
    return count if count is not None and count > 0 else None


def target_references(plan: RtPlan) -> list[DoseReference]:
    """The TARGET references to volumes and sites; those to POINT and COORDINATES are points."""
    return [
        reference
        for reference in plan.dose_references
        if reference.reference_type == "TARGET" and reference.structure_type in _SOLID_REFERENCES
    ]


def stated_prescriptions_gy(plan: RtPlan) -> list[float]:
    """Every TargetPrescriptionDose of the plan's target volumes and sites, Gy: one may be a boost's."""
    doses = (reference.target_prescription_gy for reference in target_references(plan))
    return list(dict.fromkeys(dose for dose in doses if dose is not None))


def _sorting(plan: RtPlan) -> tuple[str, str]:
    return plan_label(plan), plan.sop_instance_uid


def _regimen_of(plan: RtPlan, protocol: Protocol) -> tuple[Regimen | None, str]:
    labelled = [each for each in protocol.regimens if each.has_label(plan.label) or each.has_label(plan.name)]
    if len(labelled) > 1:
        names = " and ".join(each.id for each in labelled)
        return None, f"its label fits {names}"
    if labelled:
        return labelled[0], ""
    if len(protocol.regimens) == 1:
        return protocol.regimens[0], ""
    fitting = _by_fractionation(plan, protocol.regimens)
    if len(fitting) == 1:
        return fitting[0], ""
    names = " and ".join(each.id for each in fitting)
    reason = (
        f"its fractionation fits {names}" if fitting else "neither its label nor its fractionation fits any"
    )
    return None, reason


def _by_fractionation(plan: RtPlan, regimens: Sequence[Regimen]) -> list[Regimen]:
    exact = [regimen for regimen in regimens if _is_default(plan, regimen)]
    return exact or [regimen for regimen in regimens if _is_permitted(plan, regimen)]


def _is_default(plan: RtPlan, regimen: Regimen) -> bool:
    stated, default = stated_prescriptions_gy(plan), regimen.prescription
    same_dose = not stated or any(abs(dose - default.dose_gy) <= PRESCRIPTION_TOLERANCE_GY for dose in stated)
    return same_dose and plan.planned_fractions == default.fractions


def _is_permitted(plan: RtPlan, regimen: Regimen) -> bool:
    stated, fractions = stated_prescriptions_gy(plan), planned_fractions(plan)
    return fractions is not None and any(regimen.permitted.allows(dose, fractions) for dose in stated)


def _finding(plan: AssignedPlan) -> Finding:
    several = " and " in plan.reason
    return error(
        FindingCode.REGIMEN_AMBIGUOUS if several else FindingCode.REGIMEN_UNKNOWN,
        f"plan '{plan.label}' belongs to no one regimen of the protocol: {plan.reason}",
        action="Name the regimen in the plan's label; leave the plan out if it is no part of the course.",
        file=plan.plan.file,
        element="RTPlanLabel",
    )
