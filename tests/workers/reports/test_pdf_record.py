"""What the printed report says of the record: decision, signatures, anchors, and bands on every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.trial_core.record import AUDIT, Clock, populate
from tests.trial_core.record import Record as Trial
from tests.trial_core.reviewing import Board, a_report
from tests.workers.reports.test_pdf import pages_of
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.domain.criteria import Verdict
from trial_core.domain.plan import SubmissionState
from trial_core.domain.plan_review import DecisionOutcome, Discipline, ItemComment, ReviewOutcome
from trial_core.domain.report_json import report_from_json
from trial_core.services import audit_trail
from trial_core.services.signed_report import signed_report
from trial_core.services.submissions import report_bytes, submission_view
from trial_core.store import Store
from workers.reports.pdf.record import Record
from workers.reports.pdf.render import render_pdf

NOT_YET = "This verdict does not count yet: a person has to say whose files these are."


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    clock = Clock()
    db = Database(f"sqlite:///{tmp_path / 'record.sqlite'}", now=clock, audit=AUDIT)
    migrate(db)
    populate(db)
    trial = Trial(db, Store(tmp_path / "store"), clock, tmp_path / "store")
    trial.enrol()
    yield Board(trial)
    db.close()


def record_of(board: Board, submission_id: str) -> Record:
    """Give what the record says of a submission to its reviewer."""
    return Record(
        view=submission_view(board.db, board.oncologist, submission_id=submission_id),
        signed=signed_report(board.db, board.oncologist, submission_id=submission_id),
        newer_version=None,
        synthetic=False,
    )


def printed(board: Board, submission_id: str, **facts: object) -> list[str]:
    """Give the pages of a submission's report, with facts of its record changed."""
    record = replace(record_of(board, submission_id), **facts)  # type: ignore[arg-type]  # facts of a record
    data = report_bytes(board.db, board.store, board.oncologist, submission_id=submission_id)
    return pages_of(render_pdf(report_from_json(data), record=record))


def test_printed_report__of_an_undecided_plan_says_what_is_still_missing(board: Board) -> None:
    text = " ".join(printed(board, board.checked()))
    assert text.count("Not reviewed yet") == len(Discipline)
    assert text.index("Not decided yet") < text.index("Needs attention")


def test_printed_report__bears_every_signature_with_meaning_hash_and_an_anchor_that_verifies(
    board: Board, tmp_path: Path
) -> None:
    submission = board.checked()
    board.review_by_both(submission, comments=(ItemComment(item="result 1", words="looked at twice"),))
    board.decide(submission, reason="seen with both reviewers")
    text = " ".join(printed(board, submission))
    assert text.index("Accepted per protocol") < text.index("Needs attention")
    for said in (
        "Reviewer rev-onc (central reviewer)",
        "Reviewer rev-phy",
        "seen with both reviewers",
        "UTC",
    ):
        assert said in text
    assert re.search(r"1\. \S+ \S+, .{1,40} looked at twice", text)
    assert "Confirmed as absent Liver" in text
    signed = signed_report(board.db, board.oncologist, submission_id=submission)
    assert signed is not None
    states = [each for review in signed.state.reviews for each in review.signatures]
    for state in states:
        assert state.signature.content_sha256 in text
        assert state.signature.meaning in text
    anchors = re.findall(r"Audit trail, entry and hash (\d+ [0-9a-f]{64})", text)
    paper = tmp_path / "typed from paper"
    paper.write_text("\n".join(anchors))
    found = audit_trail.verify(board.db, anchor_files=[paper])
    assert (found.whole, found.anchors.lines) == (True, 3)


def test_printed_report__of_rejected_plans_says_so_on_every_page(board: Board) -> None:
    submission = board.checked(verdict=Verdict.UNACCEPTABLE_DEVIATION)
    board.review_by_both(
        submission, outcome=ReviewOutcome.OBJECTION, comments=(ItemComment(item="course", words="no"),)
    )
    board.decide(submission, DecisionOutcome.REJECTED)
    assert all(
        "Rejected: no patient may be treated by these plans." in page for page in printed(board, submission)
    )


def test_printed_report__of_a_content_that_changed_calls_the_decision_void_on_every_page(
    board: Board,
) -> None:
    submission = board.checked()
    board.review_by_both(submission)
    board.decide(submission)
    board.recheck(submission, a_report(b"plan", Verdict.ACCEPTABLE_VARIATION))
    pages = printed(board, submission)
    assert all("The decision is void: the content was changed after it." in page for page in pages)
    text = " ".join(pages)
    assert text.count("Void signature") == 3
    assert "Accepted per protocol" not in text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (SubmissionState.CHECKED, None),
        (SubmissionState.AWAITING_CONFIRMATION, NOT_YET),
        (SubmissionState.BLOCKED, "This verdict does not count: the files are another patient's."),
        (SubmissionState.FAILED, "This verdict does not count: Failed."),
    ],
)
def test_printed_report__says_on_every_page_when_its_verdict_does_not_count(
    board: Board, state: SubmissionState, said: str | None
) -> None:
    submission = board.checked()
    view = record_of(board, submission).view
    view = replace(view, summary=replace(view.summary, state=state))
    pages = printed(board, submission, view=view)
    assert all(said in page if said else "does not count" not in page for page in pages)


def test_printed_report__of_one_record_is_one_file(board: Board) -> None:
    submission = board.checked()
    record = record_of(board, submission)
    report = a_report(b"plan")
    assert render_pdf(report, record=record) == render_pdf(report, record=record)
    pages = printed(board, submission, newer_version=3, synthetic=True)
    assert all("version 3 replaced this one" in page and "Synthetic demonstration" in page for page in pages)
