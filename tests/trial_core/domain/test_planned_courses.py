"""Plans grouped by the fractions they share; what does not add up is a query."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.trial_core.reviewing import a_plan
from trial_core.domain.planned_courses import planned_courses
from trial_core.domain.submitted_course import SubmittedPlan

CFRT = a_plan("1")
MET = replace(
    CFRT,
    uid="2",
    label="Met",
    regimen="LDRT",
    regimen_label="Low dose",
    share_fractions=5,
    regimen_fractions=5,
    dose_gy=15.0,
    prescribed_gy=10.0,
)


def test_planned_courses__two_metastases_are_two_courses() -> None:
    other = replace(MET, uid="3", label="Met 2")
    courses, queries = planned_courses([MET, other, CFRT])
    assert [(each.regimen, each.plans, each.fractions) for each in courses] == [
        ("Low dose: Met", ("2",), 5),
        ("Low dose: Met 2", ("3",), 5),
        ("Conventional", ("1",), 28),
    ]
    assert courses[0].dose_gy == 15.0
    assert courses[0].prescribed_gy == 10.0
    assert queries == ()


def test_planned_courses__plans_that_replace_one_another_are_one() -> None:
    parts = [a_plan("1", share=20), a_plan("2", fractions=8, share=8)]
    ((course,), queries) = planned_courses(parts)
    assert (course.plans, course.fractions, queries) == (("1", "2"), 28, ())
    assert course.dose_gy == pytest.approx(50.4, abs=1e-12)


@pytest.mark.parametrize(
    ("plans", "words"),
    [
        ([a_plan("1", share=20), a_plan("2", share=9)], "adds up"),
        ([replace(CFRT, share_fractions=None)], "adds up"),
        ([replace(CFRT, dose_gy=None)], "states no dose"),
        ([replace(CFRT, dose_gy=0.0)], "0 Gy"),
        ([replace(CFRT, regimen=None)], "no regimen"),
    ],
)
def test_planned_courses__what_is_not_known_is_a_query(plans: list[SubmittedPlan], words: str) -> None:
    courses, (query,) = planned_courses(plans)
    assert courses == ()
    assert words in query.message
