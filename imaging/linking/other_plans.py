"""Plans that treat nobody, verifications on a phantom and tests of a machine, told from the patient's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imaging.dicom.rt_dose import RtDose
from imaging.dicom.rt_plan import RtPlan
from imaging.findings import Finding, FindingCode, warning

_NO_STRUCTURE_SET = "TREATMENT_DEVICE"
"""RTPlanGeometry of a plan in the room's coordinates, without a structure set (PS3.3 C.8.8.9)."""
SET_ASIDE = "The plan treats no patient; it was set aside with its dose."


@dataclass(frozen=True)
class SortedPlans:
    """The plans of the patient, and the others; `findings` say which are others by their geometry.

    Those that are by their intent have a finding from when they were read.
    """

    treating: tuple[RtPlan, ...]
    others: tuple[RtPlan, ...]
    findings: tuple[Finding, ...]

    def is_of_another(self, dose: RtDose) -> bool:
        """Whether a dose names plans that treat nobody, and no other."""
        return bool(dose.plan_uids) and {one.sop_instance_uid for one in self.others} >= set(dose.plan_uids)


def sort_plans(plans: Sequence[RtPlan]) -> SortedPlans:
    """Tell the patient's plans from the others.

    Notes
    -----
    A plan without a structure set counts as one of the room beside plans that have one. Alone, it is taken
    for the patient's: some systems name none where they do not export it.
    """
    possible = [plan for plan in plans if not plan.is_for_a_machine]
    in_patients = [plan for plan in possible if plan.geometry != _NO_STRUCTURE_SET]
    treating = in_patients or possible
    in_rooms = [plan for plan in possible if plan not in treating]
    others = [plan for plan in plans if plan not in treating]
    return SortedPlans(tuple(treating), tuple(others), tuple(map(_in_the_room, in_rooms)))


def _in_the_room(plan: RtPlan) -> Finding:
    return warning(
        FindingCode.PLAN_NOT_FOR_TREATMENT,
        f"The plan's geometry is {_NO_STRUCTURE_SET}: it was made without a structure set, to verify "
        "or test. It was set aside with its dose: it counts for no regimen and is in no sum.",
        action="If the patient is treated with it, correct RTPlanGeometry and export it again.",
        file=plan.file,
        element="RTPlanGeometry",
    )
