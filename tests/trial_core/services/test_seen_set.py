"""What a person saw of a set is what they submit or name, on both databases."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.trial_core.record import ONCOLOGIST, Record
from tests.trial_core.services.test_prechecks import CONTENT, HEART, PROTOCOL
from trial_core.domain.given_names import GivenName
from trial_core.domain.plan import SubmissionState
from trial_core.domain.precheck import Precheck
from trial_core.services import naming, precheck_results, prechecks, submissions, uploads
from trial_core.submission_errors import SetChanged, SubmittedOtherwise


def _draft(record: Record) -> str:
    submission = record.begin(record.enrol())
    record.send(submission, "plan.dcm", b"plan")
    ticket = prechecks.request_precheck(record.db, ONCOLOGIST, submission_id=submission)
    claim = record.claim(ticket.job_id)
    work = precheck_results.precheck_work(record.db, claim=claim)
    assert work is not None
    precheck_results.note_content(record.db, claim=claim, work=work, content=CONTENT)
    return submission


def _shown(record: Record, submission: str) -> Precheck:
    found = prechecks.precheck_of(record.db, ONCOLOGIST, submission_id=submission)
    assert found is not None
    return found


def _name(record: Record, submission: str, names: Sequence[GivenName], seen: str) -> None:
    naming.name_structures(
        record.db, ONCOLOGIST, PROTOCOL, submission_id=submission, names=names, seen_sha256=seen
    )


def _submit(record: Record, submission: str, seen: str) -> str:
    return uploads.complete_submission(
        record.db, ONCOLOGIST, submission_id=submission, seen_sha256=seen
    ).job_id


def test_submitting__other_names_than_were_seen_is_refused_with_when_they_changed(record: Record) -> None:
    submission = _draft(record)
    seen = _shown(record, submission).set_sha256
    record.clock.advance(minutes=5)
    _name(record, submission, HEART, seen)
    with pytest.raises(SetChanged) as refusal:
        _submit(record, submission, seen)
    assert refusal.value.at == record.db.now()
    view = submissions.submission_view(record.db, ONCOLOGIST, submission_id=submission)
    assert view.summary.state is SubmissionState.RECEIVING


def test_submitting__other_files_than_were_seen_is_refused(record: Record) -> None:
    submission = _draft(record)
    seen = _shown(record, submission).set_sha256
    record.send(submission, "second.dcm", b"second plan")
    with pytest.raises(SetChanged):
        _submit(record, submission, seen)


def test_discarding__other_files_than_were_seen_is_refused_and_they_stay(record: Record) -> None:
    submission = _draft(record)
    seen = _shown(record, submission).set_sha256
    record.send(submission, "second.dcm", b"second plan")
    with pytest.raises(SetChanged):
        uploads.abandon_submission(
            record.db, record.store, ONCOLOGIST, submission_id=submission, seen_sha256=seen
        )
    view = submissions.submission_view(record.db, ONCOLOGIST, submission_id=submission)
    assert view.summary.state is SubmissionState.RECEIVING
    assert len(view.uploads) == 2


def test_names__given_upon_an_older_look_are_refused_and_those_of_now_stay(record: Record) -> None:
    submission = _draft(record)
    seen = _shown(record, submission).set_sha256
    _name(record, submission, HEART, seen)
    with pytest.raises(SetChanged):
        _name(record, submission, [], seen)
    assert [one.name for one in _shown(record, submission).names] == HEART


def test_names__given_and_taken_back_leave_the_set_as_it_was_seen(record: Record) -> None:
    submission = _draft(record)
    seen = _shown(record, submission).set_sha256
    _name(record, submission, HEART, seen)
    _name(record, submission, [], _shown(record, submission).set_sha256)
    assert _submit(record, submission, seen)


def test_submitting__what_was_submitted_with_other_names_is_not_taken_for_a_second_click(
    record: Record,
) -> None:
    submission = _draft(record)
    seen = _shown(record, submission).set_sha256
    _name(record, submission, HEART, seen)
    named = _shown(record, submission).set_sha256
    first = _submit(record, submission, named)
    assert _submit(record, submission, named) == first
    for late in (
        lambda: _submit(record, submission, seen),
        lambda: _name(record, submission, [], seen),
    ):
        with pytest.raises(SubmittedOtherwise):
            late()
    receipt = submissions.receipt_of(record.db, ONCOLOGIST, submission_id=submission)
    assert receipt.set_sha256 == named


def test_content__of_the_files_before_is_not_shown_for_those_of_now(record: Record) -> None:
    submission = _draft(record)
    record.send(submission, "second.dcm", b"second plan")
    prechecks.request_precheck(record.db, ONCOLOGIST, submission_id=submission)
    found = _shown(record, submission)
    assert found.is_current
    assert found.content is None
