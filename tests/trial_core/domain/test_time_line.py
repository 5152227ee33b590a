"""The time line: every fact once, in its lane, plans told from facts, and no day that nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.trial_core.clinic import LESIONS, START, a_visit, conduct, day
from trial_core.domain.clinical_forms import BaselineForm, Death
from trial_core.domain.clinical_record import ClinicalRecord, SubjectFacts
from trial_core.domain.consent import Consent
from trial_core.domain.delivered_fractions import DeliveredFraction, DeliverySource
from trial_core.domain.delivery import DeliveryRules, PlannedCourse, summarise_delivery
from trial_core.domain.leaving import EndOfTreatmentReason, Leaving, LeavingKind
from trial_core.domain.pfs_history import Baseline
from trial_core.domain.response import derive_responses
from trial_core.domain.subject import Phase
from trial_core.domain.systemic import Cycle
from trial_core.domain.time_line import time_line
from trial_core.domain.time_line_entries import EntryKind, Lane, TimeLine
from trial_core.domain.toxicity import AdverseEvent, GradeFrom

WEEKDAYS, TENTH = DeliveryRules(), day(10)
LDRT = PlannedCourse(regimen="LDRT", plans=("1.2",), fractions=5, dose_gy=5.0, prescribed_gy=5.0)
RECORD = ClinicalRecord(
    subject=SubjectFacts(code="S1-001", site="S1", phase=Phase.IIA, enrolled_on=START),
    baseline=BaselineForm(assessment=Baseline(on=day(-5), adequate=True), lesions=LESIONS),
)


def _fraction(number: int, on: date | None, *, plan: str = "1.2", partial: bool = False) -> DeliveredFraction:
    source = DeliverySource.TYPED_IN
    return DeliveredFraction(plan=plan, fraction=number, on=on, partial=partial, share=None, source=source)


def _line(
    record: ClinicalRecord = RECORD, *given: DeliveredFraction, today: date = TENTH, ended: bool = False
) -> TimeLine:
    course = summarise_delivery(LDRT, given, WEEKDAYS, today=today, ended=ended)
    return time_line(
        record,
        consents=[Consent(on=day(-7), version="1.0")],
        courses=[course],
        fractions=given,
        responses=derive_responses(LESIONS, record.visits, conduct().response),
        calendar=WEEKDAYS,
        today=today,
    )


def _of(line: TimeLine, kind: EntryKind) -> list[tuple[date | None, str]]:
    return [(each.on, each.about) for each in line.entries if each.kind is kind]


def test_fractions__are_delivered_missed_and_still_to_come_on_treatment_days() -> None:
    # 2026-01-05 is a Monday; Tuesday is missed, it is asked on Wednesday after the fraction of that day
    line = _line(RECORD, _fraction(1, day(1)), _fraction(2, day(3), partial=True), today=day(3))
    assert _of(line, EntryKind.FRACTION) == [(day(1), "1")]
    assert _of(line, EntryKind.PARTIAL_FRACTION) == [(day(3), "2")]
    assert _of(line, EntryKind.MISSED_DAYS) == [(day(2), "1")]
    assert _of(line, EntryKind.PLANNED_FRACTION) == [(day(4), "3"), (day(5), "4"), (day(8), "5")]


def test_missed_days__are_one_entry_for_each_gap() -> None:
    line = _line(RECORD, _fraction(1, day(1)), _fraction(2, day(9)), today=day(11))
    missed = [each for each in line.entries if each.kind is EntryKind.MISSED_DAYS]
    # Tuesday to Friday and the Monday after the weekend; then the Wednesday before today
    assert [(each.on, each.until, each.about) for each in missed] == [
        (day(2), day(8), "5"),
        (day(10), day(10), "1"),
    ]


def test_line__is_known_until_death_or_leaving_follow_up_and_else_until_today() -> None:
    lost = Leaving(kind=LeavingKind.LOST_TO_FOLLOW_UP, on=day(30))
    ended = Leaving(kind=LeavingKind.END_OF_TREATMENT, on=day(20), reason=EndOfTreatmentReason.COMPLETED)
    assert _line(today=day(90)).known_until == day(90)
    assert _line(replace(RECORD, leavings=(ended, lost)), today=day(90)).known_until == day(30)
    assert _line(replace(RECORD, death=Death(on=day(25))), today=day(90)).known_until == day(25)


def test_planned_fractions__have_no_day_before_the_first_one_and_none_after_the_end() -> None:
    assert _of(_line(), EntryKind.PLANNED_FRACTION) == [(None, str(number)) for number in range(1, 6)]
    assert _of(_line(RECORD, _fraction(1, day(1)), ended=True), EntryKind.PLANNED_FRACTION) == []


def test_fractions_on_another_plan__are_a_row_of_their_own() -> None:
    line = _line(RECORD, _fraction(1, day(1)), _fraction(1, day(2), plan="9.9"))
    rows = [each.row for each in line.entries if each.kind is EntryKind.FRACTION]
    assert rows == ["LDRT", "9.9"]


def test_grades__are_stretches_up_to_the_next_grade_and_open_at_the_end() -> None:
    grades = (GradeFrom(on=day(9), grade=3), GradeFrom(on=day(4), grade=1))
    event = AdverseEvent(id="e", subject="S1-001", version="5.0", term="Fatigue", grades=grades)
    found = [
        (each.on, each.until, each.grade)
        for each in _line(replace(RECORD, events=(event,))).entries
        if each.lane is Lane.TOXICITY
    ]
    assert found == [(day(4), day(9), 1), (day(9), None, 3)]


def test_progression__is_dated_by_the_day_that_shows_it() -> None:
    record = replace(RECORD, visits=(a_visit(43, 25.0), a_visit(85, 40.0)), death=Death(on=day(120)))
    line = _line(record, today=day(200))
    assert _of(line, EntryKind.PROGRESSION) == [(day(85), "day 85")]
    assert _of(line, EntryKind.DEATH) == [(day(120), "")]
    assert line.days_after_start(day(85)) == 84


def test_cycles__are_planned_due_or_given_with_their_delay() -> None:
    cycles = (
        Cycle(number=1, planned_on=day(1), given_on=day(3)),
        Cycle(number=2, planned_on=day(5)),
        Cycle(number=3, planned_on=day(50)),
    )
    line = _line(replace(RECORD, cycles=cycles))
    assert [(each.kind, each.on, each.delay_days) for each in line.entries if each.lane is Lane.SYSTEMIC] == [
        (EntryKind.CYCLE_GIVEN, day(3), 2),
        (EntryKind.CYCLE_DUE, day(5), None),
        (EntryKind.CYCLE_PLANNED, day(50), None),
    ]
