"""Delivery: machine records and typed fractions against the plan, and what becomes a deviation."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.trial_core.clinic import conduct
from tests.trial_core.enrolling import SHORT
from tests.trial_core.record import ONCOLOGIST, OTHER_ONCOLOGIST, PHYSICIST, STAFF, Record
from tests.trial_core.reviewing import CFRT_UID, Board, a_plan, a_report
from trial_core.domain.access import Actor
from trial_core.domain.clinical_forms import Death
from trial_core.domain.criteria import Verdict
from trial_core.domain.delivered_fractions import BeamRecord, DeliverySource
from trial_core.domain.delivery import DeviationClass
from trial_core.domain.delivery_deviations import DeliveryDeviationKind
from trial_core.domain.delivery_forms import RadiotherapyEnd, TypedFraction
from trial_core.domain.plan_review import DecisionOutcome
from trial_core.domain.queries import QueryCode
from trial_core.domain.subject import Arm
from trial_core.errors import (
    FormChangedMeanwhile,
    NotAuthorised,
    ReasonMissing,
    TrialError,
    UnknownSubject,
)
from trial_core.follow_up_errors import NotEnrolled
from trial_core.review_errors import FractionImpossible
from trial_core.services import delivery, everybody, follow_up, outcomes
from trial_core.services.delivered import delivered_to
from trial_core.services.delivery_reading import DeliveryView
from trial_core.services.subjects import create_subject

CODE = "S1-001"
MONDAY = date(2026, 3, 2)  # the trial's clock starts the day before


def a_record(number: int, on: date, plan: str = CFRT_UID, *, part: float = 1.0) -> BeamRecord:
    """One beam of one fraction."""
    return BeamRecord(
        record=f"9.{number}",
        plan=plan,
        fraction=number,
        beam=1,
        on=on,
        specified=100.0,
        delivered=100.0 * part,
    )


def typed(number: int, on: date, plan: str = CFRT_UID) -> TypedFraction:
    return TypedFraction(plan=plan, fraction=number, on=on)


on_one_database = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""For what the domain decides: no database sees a difference."""


@pytest.fixture
def board(record: Record) -> Board:
    record.enrol(CODE)
    return Board(record)


def view(board: Board, code: str = CODE) -> DeliveryView:
    return delivery.delivery_view(board.db, conduct(), ONCOLOGIST, code=code)


def enter(board: Board, fraction: TypedFraction, *, actor: object = STAFF, **more: object) -> None:
    delivery.enter_fraction(
        board.db,
        conduct(),
        actor,  # type: ignore[arg-type]
        code=str(more.pop("code", CODE)),
        fraction=fraction,
        **more,  # type: ignore[arg-type]
    )


def acknowledge(board: Board, actor: Actor, key: str) -> None:
    words = "bleeding; treated on the same day"
    delivery.acknowledge_deviation(board.db, conduct(), actor, code=CODE, key=key, words=words)


def accept(board: Board, submission: str) -> None:
    board.review_by_both(submission)
    board.decide(submission)


def test_delivery__joins_machine_records_and_typed_fractions(board: Board) -> None:
    accept(board, board.checked())
    board.record.clock.advance(days=7)  # Sunday of the next week
    week = [MONDAY + timedelta(days=number) for number in range(5)]
    records = (a_record(1, week[0]), a_record(2, week[1], part=0.6))
    board.checked(data=b"plan and records", records=records)
    enter(board, typed(2, week[1]))  # the machine has it, too
    enter(board, typed(3, week[3]))
    found = view(board)
    assert [(each.fraction, each.on, each.source) for each in found.fractions] == [
        (1, week[0], DeliverySource.DICOM),
        (2, week[1], DeliverySource.DICOM),
        (3, week[3], DeliverySource.TYPED_IN),
    ]
    (course,) = found.courses
    assert course.partial == ((CFRT_UID, 2),)
    assert course.delivered_dose_gy == pytest.approx(3 * 1.8, abs=1e-12)
    assert course.missed_days == (week[2], week[4])
    assert course.planned_overall_days == 38
    assert course.deviation is None
    assert [*found.deviations, *found.queries, *found.other_fractions] == []


@on_one_database
def test_delivery__a_record_sent_with_every_version_counts_once(board: Board) -> None:
    board.record.clock.advance(days=3)
    board.checked(records=(a_record(1, MONDAY),))
    board.checked(data=b"the next export", records=(a_record(1, MONDAY), a_record(2, MONDAY)))
    assert [each.fraction for each in view(board).fractions] == [1, 2]


@on_one_database
def test_delivery__of_a_course_that_ended_early_is_a_class_of_deviation(board: Board) -> None:
    board.record.clock.advance(days=60)
    # 25 of 28: 10.7 % less
    board.checked(records=tuple(a_record(n + 1, MONDAY + timedelta(days=n)) for n in range(25)))
    assert view(board).courses[0].deviation is None
    end = RadiotherapyEnd(regimen="Conventional", on=MONDAY + timedelta(days=40), words="toxicity")
    delivery.end_radiotherapy(board.db, conduct(), STAFF, code=CODE, end=end)
    assert view(board).courses[0].deviation is DeviationClass.MAJOR
    unknown = RadiotherapyEnd(regimen="Brachy", on=MONDAY, words="?")
    with pytest.raises(FractionImpossible, match="not planned"):
        delivery.end_radiotherapy(board.db, conduct(), STAFF, code=CODE, end=unknown)


@on_one_database
def test_delivery__of_plans_that_replace_one_another_is_one_course(board: Board) -> None:
    board.record.clock.advance(days=10)
    first, second = a_plan("1.2.826.1", share=20), a_plan("1.2.826.2", fractions=8, share=8)
    board.checked(
        plans=(first, second),
        records=(a_record(1, MONDAY), a_record(2, MONDAY + timedelta(days=1), plan=second.uid)),
    )
    (course,) = view(board).courses
    assert (course.delivered_fractions, course.course.fractions) == (2, 28)
    assert course.course.dose_gy == pytest.approx(50.4, abs=1e-12)


@on_one_database
@pytest.mark.parametrize(
    ("fraction", "words"),
    [
        (typed(1, date(2026, 4, 1)), "lies in the future"),
        (typed(1, date(2026, 2, 27)), "there was no consent"),
        (typed(0, MONDAY), "no fraction number"),
        (typed(1, date(2026, 3, 9)), "after the death of 2026-03-06"),
        (typed(1, MONDAY, plan="  "), "Choose the plan"),
    ],
)
def test_a_typed_fraction__that_cannot_be_is_refused(
    board: Board, fraction: TypedFraction, words: str
) -> None:
    board.record.clock.advance(days=10)
    death = Death(on=date(2026, 3, 6))
    follow_up.enter_death(board.db, conduct(), ONCOLOGIST, code=CODE, death=death)
    with pytest.raises(FractionImpossible, match=words):
        enter(board, fraction)
    assert view(board).fractions == ()


@on_one_database
def test_machine_records__of_impossible_days_are_queries(board: Board) -> None:
    records = (a_record(1, date(2026, 2, 26)), a_record(2, date(2026, 5, 1)), a_record(3, MONDAY))
    board.checked(records=records)
    board.record.clock.advance(days=1)
    found = [(query.code, query.about, query.message.split(".")[0]) for query in view(board).queries]
    first = (QueryCode.NO_CONSENT, f"plan {CFRT_UID}, fraction 1", "on 2026-02-26 there was no consent")
    assert found == [(QueryCode.IN_FUTURE, "treatment of 2026-05-01", "a fraction in the future"), first]
    assert len(view(board).fractions) == 3


@on_one_database
def test_a_query_of_delivery__is_answered_and_open_again_in_other_words(board: Board) -> None:
    board.checked(records=(a_record(1, date(2026, 2, 26)),))
    board.record.clock.advance(days=1)
    (query,) = view(board).open_queries
    assert query in outcomes.open_queries(board.db, conduct(), ONCOLOGIST, code=CODE)
    assert query in everybody.subjects_at_a_glance(board.db, ONCOLOGIST, protocol=SHORT)[0].open_queries
    said = "the machine's clock was wrong"
    outcomes.answer_query(board.db, conduct(), STAFF, code=CODE, key=query.key, answer=said)
    assert view(board).open_queries == ()
    assert view(board).queries == (query.query,)
    board.checked(data=b"corrected", records=(a_record(2, date(2026, 2, 25)),))
    assert [each.query.about for each in view(board).open_queries] == [f"plan {CFRT_UID}, fraction 2"]


@on_one_database
def test_a_typed_fraction__of_another_day_than_the_machine_is_a_query(board: Board) -> None:
    board.record.clock.advance(days=3)
    board.checked(records=(a_record(1, MONDAY),))
    enter(board, typed(1, MONDAY + timedelta(days=1)))
    found = view(board)
    assert [each.on for each in found.fractions] == [MONDAY]
    assert QueryCode.FRACTION_DAYS in {query.code for query in found.queries}


def test_a_typed_fraction__twice_is_one_and_is_corrected_with_a_reason(board: Board) -> None:
    board.record.clock.advance(days=3)
    enter(board, typed(1, MONDAY))
    enter(board, typed(1, MONDAY))
    later = typed(1, MONDAY + timedelta(days=1))
    with pytest.raises(FormChangedMeanwhile):
        enter(board, later)
    with pytest.raises(ReasonMissing):
        enter(board, later, seen_version=1)
    enter(board, later, seen_version=1, reason="typing error")
    assert [each.on for each in view(board).fractions] == [later.on]
    delivery.take_back_fraction(
        board.db, conduct(), STAFF, code=CODE, plan=CFRT_UID, fraction=1, reason="not this subject's"
    )
    assert view(board).fractions == ()


def test_treatment__before_during_and_after_acceptance(board: Board) -> None:
    board.record.clock.advance(days=1)  # Monday
    submission = board.checked()
    assert _deviations(board, 1) == {DeliveryDeviationKind.PLAN_NOT_ACCEPTED: (1,)}
    board.record.clock.advance(days=1)
    accept(board, submission)
    assert _deviations(board, 2) == {DeliveryDeviationKind.BEFORE_ACCEPTANCE: (1,)}
    board.record.clock.advance(days=1)
    board.recheck(submission, a_report(b"plan", Verdict.UNACCEPTABLE_DEVIATION, protocol="2"))
    board.record.clock.advance(days=1)
    assert _deviations(board, 3) == {
        DeliveryDeviationKind.BEFORE_ACCEPTANCE: (1,),
        DeliveryDeviationKind.AFTER_ACCEPTANCE: (3,),
    }


def test_treatment__goes_on_as_accepted_while_a_later_version_waits(board: Board) -> None:
    board.record.clock.advance(days=1)
    accept(board, board.checked())
    later = board.checked(data=b"with records", records=(a_record(1, board.record.clock().date()),))
    assert view(board).deviations == ()
    board.review_by_both(later)
    board.decide(later, DecisionOutcome.REJECTED)
    board.record.clock.advance(days=1)
    assert _deviations(board, 2) == {DeliveryDeviationKind.AFTER_ACCEPTANCE: (2,)}


@on_one_database
def test_treatment__on_a_plan_nobody_submitted_is_a_deviation_that_somebody_explains(board: Board) -> None:
    board.record.clock.advance(days=3)
    enter(board, typed(1, MONDAY, plan="emergency plan"))
    (found,) = view(board).deviations
    assert found.deviation.kind is DeliveryDeviationKind.PLAN_NOT_SUBMITTED
    assert found.left == (1,)
    with pytest.raises(NotAuthorised):
        acknowledge(board, STAFF, found.key)
    acknowledge(board, ONCOLOGIST, found.key)
    assert view(board).deviations[0].left == ()
    enter(board, typed(2, MONDAY, plan="emergency plan"))
    assert view(board).deviations[0].left == (2,)


def test_radiotherapy__in_arm_b_is_a_deviation(record: Record) -> None:
    record.open_iib()
    record.allocate(Arm.B)
    assert record.randomise("S1-009") is Arm.B
    board = Board(record)
    enter(board, typed(1, record.clock().date(), plan="palliative"), code="S1-009")
    (found,) = view(board, "S1-009").deviations
    assert found.deviation.kind is DeliveryDeviationKind.ARM_WITHOUT_RADIOTHERAPY


@on_one_database
@pytest.mark.parametrize(("actor", "error"), [(PHYSICIST, NotAuthorised), (OTHER_ONCOLOGIST, UnknownSubject)])
def test_fractions__are_entered_by_the_site(board: Board, actor: object, error: type[TrialError]) -> None:
    with pytest.raises(error):
        enter(board, typed(1, MONDAY), actor=actor)
    create_subject(board.db, STAFF, code="S1-002")
    with pytest.raises(NotEnrolled):
        enter(board, typed(1, MONDAY), code="S1-002")


def test_versions_from_before_records_were_kept__are_named(board: Board) -> None:
    _, state = board.record.check(CODE)
    assert state
    submission = board.checked(data=b"new", records=())
    assert submission
    with board.db.read() as connection:
        subject_id = connection.exec_driver_sql("SELECT id FROM subject").scalar()
        assert delivered_to(connection, str(subject_id)).unread == (1,)


def _deviations(board: Board, number: int) -> dict[DeliveryDeviationKind, tuple[int, ...]]:
    """Enter a fraction for today: the deviations then."""
    enter(board, typed(number, board.record.clock().date()))
    return {each.deviation.kind: each.deviation.fractions for each in view(board).deviations}
