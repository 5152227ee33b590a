"""What was handed over and could be read, and plays no part in a check: said, so that nobody relies on it."""

from __future__ import annotations

from imaging.course import Course
from imaging.findings import Finding, FindingCode, info, warning

NOT_RIGID = "A deformable registration places no dose in a check: only rigid ones do."
NOT_NAMED = "No plan and no dose that was handed over belongs to this structure set; nothing is judged by it."


def unused_objects(course: Course) -> dict[str, str]:
    """By file: why what it holds is not used."""
    fields = {each.file: NOT_RIGID for each in course.deformable_registrations}
    return fields | dict.fromkeys(_structure_sets_beside(course), NOT_NAMED)


def unused_findings(course: Course) -> list[Finding]:
    """Say what is not used, each file once."""
    action = "Hand over the rigid registration; 'dosegate accumulate' adds doses by a deformation."
    files = sorted({each.file for each in course.deformable_registrations})
    return [
        *(warning(FindingCode.REGISTRATION_NOT_USED, NOT_RIGID, action=action, file=file) for file in files),
        *(
            info(FindingCode.OBJECT_SET_ASIDE, NOT_NAMED, file=file)
            for file in _structure_sets_beside(course)
        ),
    ]


def _structure_sets_beside(course: Course) -> list[str]:
    """Sets beside those of the plans; none where a plan has none, for then it may be one of them."""
    linked = [each.structure_set for each in course.plans]
    linked += [each.structure_set for each in course.doses_without_plan]
    if not linked or None in linked:
        return []
    used = {each.sop_instance_uid for each in linked if each is not None}
    return sorted(each.file for each in course.structure_sets if each.sop_instance_uid not in used)
