"""The demo's plans are reviewed and decided on as their verdict says, once; people's own reviews stay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trial_core.enrolling import PASSWORD
from tests.trial_core.record import AUDIT, Clock, Record, populate
from tests.trial_core.reviewing import Board, add_reviewer
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.domain.criteria import Verdict
from trial_core.domain.plan_review import DecisionOutcome, Discipline
from trial_core.services.plan_decision import review_state
from trial_core.store import Store
from workers.demo.people import REVIEWERS
from workers.demo.reviewing import ReviewBoard
from workers.demo.walk import Cast


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    clock = Clock()
    db = Database(f"sqlite:///{tmp_path / 'record.sqlite'}", now=clock, audit=AUDIT)
    migrate(db)
    populate(db)
    record = Record(db, Store(tmp_path / "store"), clock, tmp_path / "store")
    record.enrol()
    yield Board(record)
    db.close()


@pytest.fixture
def demo(board: Board) -> ReviewBoard:
    actors = {login: add_reviewer(board.record, login) for login in REVIEWERS.values()}
    return ReviewBoard(board.db, board.store, Cast(actors, dict.fromkeys(actors, PASSWORD)))


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        (Verdict.PER_PROTOCOL, DecisionOutcome.PER_PROTOCOL),
        (Verdict.ACCEPTABLE_VARIATION, DecisionOutcome.WITH_VARIATION),
        (Verdict.UNACCEPTABLE_DEVIATION, DecisionOutcome.REJECTED),
        (Verdict.NOT_EVALUABLE, DecisionOutcome.REJECTED),
    ],
)
def test_judge__decides_as_the_verdict_says_and_once(
    board: Board, demo: ReviewBoard, verdict: Verdict, outcome: DecisionOutcome
) -> None:
    submission = board.checked(verdict=verdict)
    demo.judge(submission)
    state = review_state(board.db, board.oncologist, submission_id=submission)
    assert state.decision is not None
    assert state.decision.decision.outcome is outcome
    assert state.decision.contradicts == ()
    demo.judge(submission)
    assert review_state(board.db, board.oncologist, submission_id=submission) == state


def test_judge__goes_on_where_an_earlier_start_was_cut_off(board: Board, demo: ReviewBoard) -> None:
    submission = board.checked()
    board.review(submission, Discipline.ONCOLOGY)
    demo.judge(submission)
    state = review_state(board.db, board.oncologist, submission_id=submission)
    assert state.accepted
    assert {each.form.version for each in state.reviews} == {1}
