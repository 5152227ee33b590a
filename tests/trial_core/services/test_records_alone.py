"""Treatment records handed over without a plan: in both arms they are delivered fractions, and no version."""

from __future__ import annotations

from datetime import date

import pytest

from tests.trial_core.clinic import conduct
from tests.trial_core.record import KEY, LI, ONCOLOGIST, STATISTICIAN, WANG, Record, report_on
from tests.trial_core.reviewing import Board, a_plan
from tests.trial_core.services.test_delivery import a_record, accept, view
from trial_core.domain.delivered_fractions import BeamRecord
from trial_core.domain.delivery_deviations import DeliveryDeviationKind
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.leaving import LeavingKind
from trial_core.domain.pfs_history import Therapy, TherapyKind
from trial_core.domain.plan import SubmissionState
from trial_core.domain.queries import QueryCode
from trial_core.domain.subject import Arm
from trial_core.domain.submitted_course import SubmittedCourse, SubmittedPlan
from trial_core.errors import SubjectNotEligibleForPlan, SubjectWithoutRecords, WrongState
from trial_core.services import (
    follow_up,
    outcomes,
    plan_decision,
    recheck,
    results,
    subjects,
    submissions,
    uploads,
)
from trial_core.services.plans_waiting import plans_waiting

CODE = "S1-009"


def in_arm(record: Record, arm: Arm) -> Board:
    record.open_iib()
    record.allocate(arm)
    assert record.randomise(CODE) is arm
    return Board(record)


def hand_over(
    board: Board,
    *records: BeamRecord,
    plans: tuple[SubmittedPlan, ...] = (),
    data: bytes = b"records",
    who: PatientIdentity = WANG,
    confirm: bool = True,
) -> tuple[str, SubmissionState]:
    """Hand treatment records over and let them be read: the submission's id and state."""
    submission_id = uploads.begin_submission(board.db, ONCOLOGIST, subject_code=CODE, records_only=True)
    board.record.send(submission_id, "record.dcm", data)
    ticket = uploads.complete_submission(board.db, ONCOLOGIST, submission_id=submission_id)
    state = results.finish_plan_check(
        board.db,
        board.store,
        identity_key=KEY,
        claim=board.record.claim(ticket.job_id),
        report=report_on(data),
        identities=(who,),
        sop_instance_uids=[each.record for each in records],
        course=SubmittedCourse(plans=plans, records=records),
    )
    if state is SubmissionState.AWAITING_CONFIRMATION and confirm:
        state = submissions.confirm_identity(
            board.db, ONCOLOGIST, submission_id=submission_id, identity_key=KEY, patient_id=who.patient_id
        )
    board.record.clock.advance(minutes=1)
    return submission_id, state


def codes(board: Board, submission_id: str) -> list[str]:
    found = submissions.submission_view(board.db, ONCOLOGIST, submission_id=submission_id)
    return [finding.code for finding in found.findings]


def today(board: Board) -> date:
    return board.record.clock().date()


def test_records_of_arm_b__count_once_confirmed_and_are_a_deviation_of_unknown_dose(record: Record) -> None:
    board = in_arm(record, Arm.B)
    with pytest.raises(SubjectNotEligibleForPlan, match=r"arm B.*hand over its treatment records alone"):
        board.record.begin(CODE)
    submission_id, state = hand_over(board, a_record(1, today(board)), confirm=False)
    assert state is SubmissionState.AWAITING_CONFIRMATION  # nobody has said yet whose files these are
    assert view(board, CODE).fractions == ()
    submissions.confirm_identity(
        board.db, ONCOLOGIST, submission_id=submission_id, identity_key=KEY, patient_id=WANG.patient_id
    )
    found = view(board, CODE)
    assert [each.fraction for each in found.other_fractions] == [1]
    assert (found.courses, found.version, found.unread_versions) == ((), None, ())
    assert [each.deviation.kind for each in found.deviations] == [
        DeliveryDeviationKind.ARM_WITHOUT_RADIOTHERAPY
    ]
    summary = submissions.submission_view(board.db, ONCOLOGIST, submission_id=submission_id).summary
    assert (summary.records_only, summary.version, summary.verdict, summary.report_sha256) == (
        True,
        None,
        None,
        None,
    )


def test_records_of_arm_b__are_a_query_of_pfs_until_a_therapy_says_what_they_went_to(record: Record) -> None:
    board = in_arm(record, Arm.B)
    hand_over(board, a_record(1, today(board)))

    def open_codes() -> list[QueryCode]:
        found = outcomes.clinical_view(board.db, conduct(), STATISTICIAN, code=CODE).outcome
        return [each.query.code for each in found.open_queries]

    assert QueryCode.RADIOTHERAPY_AGAINST_ARM in open_codes()
    therapy = Therapy(
        label="palliative",
        kind=TherapyKind.RADIOTHERAPY,
        started_on=today(board),
        per_protocol=False,
        to_tumour=False,
    )
    follow_up.enter_therapy(board.db, conduct(), ONCOLOGIST, code=CODE, therapy=therapy)
    assert QueryCode.RADIOTHERAPY_AGAINST_ARM not in open_codes()


def test_records_of_arm_a__join_the_fractions_of_the_plan_on_record(record: Record) -> None:
    board = in_arm(record, Arm.A)
    accept(board, board.checked(CODE, records=(a_record(1, today(board)),)))
    _, state = hand_over(board, a_record(2, today(board)))
    assert state is SubmissionState.CHECKED  # the same patient as in the set that was confirmed
    found = view(board, CODE)
    (course,) = found.courses
    assert (course.delivered_fractions, found.version) == (2, 1)
    assert course.delivered_dose_gy == pytest.approx(2 * 1.8, abs=1e-12)
    assert found.other_fractions == ()


def test_records_alone__change_no_version_and_are_no_plan_that_waits(record: Record) -> None:
    board = in_arm(record, Arm.A)
    submission_id, _ = hand_over(board, a_record(1, today(board)))
    (waiting,) = [each for each in plans_waiting(board.db, ONCOLOGIST) if each.code == CODE]
    assert waiting.submission is None
    assert board.checked(CODE)
    assert view(board, CODE).version == 1
    refused = (
        lambda: plan_decision.review_state(board.db, board.oncologist, submission_id=submission_id),
        lambda: submissions.report_bytes(board.db, board.store, ONCOLOGIST, submission_id=submission_id),
        lambda: recheck.request_recheck(board.db, board.oncologist, submission_id=submission_id, reason="?"),
    )
    for step in refused:
        with pytest.raises(WrongState, match="treatment records alone"):
            step()


def test_a_plan_among_records__is_refused_and_so_is_a_set_without_any(record: Record) -> None:
    board = in_arm(record, Arm.B)
    with_plan, state = hand_over(board, a_record(1, today(board)), plans=(a_plan(),))
    assert (state, codes(board, with_plan)) == (SubmissionState.REFUSED, ["plan-among-records"])
    empty, state = hand_over(board)
    assert (state, codes(board, empty)) == (SubmissionState.REFUSED, ["no-treatment-record"])
    assert view(board, CODE).fractions == ()


def test_records_handed_over_twice__are_a_duplicate_and_later_ones_beside_them_count(record: Record) -> None:
    board = in_arm(record, Arm.B)
    first, later = a_record(1, today(board)), a_record(2, today(board))
    hand_over(board, first)
    again, state = hand_over(board, first, data=b"another export")
    assert (state, codes(board, again)) == (SubmissionState.DUPLICATE, ["records-twice"])
    more, state = hand_over(board, first, later, data=b"a third one")
    assert (state, codes(board, more)) == (SubmissionState.CHECKED, ["records-twice"])
    assert [each.fraction for each in view(board, CODE).fractions] == [1, 2]


def test_records_of_another_patient__are_blocked_and_a_withdrawn_set_counts_no_longer(record: Record) -> None:
    board = in_arm(record, Arm.B)
    submission_id, _ = hand_over(board, a_record(1, today(board)))
    _, state = hand_over(board, a_record(2, today(board)), data=b"of Li", who=LI)
    assert state is SubmissionState.BLOCKED
    submissions.reject_identity(board.db, ONCOLOGIST, submission_id=submission_id, reason="not hers")
    found = submissions.submission_view(board.db, ONCOLOGIST, submission_id=submission_id)
    assert "after these treatment records had been confirmed" in found.findings[0].message
    assert view(board, CODE).fractions == ()


def test_records__are_taken_after_treatment_and_not_of_who_is_not_enrolled_or_withdrew_the_data(
    record: Record,
) -> None:
    board = in_arm(record, Arm.A)
    record.leave(CODE, LeavingKind.WITHDRAWAL_FROM_TREATMENT)
    with pytest.raises(SubjectNotEligibleForPlan, match="No plan can be submitted"):
        record.begin(CODE)
    assert hand_over(board, a_record(1, today(board)))[1] is SubmissionState.CHECKED
    begun = uploads.begin_submission(record.db, ONCOLOGIST, subject_code=CODE, records_only=True)
    record.send(begun, "record.dcm", b"late")
    record.leave(CODE, LeavingKind.WITHDRAWAL_OF_DATA_USE)
    with pytest.raises(SubjectWithoutRecords, match="No treatment record can be handed over"):
        uploads.complete_submission(record.db, ONCOLOGIST, submission_id=begun)
    new = "S1-077"
    subjects.create_subject(record.db, ONCOLOGIST, code=new)
    with pytest.raises(SubjectWithoutRecords, match="Enrol the subject first"):
        uploads.begin_submission(record.db, ONCOLOGIST, subject_code=new, records_only=True)
