"""A job that failed can be tried again by a person; one whose worker was ended by us lost no attempt."""

from __future__ import annotations

import pytest

from tests.trial_core.record import OFFICE, ONCOLOGIST, OTHER_ONCOLOGIST, PHYSICIST, STAFF, Record
from trial_core.domain.jobs import ATTEMPTS_CAP, JobState
from trial_core.domain.plan import JobTicket, SubmissionState
from trial_core.errors import NotAuthorised, SubjectNotEligibleForPlan, UnknownSubmission, WrongState
from trial_core.services import audit_trail, jobs, submissions


def _failed(record: Record) -> JobTicket:
    ticket = record.submit(record.enrol())
    for _ in range(ATTEMPTS_CAP):
        record.claim(ticket.job_id, "a worker")
        jobs.expire_worker(record.db, worker="a worker")
    assert jobs.job_progress(record.db, job_id=ticket.job_id).state is JobState.FAILED
    return ticket


def test_release_worker__counts_no_attempt_however_often_it_is_stopped(record: Record) -> None:
    ticket = record.submit(record.enrol())
    for _ in range(ATTEMPTS_CAP + 1):
        record.claim(ticket.job_id, "a worker")
        assert jobs.release_worker(record.db, worker="a worker") == (ticket.job_id,)
    progress = jobs.job_progress(record.db, job_id=ticket.job_id)
    assert (progress.state, progress.attempts) == (JobState.WAITING, 0)
    assert jobs.release_worker(record.db, worker="a worker") == ()


def test_check_again__of_a_failed_check_lets_it_wait_with_all_its_attempts(record: Record) -> None:
    ticket = _failed(record)
    view = submissions.submission_view(record.db, PHYSICIST, submission_id=ticket.submission_id)
    assert view.may_check_again
    assert jobs.check_again(record.db, PHYSICIST, submission_id=ticket.submission_id) == ticket
    progress = jobs.job_progress(record.db, job_id=ticket.job_id)
    assert (progress.state, progress.attempts, progress.error) == (JobState.WAITING, 0, None)
    view = submissions.submission_view(record.db, PHYSICIST, submission_id=ticket.submission_id)
    assert (view.summary.state, view.findings) == (SubmissionState.SUBMITTED, ())
    assert not view.may_check_again
    assert record.finish(record.claim(ticket.job_id)) is SubmissionState.AWAITING_CONFIRMATION
    assert audit_trail.verify(record.db).whole


def test_check_again__is_for_failed_checks_of_ones_own_site(record: Record) -> None:
    ticket = _failed(record)
    for actor, refusal in (
        (STAFF, NotAuthorised),
        (OFFICE, NotAuthorised),
        (OTHER_ONCOLOGIST, UnknownSubmission),
    ):
        with pytest.raises(refusal):
            jobs.check_again(record.db, actor, submission_id=ticket.submission_id)
    jobs.check_again(record.db, ONCOLOGIST, submission_id=ticket.submission_id)
    with pytest.raises(WrongState):
        jobs.check_again(record.db, ONCOLOGIST, submission_id=ticket.submission_id)


def test_check_again__refuses_a_subject_that_takes_no_plan_any_more(record: Record) -> None:
    ticket = _failed(record)
    record.leave("S1-001")
    with pytest.raises(SubjectNotEligibleForPlan):
        jobs.check_again(record.db, ONCOLOGIST, submission_id=ticket.submission_id)
