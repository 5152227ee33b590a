"""A plan is called what people call it, also in a query that knows its UID alone."""

from __future__ import annotations

from datetime import date

from trial_core.domain.delivery import DeliveryRules, DeliverySummary, PlannedCourse, summarise_delivery
from web.components.plan_names import with_plan_names


def _course(regimen: str, *plans: str) -> DeliverySummary:
    course = PlannedCourse(regimen=regimen, plans=plans, fractions=5, dose_gy=10.0, prescribed_gy=10.0)
    return summarise_delivery(course, (), DeliveryRules(), today=date(2026, 1, 5), ended=False)


def test_query_of_a_machines_record__names_the_plan_and_no_uid() -> None:
    courses = (_course("LDRT", "2.25.1"), _course("CFRT", "2.25.22222222", "2.25.33333333"))
    assert with_plan_names("plan 2.25.1, fraction 3", courses) == "plan LDRT, fraction 3"
    assert with_plan_names("plan 2.25.17, fraction 12", courses) == "plan 2.25.17, fraction 12"
    of_two = with_plan_names("plan 2.25.33333333, fraction 1", courses)
    assert of_two == "plan CFRT …33333333, fraction 1"
    assert with_plan_names("plan 1.2.3, fraction 1", courses) == "plan 1.2.3, fraction 1"
