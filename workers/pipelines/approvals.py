"""Approval of plans and structure sets (PS3.3 C.8.8.16): what nobody has approved, or somebody rejected."""

from __future__ import annotations

from imaging.course import Course
from imaging.dicom.rt_plan import RtPlan
from imaging.dicom.rt_structure import StructureSet
from imaging.findings import Finding, FindingCode, info, warning
from workers.pipelines.unused_objects import unused_objects

_ELEMENT = "ApprovalStatus"


def approval_findings(course: Course) -> list[Finding]:
    """Say which are REJECTED, a warning, and which UNAPPROVED, a note; no status says nothing."""
    found = [_judged(each.plan) for each in course.plans]
    unused = unused_objects(course)
    found += [_judged(each) for each in course.structure_sets if each.file not in unused]
    return [finding for finding in found if finding is not None]


def _judged(given: RtPlan | StructureSet) -> Finding | None:
    what = "plan" if isinstance(given, RtPlan) else "structure set"
    match (given.approval or "").upper():
        case "REJECTED":
            message = f"The {what} is REJECTED: somebody looked at it and turned it down."
            action = f"Hand over the {what} that is used; nobody is to be treated by this one."
            return warning(
                FindingCode.APPROVAL_REJECTED, message, action=action, file=given.file, element=_ELEMENT
            )
        case "UNAPPROVED":
            message = f"The {what} is UNAPPROVED: it may still change."
            return info(FindingCode.APPROVAL_MISSING, message, file=given.file, element=_ELEMENT)
        case _:
            return None
