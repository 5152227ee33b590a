"""From files to the linked plans of one patient, with findings."""

from __future__ import annotations

from collections.abc import Sequence

from imaging.dicom.ct import CtSeries, CtSlice
from imaging.dicom.rt_dose import RtDose
from imaging.dicom.rt_plan import RtPlan
from imaging.dicom.rt_record import TreatmentRecord
from imaging.dicom.rt_structure import StructureSet
from imaging.findings import Finding, FindingCode, error, warning
from imaging.linked import (
    Course,
    CourseFile,
    DoseWithoutPlan,
    FileKind,
    LinkedBy,
    LinkedPlan,
    PatientIdentity,
    PlanDose,
)
from imaging.linking.contour_slices import check_slices, series_of
from imaging.linking.ct_series import build_series
from imaging.linking.dose_curves import check_curves
from imaging.linking.identity import distinct_identities, is_two_patients, one_patient
from imaging.linking.objects import Objects, read_objects
from imaging.linking.other_plans import SET_ASIDE, SortedPlans, sort_plans
from imaging.linking.plan_dose import combine, is_rival, misfit, plans_with_one_dose, whole_dose
from imaging.linking.references import (
    StructureLink,
    Wanted,
    check_ct,
    check_plan_references,
    check_positions,
    check_record_references,
    link_structure_set,
)
from imaging.linking.sets_beside import sets_beside, spoiling_nothing
from imaging.received import Intake

__all__ = [
    "Course",
    "CourseFile",
    "DoseWithoutPlan",
    "FileKind",
    "LinkedBy",
    "LinkedPlan",
    "PatientIdentity",
    "PlanDose",
    "read_course",
]


def read_course(intake: Intake) -> Course:
    """Read, link and check what was taken in.

    Parameters
    ----------
    intake
        What `imaging.intake.take_in` gave; its findings are carried on.

    Notes
    -----
    Never raises for what is in the files: whatever is wrong with them is a finding. The order of files plays
    no role. Files of more than one patient make no course: then nothing but `findings` and `files` is filled.
    """
    objects = read_objects(intake.files)
    patient, identity_findings = one_patient(objects.identities)
    findings = [*intake.findings, *objects.findings, *identity_findings]
    if is_two_patients(identity_findings):
        return _no_course(objects, findings)
    return _Linker(objects, findings).link(patient)


def _no_course(objects: Objects, findings: Sequence[Finding]) -> Course:
    objects.set_aside([file.name for file in objects.files], "The files belong to more than one patient.")
    identities = distinct_identities(objects.identities)
    return Course(None, (), (), (), (), (), (), tuple(findings), objects.files, identities)


class _Linker:
    """Joins the objects of one patient; notes what is missing or contradictory on the way."""

    def __init__(self, objects: Objects, findings: list[Finding]) -> None:
        self.objects = objects
        self.findings = findings

    def link(self, patient: PatientIdentity | None) -> Course:
        series = self._series()
        sets = self._structure_sets(series)
        plans = self.objects.of_type(RtPlan)
        sorted_plans = self._sort(plans)
        records = self.objects.of_type(TreatmentRecord)
        doses, others = self._doses(sorted_plans)
        known = {plan.sop_instance_uid for plan in sorted_plans.treating}
        linked = tuple(self._plan(plan, doses, sets) for plan in sorted_plans.treating)
        alone = tuple(self._alone(dose, sets) for dose in doses if not known.intersection(dose.plan_uids))
        self.findings += plans_with_one_dose(linked)
        for one in linked:
            self.findings += check_plan_references(one.plan, plans)
            ct = series_of(one.structure_set, series) if one.structure_set else None
            self.findings += check_positions(one.plan, ct)
        self.findings += check_record_references(records, plans)
        beside = sets_beside(
            sets, [*(each.structure_set for each in linked), *(each.structure_set for each in alone)]
        )
        return Course(
            patient=patient,
            ct_series=series,
            structure_sets=sets,
            plans=linked,
            doses_without_plan=alone,
            records=records,
            registrations=self.objects.registrations,
            findings=tuple(spoiling_nothing(self.findings, beside)),
            files=self.objects.files,
            identities=distinct_identities(self.objects.identities),
            deformable_registrations=self.objects.deformable_registrations,
            doses_of_no_treatment=tuple(_without_plan(dose, _link_alone(dose, sets)) for dose in others),
        )

    def _sort(self, plans: Sequence[RtPlan]) -> SortedPlans:
        found = sort_plans(plans)
        self.findings += found.findings
        self.objects.set_aside((plan.file for plan in found.others), SET_ASIDE)
        return found

    def _series(self) -> tuple[CtSeries, ...]:
        found = build_series(self.objects.of_type(CtSlice))
        for one in found:
            self.findings += one.findings
            self.objects.set_aside(
                [slice_.file for slice_ in one.left_out], "The CT image does not fit its series."
            )
        return tuple(one.series for one in found)

    def _structure_sets(self, series: tuple[CtSeries, ...]) -> tuple[StructureSet, ...]:
        checked = []
        for structures in self.objects.of_type(StructureSet):
            linked = series_of(structures, series)
            self.findings += check_ct(structures, series, linked)
            with_spacing, findings = check_slices(structures, linked)
            self.findings += findings
            checked.append(with_spacing)
        return tuple(checked)

    def _doses(self, plans: SortedPlans) -> tuple[tuple[RtDose, ...], tuple[RtDose, ...]]:
        """Give the doses that hold anything, and those of plans that treat nobody.

        An all-zero dose was noted when it was read.
        """
        doses = self.objects.of_type(RtDose)
        empty = [dose.file for dose in doses if dose.is_all_zero]
        self.objects.set_aside(empty, "Every voxel of the dose is 0 Gy.")
        filled = [dose for dose in doses if not dose.is_all_zero]
        others = tuple(dose for dose in filled if plans.is_of_another(dose))
        self.objects.set_aside((dose.file for dose in others), SET_ASIDE)
        return tuple(dose for dose in filled if dose not in others), others

    def _plan(
        self,
        plan: RtPlan,
        doses: tuple[RtDose, ...],
        sets: tuple[StructureSet, ...],
    ) -> LinkedPlan:
        own = [dose for dose in doses if plan.sop_instance_uid in dose.plan_uids]
        for dose in own:
            self.findings += check_curves(dose, plan)
        misfits = {dose.file: words for dose in own if (words := self._misfit(plan, dose))}
        fitting = [dose for dose in own if dose.file not in misfits]
        rivals = [dose for dose in own if dose.file in misfits and is_rival(plan, dose)]
        combined = combine(plan, fitting, rivals)
        self.findings += combined.findings
        used = {dose.file for dose in combined.used}
        self.objects.set_aside(
            (dose.file for dose in own if dose.file not in used),
            "The dose was not needed for, or not fit for, the plan.",
        )
        wanted = Wanted(
            file=plan.file,
            of_plan=plan.structure_set_uid,
            of_dose=tuple(uid for dose in fitting for uid in dose.structure_set_uids),
            frames=(
                ("plan", plan.frame_of_reference_uid),
                ("dose", combined.dose.frame_of_reference_uid if combined.dose else None),
            ),
        )
        link = link_structure_set(wanted, sets)
        self.findings += link.findings
        return LinkedPlan(
            plan=plan,
            structure_set=link.structure_set,
            structure_set_linked_by=link.linked_by,
            dose=combined.dose,
            why_no_dose=combined.why_none,
            why_no_structure_set=link.why_none,
            doses_refused=tuple(f"'{file}' {words}" for file, words in misfits.items()),
            dose_doubt=combined.doubt,
        )

    def _misfit(self, plan: RtPlan, dose: RtDose) -> str:
        """Say why a dose cannot be this plan's alone; empty where it can."""
        found = misfit(plan, dose)
        if found is None:
            return ""
        code, problem = found
        action = "Export the dose of each plan on its own, together with the plan."
        self.findings.append(
            error(code, f"The dose {problem}; it was not used.", action=action, file=dose.file)
        )
        return problem

    def _alone(self, dose: RtDose, sets: tuple[StructureSet, ...]) -> DoseWithoutPlan:
        self.findings += check_curves(dose, None)
        what = self._why_alone(dose)
        of = (
            f" It is the dose of beam {', '.join(map(str, dose.beam_numbers))} alone."
            if dose.beam_numbers
            else ""
        )
        code = FindingCode.REFERENCE_ABSENT if dose.plan_uids else FindingCode.DOSE_WITHOUT_PLAN
        self.findings.append(
            warning(
                code,
                f"{what}; what needs no plan is computed all the same.{of}",
                action="Hand over the plan as well.",
                file=dose.file,
                element="ReferencedRTPlanSequence",
            )
        )
        link = _link_alone(dose, sets)
        self.findings += link.findings
        return _without_plan(dose, link)

    def _why_alone(self, dose: RtDose) -> str:
        if not dose.plan_uids:
            return "The dose names no plan"
        there = [file for uid in dose.plan_uids if (file := self.objects.first_with(uid))]
        if there:
            return f"The plan that the dose names, {there[0].name}, was set aside"
        return "The plan that the dose names was not handed over"


def _link_alone(dose: RtDose, sets: tuple[StructureSet, ...]) -> StructureLink:
    """Find the structure set of a dose that goes without a plan."""
    frames = (("dose", dose.frame_of_reference_uid),)
    return link_structure_set(Wanted(dose.file, None, dose.structure_set_uids, frames), sets)


def _without_plan(dose: RtDose, link: StructureLink) -> DoseWithoutPlan:
    return DoseWithoutPlan(whole_dose(dose), dose.plan_uids, link.structure_set, link.linked_by)
