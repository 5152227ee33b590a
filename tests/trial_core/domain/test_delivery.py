"""Delivery against plan: dose, calendar, the class of deviation, and protocol deviations."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.trial_core.domain.treatment_records import MONDAY, a_record, fractions_of, weekday
from trial_core.domain.delivery import (
    DeliveryRules,
    DeliverySummary,
    DeviationClass,
    PlannedCourse,
    planned_overall_days,
    summarise_delivery,
)
from trial_core.domain.delivery_deviations import (
    Acceptance,
    DeliveryDeviationKind,
    PlanStanding,
    delivery_deviations,
)
from trial_core.domain.queries import QueryCode

RULES = DeliveryRules()
CFRT = PlannedCourse(regimen="CFRT", plans=("P",), fractions=28, dose_gy=50.4, prescribed_gy=50.4)
LATER = weekday(60)


def _summary(
    numbers: list[int], course: PlannedCourse = CFRT, *, today: date = LATER, ended: bool = True
) -> DeliverySummary:
    given = fractions_of(*(a_record(number) for number in numbers))
    return summarise_delivery(course, given, RULES, today=today, ended=ended)


def test_whole_course__has_its_dose_and_time() -> None:
    summary = _summary(list(range(1, 29)))
    assert (summary.delivered_fractions, summary.delivered_dose_gy) == (28, 50.4)
    assert (summary.difference_percent, summary.deviation) == (0.0, DeviationClass.NONE)
    # 28 weekdays from a Monday: five weeks and three days, 5 x 7 + 3.
    assert (summary.overall_days, summary.planned_overall_days) == (38, 38)
    assert (summary.missed_days, summary.gaps) == ((), ())


@pytest.mark.parametrize(
    ("delivered", "planned", "expected"),
    [
        (19, 20, DeviationClass.NONE),  # exactly 5 %
        (37, 39, DeviationClass.MINOR),  # 5.1 %
        (18, 20, DeviationClass.MINOR),  # exactly 10 %
        (17, 19, DeviationClass.MAJOR),  # 10.5 %
        (0, 20, DeviationClass.MAJOR),
        (21, 20, DeviationClass.NONE),  # too much counts alike
        (22, 20, DeviationClass.MINOR),
        (23, 20, DeviationClass.MAJOR),
    ],
)
def test_deviation__is_none_to_5_minor_to_10_and_major_above(
    delivered: int, planned: int, expected: DeviationClass
) -> None:
    course = replace(CFRT, fractions=planned, dose_gy=1.8 * planned, prescribed_gy=1.8 * planned)
    summary = _summary(list(range(1, delivered + 1)), course)
    assert summary.deviation is expected


def test_delivered_dose__is_planned_dose_by_fractions_and_is_held_against_the_prescription() -> None:
    course = replace(CFRT, dose_gy=56.0, prescribed_gy=50.4)
    summary = _summary(list(range(1, 22)), course)
    assert summary.delivered_dose_gy == 42.0  # 56 x 21 / 28
    assert summary.difference_percent == pytest.approx(-16.6667, abs=1e-4)


def test_plans_that_replace_one_another__share_the_fractions() -> None:
    course = replace(CFRT, plans=("P", "P2"))
    given = fractions_of(
        *(a_record(number) for number in range(1, 21)),
        *(
            a_record(number, plan="P2", record=f"b{number}", on=weekday(20 + number))
            for number in range(1, 9)
        ),
        a_record(1, plan="another", record="c"),
    )
    summary = summarise_delivery(course, given, RULES, today=weekday(40), ended=False)
    assert (summary.delivered_fractions, summary.overall_days, summary.missed_days) == (28, 38, ())


def test_missed_days__are_treatment_days_without_a_fraction() -> None:
    summary = _summary([1, 2, 3, 6, 7, 15])  # Thursday and Friday missed, then a week and a day
    assert len(summary.missed_days) == 2 + 7
    assert summary.missed_days[0] == MONDAY + timedelta(days=3)
    assert [(gap.after, gap.until, gap.missed_days) for gap in summary.gaps] == [
        (weekday(3), weekday(6), 2),
        (weekday(7), weekday(15), 7),
    ]
    assert summary.overall_days == 19


def test_missed_days__go_on_until_yesterday_while_the_course_does() -> None:
    running = _summary([1, 2], today=weekday(6), ended=False)
    assert running.missed_days == (weekday(3), weekday(4), weekday(5))
    assert (running.gaps[0].until, running.deviation) == (None, None)
    assert _summary([1, 2], today=weekday(6), ended=True).missed_days == ()


def test_holidays_and_weekends__are_not_missed_but_count_when_treated() -> None:
    rules = DeliveryRules(holidays=frozenset({weekday(3)}))
    saturday = a_record(3, on=MONDAY + timedelta(days=5))
    given = fractions_of(a_record(1), a_record(2), saturday)
    summary = summarise_delivery(CFRT, given, rules, today=weekday(30), ended=True)
    assert summary.missed_days == (weekday(4), weekday(5))
    assert planned_overall_days(MONDAY, 5, RULES) == 5
    assert planned_overall_days(MONDAY, 5, rules) == 8
    assert planned_overall_days(MONDAY, 1, rules) == 1


def test_nothing_delivered_yet__has_no_time_and_no_class() -> None:
    summary = _summary([], ended=False)
    assert (summary.delivered_dose_gy, summary.deviation, summary.overall_days) == (0.0, None, None)


def test_summary__asks_about_days_that_cannot_be() -> None:
    given = fractions_of(a_record(1), a_record(2, on=weekday(1)), a_record(3))
    summary = summarise_delivery(
        replace(CFRT, fractions=2), given, RULES, today=weekday(2), ended=True, died_on=weekday(2)
    )
    assert sorted({query.code for query in summary.queries}) == sorted(
        {QueryCode.FRACTION_NUMBER, QueryCode.FRACTION_DAYS, QueryCode.AFTER_DEATH, QueryCode.IN_FUTURE}
    )


def test_course__without_fractions_or_dose_is_refused() -> None:
    for change in ({"fractions": 0}, {"dose_gy": 0.0}, {"prescribed_gy": float("nan")}):
        with pytest.raises(ValueError, match="CFRT"):
            replace(CFRT, **change)


K = DeliveryDeviationKind


@pytest.mark.parametrize(
    ("accepted", "has_radiotherapy", "expected"),
    [
        ({"P": weekday(1)}, True, []),
        ({"P": None}, True, [(K.PLAN_NOT_ACCEPTED, (1, 2, 3))]),
        ({}, True, [(K.PLAN_NOT_SUBMITTED, (1, 2, 3))]),
        ({"P": weekday(3)}, True, [(K.BEFORE_ACCEPTANCE, (1, 2))]),
        ({"P": weekday(1)}, False, [(K.ARM_WITHOUT_RADIOTHERAPY, (1, 2, 3))]),
        ({}, False, [(K.ARM_WITHOUT_RADIOTHERAPY, (1, 2, 3))]),
    ],
)
def test_delivery_deviations__name_plan_and_fractions(
    accepted: dict[str, date | None],
    has_radiotherapy: bool,
    expected: list[tuple[DeliveryDeviationKind, tuple[int, ...]]],
) -> None:
    plans = {
        plan: PlanStanding(plan=plan, accepted=(Acceptance(from_on=on, until_on=None),) if on else ())
        for plan, on in accepted.items()
    }
    found = delivery_deviations(
        fractions_of(a_record(1), a_record(2), a_record(3)), plans, arm_has_radiotherapy=has_radiotherapy
    )
    assert [(each.kind, each.fractions) for each in found] == expected
    assert all((each.plan, each.first_on) == ("P", weekday(1)) for each in found)
