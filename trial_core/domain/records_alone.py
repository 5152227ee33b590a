"""Treatment records handed over without a plan: what such a set must hold, and the same records twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from trial_core.domain.delivered_fractions import BeamRecord
from trial_core.domain.plan import SubmissionFinding
from trial_core.domain.repeated_set import Repeat
from trial_core.domain.submitted_course import SubmittedCourse


def records_problem(course: SubmittedCourse | None) -> SubmissionFinding | None:
    """Say why a set is no hand-over of treatment records alone; None where it is one.

    A plan among them would be on record without having been judged.
    """
    if course is not None and course.plans:
        labels = ", ".join(f"'{plan.label}'" for plan in course.plans)
        return SubmissionFinding(
            code="plan-among-records",
            severity="error",
            message=f"The files were handed over as treatment records alone, but hold the plan {labels}.",
            action="Hand over the treatment records without it, or submit the plan with its CT, "
            "structures and dose.",
        )
    if course is None or not course.records:
        return SubmissionFinding(
            code="no-treatment-record",
            severity="error",
            message="There is no treatment record with a beam among the files.",
            action="Hand over RT Beams Treatment Records, as the record-and-verify system exports them.",
        )
    return None


_OF_A_COURSE = frozenset({"regimen-without-plan", "sum-incomplete", "reference-absent"})
"""What is said of files that lack a plan: records alone are never handed over with theirs."""


def findings_of_records(findings: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Give what reading found in records alone, without what asks for the plans that are on record."""
    return tuple(each for each in findings if each["code"] not in _OF_A_COURSE)


def repeated_records(course: SubmittedCourse, known: Collection[BeamRecord]) -> Repeat:
    """Compare records with those on the subject's record: all of them known, they say nothing new."""
    again = [each for each in course.records if each in known]
    if not again:
        return Repeat(False, ())
    everything = len(again) == len(course.records)
    number = len({each.record for each in again})
    finding = SubmissionFinding(
        code="records-twice",
        severity="warning" if everything else "info",
        message=f"{number} of these treatment records {'is' if number == 1 else 'are'} on this subject's "
        "record already; each counts once.",
        action="Hand over the later ones." if everything else "Nothing needs to be done.",
    )
    return Repeat(everything, (finding,))
