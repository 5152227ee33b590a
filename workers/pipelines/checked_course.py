"""A checked course with what its report was made from: doses and structures, in memory."""

from __future__ import annotations

from dataclasses import dataclass

from imaging.course import Course
from trial_core.domain.protocol import Protocol
from trial_core.domain.report import CourseReport
from workers.pipelines.prepared_plans import PreparedPlan
from workers.pipelines.sums import CourseSum


@dataclass(frozen=True, eq=False)
class CheckedCourse:
    """What was checked, by which protocol, with its plans, their sum (where there is one), the report."""

    course: Course
    protocol: Protocol
    plans: tuple[PreparedPlan, ...]
    total: CourseSum | None
    report: CourseReport
