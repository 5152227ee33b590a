"""What delivery needs of a checked course: its plans as the report shares them out, its treatment records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from imaging.course import Course
from imaging.dicom.rt_plan import RtPlan
from imaging.dicom.rt_record import TreatmentRecord
from trial_core.domain.delivered_fractions import BeamRecord, DeliverySource
from trial_core.domain.report import CourseReport, PlanReport
from trial_core.domain.submitted_course import SubmittedCourse, SubmittedPlan


def submitted_course(course: Course, report: CourseReport) -> SubmittedCourse:
    """Plans in the order of the report; records in the order of their UIDs, of any plan they name."""
    files = {file.name: file.sha256 for file in course.files}
    by_uid = {linked.plan.sop_instance_uid: linked.plan for linked in course.plans}
    return SubmittedCourse(
        plans=tuple(_plan(plan, by_uid.get(plan.sop_instance_uid), files) for plan in report.plans),
        records=beam_records(course),
    )


def beam_records(course: Course) -> tuple[BeamRecord, ...]:
    """Each beam of each RT Beams Treatment Record, whatever it delivered; the domain says what counts."""
    ordered = sorted(course.records, key=lambda each: each.sop_instance_uid)
    return tuple(beam for record in ordered for beam in _beams(record))


def _beams(record: TreatmentRecord) -> list[BeamRecord]:
    """Each item of the record; those that say the same are told apart by their number."""
    found: list[BeamRecord] = []
    for beam in _items(record):
        found.append(replace(beam, repeat=sum(replace(each, repeat=0) == beam for each in found)))
    return found


def _items(record: TreatmentRecord) -> list[BeamRecord]:
    return [
        BeamRecord(
            record=record.sop_instance_uid,
            plan=record.plan_uid or "",
            fraction=beam.fraction,
            beam=beam.number,
            on=record.treatment_date,
            delivery_type=beam.delivery_type,
            termination=beam.termination,
            specified=beam.specified_meterset,
            delivered=beam.delivered_meterset,
            source=DeliverySource.DICOM,
            began_at=record.treatment_time.isoformat() if record.treatment_time else None,
        )
        for beam in record.beams
    ]


def _plan(plan: PlanReport, rt_plan: RtPlan | None, files: Mapping[str, str]) -> SubmittedPlan:
    return SubmittedPlan(
        uid=plan.sop_instance_uid,
        file_sha256=files.get(rt_plan.file, "") if rt_plan else "",
        label=plan.label,
        regimen=plan.regimen,
        regimen_label=plan.regimen_label,
        planned_fractions=plan.planned_fractions,
        share_fractions=plan.share_fractions,
        regimen_fractions=plan.regimen_fractions,
        dose_gy=_dose_gy(plan),
        prescribed_gy=plan.prescription_gy,
        beams=rt_plan.fraction_beams if rt_plan else (),
    )


def _dose_gy(plan: PlanReport) -> float | None:
    """What the plan states for its targets, for its share of fractions; of several doses the highest."""
    stated = [each.plan_prescription_gy for each in plan.targets if each.plan_prescription_gy is not None]
    if not stated or not plan.planned_fractions or plan.share_fractions is None:
        return None
    return max(stated) * plan.share_fractions / plan.planned_fractions
