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


def dose_scale_findings(plans: Iterable[LinkedPlan]) -> list[Finding]:
    """Say which plans' doses reach nothing like their own prescription (TargetPrescriptionDose)."""
    return [
        finding
        for linked in plans
        if linked.dose is not None and (finding := _doubt(linked.plan, linked.dose)) is not None
    ]


def _doubt(plan: RtPlan, dose: PlanDose) -> Finding | None:
    stated = [each.target_prescription_gy for each in plan.dose_references]
    prescription = max((each for each in stated if each is not None and each > 0), default=None)
    highest = dose.grid.maximum_gy
    if prescription is None or LEAST_SHARE * prescription <= highest <= MOST_SHARE * prescription:
        return None
    guess = likely_unit(highest, prescription, plan.planned_fractions)
    return warning(
        FindingCode.DOSE_IMPLAUSIBLE,
        f"the highest dose of plan '{plan_label(plan)}' is {highest:.4g} Gy, and the plan prescribes "
        f"{prescription:.4g} Gy{guess}",
        action="Compare dose and prescription; export the dose of the whole plan in Gy.",
        file=dose.files[0] if dose.files else plan.file,
    )
