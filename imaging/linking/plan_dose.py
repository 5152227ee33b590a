"""The dose of a plan: PLAN is used and compared with the BEAM doses, never added to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dosimetry.grid import DoseGrid
from imaging.dicom.rt_dose import DoseSummation, RtDose
from imaging.dicom.rt_plan import RtPlan
from imaging.findings import Finding, FindingCode, error, info, warning
from imaging.linked import LinkedPlan, PlanDose
from imaging.linking.one_grid import same_grid, sum_of_grids
from imaging.linking.plan_against_beams import Comparison, compare, not_compared

_EXPORT = "Export the PLAN dose, or the dose of each beam exactly once, all on one grid."


@dataclass
class CombinedDose:
    """What the dose objects of a plan gave: the dose or the reason why there is none, and findings.

    `doubt` says what contradicts the dose; None where nothing does.
    """

    dose: PlanDose | None = None
    why_none: str | None = None
    doubt: str | None = None
    used: tuple[RtDose, ...] = ()
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, code: FindingCode, message: str, *, file: str | None) -> CombinedDose:
        """Give the plan's dose up, with the finding that says why."""
        self.findings.append(error(code, message, action=_EXPORT, file=file))
        self.why_none = message
        return self


def misfit(plan: RtPlan, dose: RtDose) -> tuple[FindingCode, str] | None:
    """Say why a dose cannot be this plan's: it names others, too, or groups of another, or lies elsewhere."""
    if len(dose.plan_uids) > 1:
        return FindingCode.REFERENCE_CONTRADICTORY, "names several plans"
    if len({plan.frame_of_reference_uid, dose.frame_of_reference_uid} - {None}) > 1:
        return FindingCode.FRAME_OF_REFERENCE_MISMATCH, "lies in another frame of reference than its plan"
    if problem := _of_another_group(plan, dose):
        return FindingCode.DOSE_FRACTION_GROUP_UNKNOWN, problem
    return None


def _of_another_group(plan: RtPlan, dose: RtDose) -> str:
    """What a dose says of fraction groups that its plan does not; empty where that fits, or is not said."""
    groups = {group.number: group for group in plan.fraction_groups}
    if not groups or None in groups:
        return ""
    if unknown := sorted(set(dose.fraction_groups) - set(groups)):
        return f"names fraction group {_listed(unknown)}, which the plan lacks"
    named = [groups[number] for number in dose.fraction_groups]
    given = {beam.number for group in named for beam in group.beams}
    if named and (elsewhere := sorted((set(dose.beam_numbers) & set(plan.fraction_beams)) - given)):
        of = _listed(list(dose.fraction_groups))
        return f"names beam {_listed(elsewhere)} in fraction group {of}, which does not deliver it"
    return ""


def is_rival(plan: RtPlan, dose: RtDose) -> bool:
    """Whether a dose that does not fit claims all the same to be the whole dose of this plan and no other."""
    return dose.summation is DoseSummation.PLAN and dose.plan_uids == (plan.sop_instance_uid,)


def combine(plan: RtPlan, doses: Sequence[RtDose], rivals: Sequence[RtDose] = ()) -> CombinedDose:
    """Find the dose of a plan among the RT Dose objects that name it (none of them all zero).

    A single PLAN dose is the plan's dose. Without one, BEAM doses are summed if every treatment beam of the
    fraction groups is there exactly once, all on one grid.

    Parameters
    ----------
    plan, doses
        The plan, and the doses that fit it.
    rivals
        Doses that do not fit it and call themselves the plan's: beside one that fits, which is it?
    """
    if doses and rivals:
        message = (
            f"The dose {rivals[0].file} calls itself the plan's as well, and lies elsewhere: nobody can say "
            "which is right."
        )
        return CombinedDose().refuse(FindingCode.DOSE_PLAN_TWICE, message, file=plan.file)
    whole = [dose for dose in doses if dose.summation is DoseSummation.PLAN]
    beams = [dose for dose in doses if dose.summation is DoseSummation.BEAM]
    combined = CombinedDose()
    if len(whole) > 1:
        return _choose_among(whole, combined)
    if whole:
        combined.dose, combined.used = _plan_dose(whole, whole[0].grid, DoseSummation.PLAN), tuple(whole)
        if beams:
            _note_comparison(_compared(plan, whole[0], beams), combined)
        return combined
    if not beams:
        message = "No usable dose was handed over for the plan."
        return combined.refuse(FindingCode.PLAN_WITHOUT_DOSE, message, file=plan.file)
    return _sum_of_beams(plan, beams, combined)


def plans_with_one_dose(plans: Sequence[LinkedPlan]) -> list[Finding]:
    """Say which plans have exactly the dose of an earlier one: one plan handed over under two UIDs."""
    found: list[Finding] = []
    for index, plan in enumerate(plans):
        twin = next((one for one in plans[:index] if _is_twin(one.dose, plan.dose)), None)
        if twin is not None:
            message = (
                f"The plan has exactly the dose of {twin.plan.file}: it seems to be the same plan twice."
            )
            action = "Hand over each plan once; the sum would count it twice."
            found.append(error(FindingCode.PLAN_TWICE, message, action=action, file=plan.plan.file))
    return found


def _is_twin(first: PlanDose | None, second: PlanDose | None) -> bool:
    if first is None or second is None or not same_grid(first.grid, second.grid):
        return False
    return bool(np.array_equal(first.grid.values_gy, second.grid.values_gy))


def whole_dose(dose: RtDose) -> PlanDose:
    """Give a single dose object as it is."""
    return _plan_dose([dose], dose.grid, dose.summation)


def _choose_among(whole: list[RtDose], combined: CombinedDose) -> CombinedDose:
    first, *others = whole
    if all(same_grid(first.grid, other.grid) and _equal(first, other) for other in others):
        message = f"The dose of the plan was handed over {len(whole)} times with equal numbers; one is used."
        combined.findings.append(warning(FindingCode.DOSE_PLAN_TWICE, message, file=first.file))
        combined.dose, combined.used = _plan_dose([first], first.grid, DoseSummation.PLAN), (first,)
        return combined
    message = f"{len(whole)} different PLAN doses name one plan; nobody can say which is right."
    return combined.refuse(FindingCode.DOSE_PLAN_TWICE, message, file=first.file)


def _equal(first: RtDose, second: RtDose) -> bool:
    return bool(np.array_equal(first.grid.values_gy, second.grid.values_gy))


def _compared(plan: RtPlan, whole: RtDose, beams: list[RtDose]) -> Comparison:
    faults = {each.code for each in _incomplete(plan, beams)}
    if faults - {FindingCode.DOSE_BEAM_MISSING}:
        return not_compared(whole)
    return compare(whole, beams, is_each_there=not faults)


def _note_comparison(found: Comparison, combined: CombinedDose) -> None:
    combined.findings.append(found.finding)
    combined.doubt = found.doubt


def _sum_of_beams(plan: RtPlan, beams: list[RtDose], combined: CombinedDose) -> CombinedDose:
    for finding in _incomplete(plan, beams):
        combined.findings.append(finding)
        combined.why_none = combined.why_none or finding.message
    if combined.why_none:
        return combined
    grids = [dose.grid for dose in beams]
    if len({dose.frame_of_reference_uid for dose in beams} - {None}) > 1:
        message = "The beams' doses lie in different frames of reference, so they are not summed."
        return combined.refuse(FindingCode.FRAME_OF_REFERENCE_MISMATCH, message, file=plan.file)
    if not all(same_grid(grids[0], grid) for grid in grids[1:]):
        message = "The beams' doses lie on different grids, so they are not summed."
        return combined.refuse(FindingCode.DOSE_GRIDS_DIFFER, message, file=plan.file)
    combined.dose, combined.used = _plan_dose(beams, sum_of_grids(grids), DoseSummation.BEAM), tuple(beams)
    message = f"The plan's dose is the sum of its {len(beams)} beams' doses."
    combined.findings.append(info(FindingCode.DOSE_BEAMS_SUMMED, message, file=plan.file))
    return combined


def _incomplete(plan: RtPlan, beams: list[RtDose]) -> list[Finding]:
    """Say what keeps the beams' doses from being the plan's: each treatment beam, once, and nothing else."""
    found: list[Finding] = []
    expected = plan.fraction_beams
    for dose in beams:
        if len(dose.beam_numbers) != 1:
            count = len(dose.beam_numbers)
            message = (
                f"A BEAM dose names {count} beams where one belongs; the plan's dose cannot be put together."
            )
            found.append(_error(FindingCode.DOSE_BEAM_UNCLEAR, message, dose.file))
        if unknown := sorted(set(dose.beam_numbers) - set(expected)):
            message = f"A dose belongs to beam {_listed(unknown)}, which the plan does not deliver."
            found.append(_error(FindingCode.DOSE_BEAM_UNKNOWN, message, dose.file))
    given = Counter(number for dose in beams for number in dose.beam_numbers)
    if twice := sorted(number for number, count in given.items() if count > 1):
        message = f"Beam {_listed(twice)} has more than one dose, so the plan's dose cannot be put together."
        found.append(_error(FindingCode.DOSE_BEAM_TWICE, message, plan.file))
    if missing := sorted(set(expected) - set(given)):
        message = f"Beam {_listed(missing)} has no dose, so the plan's dose cannot be put together."
        found.append(_error(FindingCode.DOSE_BEAM_MISSING, message, plan.file))
    if len(expected) > len(set(expected)):
        message = "A beam belongs to several fraction groups; its dose cannot be told apart."
        found.append(_error(FindingCode.DOSE_BEAM_UNCLEAR, message, plan.file))
    return found


def _plan_dose(doses: Sequence[RtDose], grid: DoseGrid, summation: DoseSummation) -> PlanDose:
    frames = {dose.frame_of_reference_uid for dose in doses} - {None}
    return PlanDose(
        grid=grid,
        summation=summation,
        frame_of_reference_uid=frames.pop() if len(frames) == 1 else None,
        sop_instance_uids=tuple(dose.sop_instance_uid for dose in doses),
        files=tuple(dose.file for dose in doses),
    )


def _error(code: FindingCode, message: str, file: str) -> Finding:
    return error(code, message, action=_EXPORT, file=file)


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))
