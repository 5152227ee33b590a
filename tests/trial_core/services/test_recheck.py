"""Checking again: by a later protocol or with a person's word, beside the old verdict, one at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.trial_core.enrolling import PASSWORD
from tests.trial_core.record import ONCOLOGIST, OTHER_ONCOLOGIST, Record
from tests.trial_core.reviewing import Board, a_report
from trial_core.domain.criteria import Verdict
from trial_core.domain.jobs import JobState
from trial_core.domain.persons_word import AcceptedWord, WordKind
from trial_core.domain.plan import SubmissionState
from trial_core.domain.plan_changes import ChangeKind
from trial_core.domain.report import CourseReport, OpenItem
from trial_core.errors import (
    LeaseLost,
    MissingReason,
    NotAuthorised,
    ReasonMissing,
    UnknownSubmission,
    WrongState,
)
from trial_core.review_errors import NoOpenItem, OtherFiles
from trial_core.services import jobs, recheck
from trial_core.services.plan_changes import changes_of
from trial_core.services.plan_review import give_word, take_word_back
from trial_core.services.recheck import RecheckEnd
from trial_core.services.submissions import report_of, worklist
from trial_core.services.whose_files import reject_identity

LATER = a_report(b"plan", Verdict.ACCEPTABLE_VARIATION, protocol="2")
ITEM = OpenItem(key="k" * 32, kind=WordKind.DOSE, plan_key="plan-1", words="the median is 30 Gy")


@pytest.fixture
def board(record: Record) -> Board:
    record.enrol()
    return Board(record)


def test_recheck__keeps_the_old_verdict_beside_the_new(board: Board) -> None:
    submission = board.checked()
    assert board.recheck(submission, LATER) is RecheckEnd.NEW_RESULT
    found = recheck.results_of(board.db, ONCOLOGIST, submission_id=submission)
    assert [(each.number, each.verdict, each.provenance.protocol_version) for each in found] == [
        (1, "per protocol", "1"),
        (2, "acceptable variation", "2"),
    ]
    assert found[1].reason == "protocol amended"
    assert report_of(board.db, board.store, ONCOLOGIST, submission_id=submission) == LATER
    (row,) = worklist(board.db, ONCOLOGIST)
    assert (row.verdict, row.version, row.state) == ("acceptable variation", 1, SubmissionState.CHECKED)
    (since,) = changes_of(board.db, board.store, ONCOLOGIST, submission_id=submission)
    assert (since.version, since.number) == (1, 1)
    assert {change.kind for change in since.changes} == {
        ChangeKind.VERDICT,
        ChangeKind.PROTOCOL,
        ChangeKind.METRIC,
    }


def test_recheck__that_gives_the_same_bytes_is_no_result(board: Board) -> None:
    submission = board.checked()
    assert board.recheck(submission, a_report(b"plan")) is RecheckEnd.UNCHANGED
    assert len(recheck.results_of(board.db, ONCOLOGIST, submission_id=submission)) == 1
    assert board.recheck(submission, LATER) is RecheckEnd.NEW_RESULT


def test_recheck__asked_for_twice_is_one_job(board: Board) -> None:
    submission = board.checked()
    ask = {"submission_id": submission, "reason": "amended"}
    first = recheck.request_recheck(board.db, board.oncologist, **ask)
    assert recheck.request_recheck(board.db, board.physicist, **ask) == first
    board.record.claim(first.job_id)
    assert recheck.request_recheck(board.db, board.physicist, **ask) == first
    assert jobs.claim(board.db, job_id=first.job_id, worker="another") is None


def test_recheck__that_fails_leaves_the_record_as_it_was_and_can_be_asked_for_again(board: Board) -> None:
    submission = board.checked()
    ask = {"submission_id": submission, "reason": "amended"}
    ticket = recheck.request_recheck(board.db, board.oncologist, **ask)
    claim = board.record.claim(ticket.job_id)
    assert jobs.fail(board.db, claim=claim, error="broke off", again=False) is JobState.FAILED
    (row,) = worklist(board.db, ONCOLOGIST)
    assert (row.verdict, row.state) == ("per protocol", SubmissionState.CHECKED)
    assert recheck.request_recheck(board.db, board.oncologist, **ask) == ticket
    assert board.record.claim(ticket.job_id).attempt == 1
    with pytest.raises(LeaseLost):
        recheck.finish_recheck(board.db, board.store, claim=claim, report=LATER, accepted=())


def test_recheck__of_other_files_writes_nothing(board: Board) -> None:
    submission = board.checked()
    with pytest.raises(OtherFiles):
        board.recheck(submission, a_report(b"other"))
    assert len(recheck.results_of(board.db, ONCOLOGIST, submission_id=submission)) == 1


def test_recheck__of_a_set_that_was_rejected_meanwhile_is_dropped(board: Board) -> None:
    submission = board.checked()
    ticket = recheck.request_recheck(board.db, board.oncologist, submission_id=submission, reason="x")
    claim = board.record.claim(ticket.job_id)
    reject_identity(board.db, ONCOLOGIST, submission_id=submission, reason="wrong patient")
    end = recheck.finish_recheck(board.db, board.store, claim=claim, report=LATER, accepted=())
    assert end is RecheckEnd.DROPPED
    assert recheck.results_of(board.db, ONCOLOGIST, submission_id=submission) == ()


def test_recheck__is_asked_for_by_a_central_reviewer_with_a_reason(board: Board) -> None:
    submission = board.checked()
    with pytest.raises(NotAuthorised):
        recheck.request_recheck(board.db, ONCOLOGIST, submission_id=submission, reason="x")
    with pytest.raises(MissingReason):
        recheck.request_recheck(board.db, board.oncologist, submission_id=submission, reason=" ")
    with pytest.raises(UnknownSubmission):
        recheck.results_of(board.db, OTHER_ONCOLOGIST, submission_id=submission)
    waiting = board.record.submit("S1-001", b"another")
    with pytest.raises(WrongState):
        recheck.request_recheck(board.db, board.oncologist, submission_id=waiting.submission_id, reason="x")


def _doubtful() -> CourseReport:
    return replace(a_report(b"plan", Verdict.NOT_EVALUABLE), open_items=(ITEM,))


def test_a_word__is_signed_and_has_the_course_checked_again_with_it(board: Board) -> None:
    submission = board.checked(report=_doubtful())
    say = {"submission_id": submission, "item": ITEM.key, "password": PASSWORD}
    ticket = give_word(board.db, board.store, board.physicist, words="boost plan", **say)
    work = recheck.recheck_work(board.db, claim=board.record.claim(ticket.job_id))
    assert work.accepted == (AcceptedWord(item=ITEM.key, by="rev-phy", words="boost plan"),)
    with pytest.raises(ReasonMissing):
        give_word(board.db, board.store, board.physicist, words="other words", **say)


def test_a_word__that_came_while_the_check_ran_is_not_lost(board: Board) -> None:
    submission = board.checked(report=_doubtful())
    ticket = recheck.request_recheck(board.db, board.oncologist, submission_id=submission, reason="x")
    claim = board.record.claim(ticket.job_id)
    say = {"submission_id": submission, "item": ITEM.key, "password": PASSWORD}
    assert give_word(board.db, board.store, board.physicist, words="boost", **say) == ticket
    end = recheck.finish_recheck(board.db, board.store, claim=claim, report=LATER, accepted=())
    assert end is RecheckEnd.AGAIN
    assert len(recheck.results_of(board.db, ONCOLOGIST, submission_id=submission)) == 1
    again = board.record.claim(ticket.job_id)
    assert recheck.recheck_work(board.db, claim=again).accepted != ()
    take_word_back(board.db, board.physicist, submission_id=submission, item=ITEM.key, reason="not the boost")
    assert recheck.recheck_work(board.db, claim=again).accepted == ()


def test_a_word__is_on_an_item_of_the_report_that_stands(board: Board) -> None:
    submission = board.checked()
    with pytest.raises(NoOpenItem):
        give_word(
            board.db,
            board.store,
            board.physicist,
            submission_id=submission,
            item=ITEM.key,
            words="boost",
            password=PASSWORD,
        )


def test_recheck__asked_for_by_many_at_once_is_one_job(board: Board) -> None:
    submission = board.checked()

    def ask(_: int) -> str:
        return recheck.request_recheck(
            board.db, board.oncologist, submission_id=submission, reason="amended"
        ).job_id

    with ThreadPoolExecutor(8) as pool:
        asked = set(pool.map(ask, range(16)))
    assert len(asked) == 1
    assert jobs.due(board.db) == tuple(asked)
