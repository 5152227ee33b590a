"""The courses of fractions that a submission plans: a plan alone, or plans that replace one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trial_core.domain.delivery import PlannedCourse
from trial_core.domain.queries import Query, QueryCode
from trial_core.domain.submitted_course import SubmittedPlan


def planned_courses(
    plans: Sequence[SubmittedPlan],
) -> tuple[tuple[PlannedCourse, ...], tuple[Query, ...]]:
    """Group plans by the fractions that they share; what cannot be grouped is a query, never a guess.

    A plan that gives all fractions of its regimen is a course by itself (two metastases: two courses); those
    that give a part of them are one course where the parts make up the regimen.
    """
    courses: list[PlannedCourse] = []
    queries: list[Query] = []
    for group in _groups(plans):
        problem = _problem(group)
        if problem:
            queries.append(_query(group, problem))
        else:
            courses.append(_course(group, alone=len(plans) == 1 or _only_of_regimen(group, plans)))
    return tuple(courses), tuple(queries)


def _groups(plans: Sequence[SubmittedPlan]) -> Iterator[list[SubmittedPlan]]:
    parts: dict[str | None, list[SubmittedPlan]] = {}
    for plan in plans:
        if plan.share_fractions is not None and plan.share_fractions == plan.regimen_fractions:
            yield [plan]
        else:
            parts.setdefault(plan.regimen, []).append(plan)
    yield from parts.values()


def _problem(group: Sequence[SubmittedPlan]) -> str:
    if group[0].regimen is None:
        return "belongs to no regimen, so it is not known what of it was to be given"
    if any(plan.dose_gy is None or plan.prescribed_gy is None for plan in group):
        return "states no dose, so the dose delivered is not known"
    shares = [plan.share_fractions for plan in group]
    if None in shares or sum(each or 0 for each in shares) != group[0].regimen_fractions:
        return "does not share the regimen's fractions with the others in a way that adds up"
    if not all(dose and dose > 0 for plan in group for dose in (plan.dose_gy, plan.prescribed_gy)):
        return "has a dose of 0 Gy"
    return ""


def _only_of_regimen(group: Sequence[SubmittedPlan], plans: Sequence[SubmittedPlan]) -> bool:
    return all(plan in group for plan in plans if plan.regimen == group[0].regimen)


def _course(group: Sequence[SubmittedPlan], *, alone: bool) -> PlannedCourse:
    labels = " + ".join(plan.label for plan in group)
    return PlannedCourse(
        regimen=group[0].regimen_label if alone else f"{group[0].regimen_label}: {labels}",
        plans=tuple(plan.uid for plan in group),
        fractions=sum(plan.share_fractions or 0 for plan in group),
        dose_gy=sum(plan.dose_gy or 0.0 for plan in group),
        prescribed_gy=sum(plan.prescribed_gy or 0.0 for plan in group),
    )


def _query(group: Sequence[SubmittedPlan], problem: str) -> Query:
    labels = ", ".join(f"'{plan.label}'" for plan in group)
    return Query(
        code=QueryCode.FRACTION_NUMBER,
        about=f"plan {labels}",
        message=problem,
        action="Look at the plan's report; submit plans that say it.",
    )
