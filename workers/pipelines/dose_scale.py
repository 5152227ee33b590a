"""Whether a plan's dose can be the dose of the whole plan, where no protocol says what its targets are."""

from __future__ import annotations

from collections.abc import Iterable

from imaging.course import LinkedPlan, PlanDose
from imaging.dicom.rt_plan import RtPlan
from imaging.findings import Finding, FindingCode, warning
from workers.pipelines.plausibility import likely_unit
from workers.pipelines.regimen_assignment import plan_label

LEAST_SHARE, MOST_SHARE = 0.8, 2.0
"""Of the plan's highest prescription. The hottest voxel lies above it and below this: stereotactic plans
prescribe down to 50 % of their maximum."""
MOST_GY = 200.0
"""More than any external beam plan gives, radiosurgery of a nerve or a nucleus (150 Gy) among them."""


def dose_scale_findings(plans: Iterable[LinkedPlan]) -> list[Finding]:
    """Say which plans' doses reach nothing like their own prescription (TargetPrescriptionDose)."""
    return [
        finding
        for linked in plans
        if linked.dose is not None and (finding := _of_plan(linked.plan, linked.dose)) is not None
    ]


def dose_scale_finding(dose: PlanDose, prescription_gy: float | None) -> Finding | None:
    """The same of a dose without a plan's word, and of a prescription that a person gives; None: no doubt."""
    return _doubt(dose, prescription_gy, "the highest dose", "the prescription given is", None)


def _of_plan(plan: RtPlan, dose: PlanDose) -> Finding | None:
    stated = [each.target_prescription_gy for each in plan.dose_references]
    prescription = max((each for each in stated if each is not None and each > 0), default=None)
    whose = f"the highest dose of plan '{plan_label(plan)}'"
    return _doubt(dose, prescription, whose, "the plan prescribes", plan.planned_fractions)


def _doubt(
    dose: PlanDose, prescription_gy: float | None, whose: str, prescribed: str, fractions: int | None
) -> Finding | None:
    highest = dose.grid.maximum_gy
    if prescription_gy and not LEAST_SHARE * prescription_gy <= highest <= MOST_SHARE * prescription_gy:
        words = f"{prescribed} {prescription_gy:.4g} Gy{likely_unit(highest, prescription_gy, fractions)}"
    elif highest > MOST_GY:
        words = f"no plan of external beams gives more than {MOST_GY:g} Gy"
    else:
        return None
    return warning(
        FindingCode.DOSE_IMPLAUSIBLE,
        f"{whose} is {highest:.4g} Gy, and {words}",
        action="Compare dose and prescription; export the dose of the whole plan in Gy.",
        file=dose.files[0] if dose.files else None,
    )
