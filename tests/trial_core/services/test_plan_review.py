"""Review and decision: two people of another hospital, one content, signed, void once it changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.trial_core.record import OFFICE, ONCOLOGIST, OTHER_ONCOLOGIST, PHYSICIST, Record
from tests.trial_core.reviewing import Board, a_report, add_reviewer
from trial_core.access_errors import OwnWork
from trial_core.domain.access import Actor
from trial_core.domain.criteria import Verdict
from trial_core.domain.plan_review import DecisionOutcome, Discipline, ItemComment, ReviewOutcome
from trial_core.errors import (
    FormChangedMeanwhile,
    NotAuthorised,
    SignInRefused,
    UnknownSubmission,
    WrongState,
)
from trial_core.review_errors import ContentChanged, DecisionRefused, NewerVersion, ReviewRefused
from trial_core.services.plan_decision import decide_plan, review_state, standing_decisions
from trial_core.services.plan_review import review_plan
from trial_core.services.submissions import reject_identity, worklist

on_one_database = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""For what the domain or the table of permissions decides: no database sees a difference."""
OBJECTS = ReviewOutcome.OBJECTION


@pytest.fixture
def board(record: Record) -> Board:
    record.enrol()
    return Board(record)


def test_decision__needs_both_disciplines_by_two_people(board: Board) -> None:
    submission = board.checked()
    with pytest.raises(DecisionRefused, match=r"radiation oncology.*medical physics"):
        board.decide(submission)
    board.review(submission, Discipline.ONCOLOGY)
    board.review(submission, Discipline.PHYSICS, actor=board.oncologist)
    with pytest.raises(DecisionRefused, match="a second person"):
        board.decide(submission)
    board.review(submission, Discipline.PHYSICS, reason="by a physicist", seen_version=1)
    board.decide(submission)
    state = review_state(board.db, board.oncologist, submission_id=submission)
    assert state.accepted
    assert state.decision is not None
    assert state.decision.contradicts == ()


@on_one_database
def test_decision__needs_a_reason_and_the_absent_structures_confirmed(board: Board) -> None:
    submission = board.checked()
    board.review_by_both(submission, not_contoured=())
    with pytest.raises(DecisionRefused, match="a reason; no reviewer confirmed that Liver is absent"):
        board.decide(submission, reason=" ")
    board.decide(submission, DecisionOutcome.REJECTED)


@on_one_database
def test_decision__that_contradicts_the_verdict_shows_it(board: Board) -> None:
    submission = board.checked(verdict=Verdict.UNACCEPTABLE_DEVIATION)
    comment = (ItemComment(item="result 1", words="mean heart dose too high"),)
    board.review(submission, Discipline.ONCOLOGY)
    board.review(submission, Discipline.PHYSICS, outcome=OBJECTS, comments=comment)
    board.decide(submission, DecisionOutcome.WITH_VARIATION, reason="no better plan is possible")
    decision = review_state(board.db, ONCOLOGIST, submission_id=submission).decision
    assert decision is not None
    assert decision.contradicts == (
        "'accepted with variation' although the automatic verdict is 'unacceptable deviation'",
        "'accepted with variation' although the reviewer in medical physics objects",
    )


def test_recheck__that_changes_the_content_voids_reviews_and_decision(board: Board) -> None:
    submission = board.checked()
    board.review_by_both(submission)
    board.decide(submission)
    board.recheck(submission, a_report(b"plan", Verdict.ACCEPTABLE_VARIATION, protocol="2"))
    state = review_state(board.db, board.oncologist, submission_id=submission)
    assert state.decision is not None
    assert not state.decision.holds
    assert not state.accepted
    assert [signed.valid for each in state.reviews for signed in each.signatures] == [False, False]
    assert "VOID" in state.decision.signatures[0].words
    assert [(each.verdict, each.provenance.protocol_version) for each in state.earlier] == [
        ("per protocol", "1")
    ]
    with pytest.raises(DecisionRefused):
        board.decide(submission, DecisionOutcome.WITH_VARIATION, seen_version=1)
    for discipline in Discipline:
        board.review(submission, discipline, reason="new protocol", seen_version=1)
    board.decide(submission, DecisionOutcome.WITH_VARIATION, seen_version=1)
    assert review_state(board.db, board.oncologist, submission_id=submission).accepted


@on_one_database
def test_decisions_of_a_list__are_those_that_stand_within_reach(board: Board) -> None:
    submission = board.checked()
    board.review_by_both(submission)
    board.decide(submission)
    rows = worklist(board.db, ONCOLOGIST)
    assert standing_decisions(board.db, ONCOLOGIST, rows) == {submission: DecisionOutcome.PER_PROTOCOL}
    assert standing_decisions(board.db, OTHER_ONCOLOGIST, rows) == {}
    assert standing_decisions(board.db, ONCOLOGIST, ()) == {}
    board.recheck(submission, a_report(b"plan", protocol="2"))
    assert standing_decisions(board.db, ONCOLOGIST, rows) == {}


def test_recheck__by_newer_code_that_says_the_same_voids_nothing(board: Board) -> None:
    submission = board.checked()
    board.review_by_both(submission)
    board.decide(submission)
    board.recheck(submission, replace(a_report(b"plan"), code_version="2"))
    state = review_state(board.db, board.oncologist, submission_id=submission)
    assert len(state.earlier) == 1
    assert state.accepted


def test_decision__on_a_replaced_version_is_refused(board: Board) -> None:
    first = board.checked()
    board.review_by_both(first)
    board.checked(data=b"later plan")
    with pytest.raises(NewerVersion):
        board.decide(first)
    assert review_state(board.db, board.oncologist, submission_id=first).replaced_by == 2


def test_decision__is_changed_by_who_saw_the_last_one_only(board: Board) -> None:
    submission = board.checked()
    board.review_by_both(submission)
    board.decide(submission)
    with pytest.raises(FormChangedMeanwhile):
        board.decide(submission, DecisionOutcome.REJECTED)
    board.decide(submission, DecisionOutcome.REJECTED, seen_version=1)
    assert not review_state(board.db, board.oncologist, submission_id=submission).accepted


@on_one_database
@pytest.mark.parametrize("site", [None, "S2"])
def test_review__is_for_reviewers_of_elsewhere(board: Board, site: str | None) -> None:
    submission = board.checked()
    reviewer = add_reviewer(board.record, "rev-other", site)
    assert board.review(submission, Discipline.PHYSICS, actor=reviewer).version == 1


@on_one_database
def test_review__is_not_for_the_own_site(board: Board) -> None:
    submission = board.checked()
    reviewer = add_reviewer(board.record, "rev-here", "S1")
    with pytest.raises(OwnWork):
        board.review(submission, Discipline.PHYSICS, actor=reviewer)


@on_one_database
@pytest.mark.parametrize("actor", [ONCOLOGIST, PHYSICIST, OFFICE, OTHER_ONCOLOGIST])
def test_review_and_decision__are_not_for_sites_nor_the_office(board: Board, actor: Actor) -> None:
    submission = board.checked()
    with pytest.raises(NotAuthorised):
        board.review(submission, Discipline.PHYSICS, actor=actor)
    with pytest.raises(NotAuthorised):
        board.decide(submission, actor=actor)
    with pytest.raises(UnknownSubmission):
        review_state(board.db, OTHER_ONCOLOGIST, submission_id=submission)


@on_one_database
def test_review__takes_only_what_is_in_the_report(board: Board) -> None:
    submission = board.checked()
    with pytest.raises(ReviewRefused, match=r"no item 'result 9'.*'Heart' is not among"):
        board.review(
            submission,
            Discipline.PHYSICS,
            comments=(ItemComment(item="result 9", words="?"),),
            not_contoured=("Heart",),
        )
    with pytest.raises(ReviewRefused, match="an objection needs a comment"):
        board.review(submission, Discipline.PHYSICS, outcome=OBJECTS)


def test_review_and_decision__are_of_what_the_person_saw(board: Board) -> None:
    submission = board.checked()
    seen = board.judged_sha256(submission)
    board.review_by_both(submission)
    board.recheck(submission, a_report(b"plan", Verdict.NOT_EVALUABLE, protocol="2"))
    with pytest.raises(ContentChanged):
        board.decide(submission, judged_sha256=seen)


@on_one_database
def test_review__asks_for_the_password(board: Board) -> None:
    submission = board.checked()
    form = board.review(submission, Discipline.PHYSICS)
    assert form.version == 1
    with pytest.raises(SignInRefused):
        decide_plan(
            board.db,
            board.store,
            board.oncologist,
            submission_id=submission,
            judged_sha256=board.judged_sha256(submission),
            outcome=DecisionOutcome.REJECTED,
            reason="x",
            password="wrong",
        )
    with pytest.raises(SignInRefused):
        review_plan(
            board.db,
            board.store,
            board.physicist,
            review=review_state(board.db, ONCOLOGIST, submission_id=submission).reviews[0].review,
            password="wrong",
        )


def test_a_set_that_is_another_patients__is_not_reviewed(board: Board) -> None:
    submission = board.checked()
    reject_identity(board.db, ONCOLOGIST, submission_id=submission, reason="wrong patient")
    with pytest.raises(WrongState):
        review_state(board.db, board.oncologist, submission_id=submission)
