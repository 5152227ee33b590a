"""What a signed report prints: each signature with count and head of the audit trail, void ones as such."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trial_core.record import OFFICE, ONCOLOGIST, Record
from tests.trial_core.reviewing import Board, a_report
from trial_core.domain.criteria import Verdict
from trial_core.errors import NotAuthorised
from trial_core.services import audit_trail
from trial_core.services.signed_report import signed_lines


@pytest.fixture
def board(record: Record) -> Board:
    record.enrol()
    return Board(record)


def test_signed_lines__of_a_decided_plan_bear_anchors_that_the_trail_verifies_by(
    board: Board, tmp_path: Path
) -> None:
    submission = board.checked()
    assert signed_lines(board.db, ONCOLOGIST, submission_id=submission) == ()
    board.review_by_both(submission)
    board.decide(submission)
    lines = signed_lines(board.db, ONCOLOGIST, submission_id=submission)
    assert [line.split(".")[0] for line in lines] == [
        "Review, radiation oncology: no objection",
        "Review, medical physics: no objection",
        "Decision: accepted per protocol",
    ]
    paper = tmp_path / "typed from paper"
    paper.write_text("\n".join(line.rpartition("Audit trail: ")[2].rstrip(".") for line in lines))
    found = audit_trail.verify(board.db, anchor_files=[paper])
    assert (found.whole, found.anchors.lines) == (True, 3)


def test_signed_lines__of_a_content_that_changed_say_that_they_are_void(board: Board) -> None:
    submission = board.checked()
    board.review_by_both(submission)
    board.recheck(submission, a_report(b"plan", Verdict.ACCEPTABLE_VARIATION))
    lines = signed_lines(board.db, ONCOLOGIST, submission_id=submission)
    assert ["VOID" in line for line in lines] == [True, True]


def test_signed_lines__are_not_for_who_sees_no_subject(board: Board) -> None:
    with pytest.raises(NotAuthorised):
        signed_lines(board.db, OFFICE, submission_id=board.checked())
