"""What keeps a course as a whole from being judged, each with the finding that says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imaging.course import Course, DoseWithoutPlan
from imaging.findings import Finding, FindingCode, error
from trial_core.domain.protocol import Protocol
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.unread_files import unread_words
from workers.pipelines.untreated_targets import UntreatedTarget


@dataclass(frozen=True)
class Obstacle:
    """Why the course has no verdict and no sum; `finding` is None where there is one already."""

    words: str
    finding: Finding | None = None


def course_obstacles(
    course: Course,
    protocol: Protocol,
    plans: Sequence[PreparedPlan],
    untreated: Sequence[UntreatedTarget],
) -> tuple[Obstacle, ...]:
    """Everything that makes the course not evaluable, whatever its plans' own verdicts.

    Parameters
    ----------
    course, protocol, plans
        What was read, what it is judged by, the plans.
    untreated
        The targets that no plan treats.
    """
    mixed = mixed_patients(course)  # then no plan was put together: none is missing for that
    unread = unread_words(course)
    return (
        *(Obstacle(words) for words in mixed),
        *((Obstacle(unread),) if unread else ()),
        *(() if mixed else _regimens_missing(protocol, plans)),
        *(Obstacle(f"plan '{plan.label}': {plan.obstacle}") for plan in plans if plan.obstacle),
        *(Obstacle(each.obstacle, each.finding()) for each in untreated),
        *(_dose_beside(each) for each in course.doses_without_plan),
        *_plans_twice(course),
    )


def mixed_patients(course: Course) -> list[str]:
    """Why nothing of the course is judged where its files belong to more than one patient."""
    mixed = any(finding.code is FindingCode.PATIENT_MISMATCH for finding in course.findings)
    return ["the files belong to more than one patient"] if mixed else []


def _dose_beside(beside: DoseWithoutPlan) -> Obstacle:
    """A dose that nobody can place: part of the treatment, and then of the sum, or not."""
    files = ", ".join(f"'{file}'" for file in beside.dose.files)
    words = f"the dose {files} belongs to no plan that was handed over and can be judged"
    finding = error(
        FindingCode.DOSE_WITHOUT_PLAN,
        f"{words}: whether the sum lacks it is not known, and the course is not evaluable",
        action="Hand over its plan, or leave the dose out if it is no part of the course.",
        file=beside.dose.files[0] if beside.dose.files else None,
        element="ReferencedRTPlanSequence",
    )
    return Obstacle(words, finding)


def _plans_twice(course: Course) -> Iterator[Obstacle]:
    for finding in course.findings:
        if finding.code is FindingCode.PLAN_TWICE:
            yield Obstacle(f"{finding.file}: {finding.message}".removesuffix("."))


def _regimens_missing(protocol: Protocol, plans: Sequence[PreparedPlan]) -> Iterator[Obstacle]:
    given = {plan.assigned.regimen.id for plan in plans if plan.assigned.regimen}
    for regimen in protocol.regimens:
        if regimen.required and regimen.id not in given:
            words = f"there is no plan of the required regimen {regimen.id}"
            yield Obstacle(words, _regimen_missing(regimen.id, words))


def _regimen_missing(regimen: str, words: str) -> Finding:
    return error(
        FindingCode.REGIMEN_WITHOUT_PLAN,
        f"{words}: the course is not evaluable",
        action=f"Hand over the {regimen} plan with its dose and structure set.",
    )
