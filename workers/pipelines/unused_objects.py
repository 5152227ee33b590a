"""What was handed over and could be read, and plays no part in a check: said, so that nobody relies on it."""

from __future__ import annotations

from imaging.course import Course
from imaging.dicom.rt_structure import StructureSet
from imaging.findings import Finding, FindingCode, info, warning
from imaging.linking.sets_beside import sets_beside
from workers.pipelines.placement import structure_frame

NOT_RIGID = "A deformable registration places no dose in a check: only rigid ones do."
NOT_NAMED = "No plan and no dose that was handed over belongs to this structure set; nothing is judged by it."
ELSEWHERE = (
    "No plan and no dose that was handed over belongs to this structure set, and it lies in another frame of "
    "reference than theirs; nothing is judged by it."
)


def unused_objects(course: Course) -> dict[str, str]:
    """By file: why what it holds is not used."""
    fields = {each.file: NOT_RIGID for each in course.deformable_registrations}
    return fields | dict.fromkeys((each.file for each in _beside(course)), NOT_NAMED)


def unused_findings(course: Course) -> list[Finding]:
    """Say what is not used, each file once."""
    action = "Hand over the rigid registration; 'dosegate accumulate' adds doses by a deformation."
    files = sorted({each.file for each in course.deformable_registrations})
    return [
        *(warning(FindingCode.REGISTRATION_NOT_USED, NOT_RIGID, action=action, file=file) for file in files),
        *(_not_named(each, course) for each in sorted(_beside(course), key=lambda one: one.file)),
    ]


def _not_named(beside: StructureSet, course: Course) -> Finding:
    """An earlier version in the plans' frame is usual; one of another frame may be of another course."""
    frames = {structure_frame(each) for each in _linked(course) if each}
    if structure_frame(beside) in frames:
        return info(FindingCode.OBJECT_SET_ASIDE, NOT_NAMED, file=beside.file)
    action = "Look whether it belongs to the course and a plan is missing; else leave it out."
    return warning(FindingCode.OBJECT_SET_ASIDE, ELSEWHERE, action=action, file=beside.file)


def _beside(course: Course) -> tuple[StructureSet, ...]:
    return sets_beside(course.structure_sets, _linked(course))


def _linked(course: Course) -> list[StructureSet | None]:
    return [
        *(each.structure_set for each in course.plans),
        *(each.structure_set for each in course.doses_without_plan),
    ]
