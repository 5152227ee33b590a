"""What is in a course that was read: images, structures, plans and doses, linked or not."""

from __future__ import annotations

from imaging.course import Course, LinkedPlan
from imaging.dicom.ct import CtSeries
from imaging.dicom.rt_structure import Roi, StructureSet
from imaging.linking.contour_slices import series_of
from trial_core.domain.naming_rules import may_be_given
from trial_core.domain.plan import SubmissionFinding
from trial_core.domain.protocol import Protocol
from trial_core.domain.set_content import (
    MOST_LISTED,
    CtSeen,
    PlanSeen,
    RoiSeen,
    SetAside,
    SetContent,
    StructureSetSeen,
)
from workers.pipelines.regimen_assignment import AssignedPlan, assign_regimens


def set_content(course: Course, protocol: Protocol) -> SetContent:
    """Give what a set of files holds; `protocol` is without the names that a person gave."""
    assigned, _ = assign_regimens(course.plans, protocol)
    of_sets = {each.sop_instance_uid: series_of(each, course.ct_series) for each in course.structure_sets}
    labels = {each.sop_instance_uid: each.label or each.file for each in course.structure_sets}
    unused = [file for file in course.files if not file.used]
    return SetContent(
        files=len(course.files),
        ct=tuple(_ct(each, course, of_sets) for each in course.ct_series),
        structure_sets=tuple(
            _structure_set(each, protocol, on_ct=of_sets[each.sop_instance_uid] is not None)
            for each in course.structure_sets
        ),
        plans=tuple(_plan(each, labels) for each in assigned),
        doses=sum(len(plan.dose.files) for plan in course.plans if plan.dose),
        doses_without_plan=tuple(file for each in course.doses_without_plan for file in each.dose.files),
        records=len(course.records),
        registrations=len(course.registrations) + len(course.deformable_registrations),
        set_aside=tuple(SetAside(file.name, file.reason or "") for file in unused[:MOST_LISTED]),
        unused=len(unused),
        findings=tuple(
            SubmissionFinding.from_mapping(each.as_json()) for each in course.findings[:MOST_LISTED]
        ),
    )


def _ct(series: CtSeries, course: Course, of_sets: dict[str, CtSeries | None]) -> CtSeen:
    here = {image.sop_instance_uid for image in series.slices}
    on_it = [each for each in course.structure_sets if of_sets[each.sop_instance_uid] is series]
    named = {uid for each in on_it for uid in each.ct_uids}
    return CtSeen(
        slices=len(series.slices),
        named=len(named) if named else None,
        named_here=len(named & here) if named else None,
        spacing_mm=series.spacing_mm,
        is_complete=named <= here and series.is_regular,
    )


def _structure_set(structures: StructureSet, protocol: Protocol, *, on_ct: bool) -> StructureSetSeen:
    return StructureSetSeen(
        file=structures.file,
        label=structures.label or "",
        on_ct=on_ct,
        rois=tuple(_roi(roi, protocol) for roi in structures.rois),
    )


def _roi(roi: Roi, protocol: Protocol) -> RoiSeen:
    known = [rule for rule in protocol.structures if rule.has_name(roi.verbatim_name)]
    return RoiSeen(
        name=roi.verbatim_name,
        shown_name=roi.name,
        contoured=roi.structure is not None,
        known_as=tuple(rule.name for rule in known if may_be_given(rule)),
        groups=tuple(rule.name for rule in known if rule.every),
    )


def _plan(assigned: AssignedPlan, labels: dict[str, str]) -> PlanSeen:
    linked: LinkedPlan = assigned.linked
    structures = linked.structure_set
    return PlanSeen(
        file=assigned.plan.file,
        label=assigned.label,
        regimen=assigned.regimen.id if assigned.regimen else None,
        why_no_regimen=assigned.reason,
        fractions=assigned.planned_fractions,
        structure_set=None if structures is None else labels[structures.sop_instance_uid],
        why_no_structure_set=linked.why_no_structure_set or "",
        has_dose=linked.dose is not None,
        why_no_dose=linked.why_no_dose or "",
    )
