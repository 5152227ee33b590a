"""References between the objects: followed by UID, then by frame of reference; what is absent is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from imaging.dicom.ct import CtSeries
from imaging.dicom.rt_plan import RtPlan
from imaging.dicom.rt_record import TreatmentRecord
from imaging.dicom.rt_structure import StructureSet
from imaging.findings import Finding, FindingCode, error, info, warning
from imaging.linked import LinkedBy

_HAND_OVER = "Hand it over as well if it belongs to the course."


@dataclass
class StructureLink:
    """The structure set that belongs to a plan or dose, what joined them, or why there is none."""

    structure_set: StructureSet | None = None
    linked_by: LinkedBy | None = None
    why_none: str | None = None
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """What a plan or dose says about its structure set.

    `frames` are the frames of reference of plan and dose, each with the name of what it belongs to.
    """

    file: str
    of_plan: str | None
    of_dose: tuple[str, ...]
    frames: tuple[tuple[str, str | None], ...]


def link_structure_set(wanted: Wanted, sets: Sequence[StructureSet]) -> StructureLink:
    """Find the structure set: the one the plan names, else the one the dose names, else by frame of
    reference.

    A set that lies in another frame of reference is never linked, whoever names it. Where plan and dose name
    different sets, the plan's is linked, and the contradiction is said.
    """
    link = StructureLink(findings=_contradictions(wanted))
    for uid, by in _named(wanted):
        found = next((one for one in sets if one.sop_instance_uid == uid), None)
        if found is not None:
            return _in_one_frame(wanted, found, by, link)
        message = "The structure set that it names was not handed over."
        link.findings.append(_absent(message, wanted.file, "ReferencedStructureSetSequence"))
    return _by_frame(wanted, sets, link)


def _named(wanted: Wanted) -> list[tuple[str, LinkedBy]]:
    named = [(wanted.of_plan, LinkedBy.PLAN)] if wanted.of_plan else []
    return named + [(uid, LinkedBy.STRUCTURE_SET) for uid in wanted.of_dose if uid != wanted.of_plan]


def _contradictions(wanted: Wanted) -> list[Finding]:
    """Say whether plan and dose, or the doses, name more than one structure set."""
    if len({uid for uid, _ in _named(wanted)}) < 2:
        return []
    who = "Plan and dose name" if wanted.of_plan else "The dose names"
    return [
        error(
            FindingCode.REFERENCE_CONTRADICTORY,
            f"{who} different structure sets; nobody can say for which contours the dose was calculated.",
            action="Export plan, dose and structure set again from one plan.",
            file=wanted.file,
            element="ReferencedStructureSetSequence",
        )
    ]


def _in_one_frame(wanted: Wanted, found: StructureSet, by: LinkedBy, link: StructureLink) -> StructureLink:
    for what, frame in wanted.frames:
        if frame and found.frame_of_reference_uid and frame != found.frame_of_reference_uid:
            link.why_none = (
                f"The structure set {found.file} lies in another frame of reference than the {what}; "
                "coordinates of different frames are never mixed."
            )
            action = "Export plan, dose and structure set from one plan, or hand over a spatial registration."
            link.findings.append(
                error(
                    FindingCode.FRAME_OF_REFERENCE_MISMATCH,
                    link.why_none,
                    action=action,
                    file=wanted.file,
                    element="FrameOfReferenceUID",
                )
            )
            return link
    link.structure_set, link.linked_by = found, by
    return link


def _by_frame(wanted: Wanted, sets: Sequence[StructureSet], link: StructureLink) -> StructureLink:
    frames = {frame for _, frame in wanted.frames if frame}
    found = [one for one in sets if len(frames) == 1 and one.frame_of_reference_uid in frames]
    if len(found) == 1:
        message = f"It was joined with {found[0].file} by their common frame of reference alone."
        action = "Check that the contours belong to this plan."
        link.findings.append(warning(FindingCode.LINKED_BY_FRAME, message, action=action, file=wanted.file))
        link.structure_set, link.linked_by = found[0], LinkedBy.FRAME_OF_REFERENCE
        return link
    link.why_none = "No structure set belongs to it."
    if found:
        link.why_none = (
            f"{len(found)} structure sets share its frame of reference; nobody can say which is its own."
        )
        action = "Hand over the one structure set that belongs to the plan."
        link.findings.append(
            warning(FindingCode.LINK_AMBIGUOUS, link.why_none, action=action, file=wanted.file)
        )
    return link


def check_ct(structures: StructureSet, series: Iterable[CtSeries], linked: CtSeries | None) -> list[Finding]:
    """Say which referenced CT images are absent, and whether the CT lies in another frame of reference."""
    handed_over = {one.sop_instance_uid for each in series for one in each.slices}
    absent = [uid for uid in structures.ct_uids if uid not in handed_over]
    findings = []
    if absent or (linked is None and not structures.ct_uids):
        count = f"{len(absent)} of {len(structures.ct_uids)} CT images that the structure set names"
        message = f"{count if absent else 'The CT of the structure set'} were not handed over."
        message = message if absent else "The CT of the structure set was not handed over."
        findings.append(_absent(message, structures.file, "ContourImageSequence"))
    frame = structures.frame_of_reference_uid
    if linked and frame and linked.frame_of_reference_uid and frame != linked.frame_of_reference_uid:
        message = "The structure set lies in another frame of reference than the CT that it names."
        action = "Export CT and structure set again from one plan."
        findings.append(
            error(
                FindingCode.FRAME_OF_REFERENCE_MISMATCH,
                message,
                action=action,
                file=structures.file,
                element="FrameOfReferenceUID",
            )
        )
    return findings


def check_plan_references(plan: RtPlan, plans: Iterable[RtPlan]) -> list[Finding]:
    """Say which plans that this one continues or replaces were not handed over."""
    handed_over = {one.sop_instance_uid for one in plans}
    findings = []
    for related in plan.related_plans:
        if related.sop_instance_uid in handed_over:
            continue
        kind = related.relationship or "unnamed"
        message = f"A plan that this one names ({kind} relationship) was not handed over."
        make = warning if related.relationship == "PREDECESSOR" else info
        findings.append(
            make(
                FindingCode.REFERENCE_ABSENT,
                message,
                action=_HAND_OVER,
                file=plan.file,
                element="ReferencedRTPlanSequence",
            )
        )
    return findings


def check_positions(plan: RtPlan, series: CtSeries | None) -> list[Finding]:
    """Say where the plan treats the patient in another position than the CT was taken in."""
    if series is None or series.patient_position is None or not plan.patient_positions:
        return []
    if plan.patient_positions == (series.patient_position,):
        return []
    positions = ", ".join(plan.patient_positions)
    message = f"The plan's PatientPosition is {positions}, the CT's is {series.patient_position}."
    action = "Check in which position the patient is treated."
    code = FindingCode.PATIENT_POSITION_MISMATCH
    return [warning(code, message, action=action, file=plan.file, element="PatientPosition")]


def check_record_references(records: Iterable[TreatmentRecord], plans: Iterable[RtPlan]) -> list[Finding]:
    """Say which records belong to no plan that was handed over."""
    handed_over = {one.sop_instance_uid for one in plans}
    message = "The plan of this treatment record was not handed over; it counts for no plan."
    return [
        _absent(message, record.file, "ReferencedRTPlanSequence")
        for record in records
        if record.plan_uid not in handed_over
    ]


def _absent(message: str, file: str, element: str) -> Finding:
    return warning(FindingCode.REFERENCE_ABSENT, message, action=_HAND_OVER, file=file, element=element)
