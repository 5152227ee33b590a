"""The job table: leases, retries with a cap, and jobs whose worker is gone."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.trial_core.record import ONCOLOGIST, Record
from trial_core.domain.jobs import ATTEMPTS_CAP, LEASE, JobState, backoff
from trial_core.domain.plan import SubmissionState, SubmittedFile
from trial_core.errors import LeaseLost, UnknownJob
from trial_core.services import jobs, submissions


def test_claim__gives_the_files_under_the_users_names(record: Record) -> None:
    claim = record.claim(record.submit(record.enrol()).job_id)
    work = jobs.work_of(record.db, claim=claim)
    assert work.subject_code == "S1-001"
    (file,) = work.files
    assert isinstance(file, SubmittedFile)
    assert (file.name, file.size_bytes) == ("plan.dcm", 4)
    assert record.store.read(file.sha256) == b"plan"


def test_claim__of_a_running_or_finished_or_unknown_job_is_none(record: Record) -> None:
    job_id = record.submit(record.enrol()).job_id
    claim = record.claim(job_id)
    assert jobs.claim(record.db, job_id=job_id, worker="w") is None
    record.finish(claim)
    assert jobs.claim(record.db, job_id=job_id, worker="w") is None
    assert jobs.claim(record.db, job_id="no such job", worker="w") is None
    with pytest.raises(UnknownJob):
        jobs.job_progress(record.db, job_id="no such job")


def test_renew__prolongs_the_lease_and_tells_the_page(record: Record) -> None:
    ticket = record.submit(record.enrol())
    claim = record.claim(ticket.job_id)
    record.clock.advance(seconds=50)
    renewed = jobs.renew(record.db, claim=claim, stage="measuring", done=2, total=5)
    assert renewed.lease_expires_at == record.clock() + LEASE
    record.clock.advance(seconds=50)
    assert jobs.expire(record.db) == ()
    job = submissions.submission_view(record.db, ONCOLOGIST, submission_id=ticket.submission_id).summary.job
    assert job is not None
    assert (job.state, job.stage, job.done, job.total) == (JobState.RUNNING, "measuring", 2, 5)


def test_renew__without_a_stage_keeps_the_last_one(record: Record) -> None:
    claim = record.claim(record.submit(record.enrol()).job_id)
    jobs.renew(record.db, claim=claim, stage="reading", done=1, total=2)
    jobs.renew(record.db, claim=claim)
    assert jobs.job_progress(record.db, job_id=claim.job_id).stage == "reading"


def test_expire__gives_the_job_of_a_dead_worker_to_the_next(record: Record) -> None:
    job_id = record.submit(record.enrol()).job_id
    first = record.claim(job_id)
    record.clock.advance(seconds=LEASE.total_seconds() - 1)
    assert jobs.expire(record.db) == ()
    record.clock.advance(seconds=1)
    assert jobs.due(record.db) == ()
    assert jobs.expire(record.db) == (job_id,)
    assert jobs.expire(record.db) == ()
    assert jobs.due(record.db) == (job_id,)
    with pytest.raises(LeaseLost):
        jobs.renew(record.db, claim=first)
    assert record.claim(job_id).attempt == 2


def test_release__gives_the_job_to_the_next_at_once_and_counts_no_attempt(record: Record) -> None:
    job_id = record.submit(record.enrol()).job_id
    for _ in range(ATTEMPTS_CAP + 1):
        claim = record.claim(job_id)
        assert claim.attempt == 1
        jobs.release(record.db, claim=claim)
        assert jobs.due(record.db) == (job_id,)
    progress = jobs.job_progress(record.db, job_id=job_id)
    assert (progress.state, progress.attempts, progress.error) == (JobState.WAITING, 0, None)


def test_release__of_a_lost_lease_changes_nothing(record: Record) -> None:
    job_id = record.submit(record.enrol()).job_id
    first = record.claim(job_id)
    jobs.release(record.db, claim=first)
    second = record.claim(job_id)
    with pytest.raises(LeaseLost):
        jobs.release(record.db, claim=first)
    assert jobs.job_progress(record.db, job_id=job_id).attempts == second.attempt


def test_expire_worker__takes_back_what_a_dead_worker_held_and_nothing_else(record: Record) -> None:
    dead = jobs.claim(record.db, job_id=record.submit(record.enrol()).job_id, worker="dead")
    alive = jobs.claim(record.db, job_id=record.submit(record.enrol("S1-002")).job_id, worker="alive")
    assert dead
    assert alive
    assert jobs.expire_worker(record.db, worker="dead") == (dead.job_id,)
    assert jobs.due(record.db) == (dead.job_id,)
    jobs.renew(record.db, claim=alive)
    with pytest.raises(LeaseLost):
        jobs.renew(record.db, claim=dead)


def test_expire_worker__counts_the_attempt_and_gives_up_at_the_cap(record: Record) -> None:
    ticket = record.submit(record.enrol())
    for attempt in range(1, ATTEMPTS_CAP + 1):
        claim = jobs.claim(record.db, job_id=ticket.job_id, worker="dead")
        assert claim is not None
        assert claim.attempt == attempt
        jobs.expire_worker(record.db, worker="dead")
    assert jobs.job_progress(record.db, job_id=ticket.job_id).state is JobState.FAILED


def test_a_late_worker__whose_job_nobody_took_may_still_finish(record: Record) -> None:
    claim = record.claim(record.submit(record.enrol()).job_id)
    record.clock.advance(minutes=10)
    assert record.finish(claim) is SubmissionState.AWAITING_CONFIRMATION
    assert jobs.expire(record.db) == ()


def test_fail__tries_again_after_a_pause_until_the_cap(record: Record) -> None:
    ticket = record.submit(record.enrol())
    for attempt in range(1, ATTEMPTS_CAP):
        claim = record.claim(ticket.job_id)
        assert jobs.fail(record.db, claim=claim, error="It broke.") is JobState.WAITING
        assert jobs.due(record.db) == ()
        assert jobs.claim(record.db, job_id=ticket.job_id, worker="w") is None
        record.clock.advance(seconds=backoff(attempt).total_seconds())
        assert jobs.due(record.db) == (ticket.job_id,)
    assert jobs.fail(record.db, claim=record.claim(ticket.job_id), error="It broke.") is JobState.FAILED
    assert jobs.due(record.db) == ()
    view = submissions.submission_view(record.db, ONCOLOGIST, submission_id=ticket.submission_id)
    assert view.summary.state is SubmissionState.FAILED
    assert [finding.code for finding in view.findings] == ["check-failed"]
    assert "It broke." in view.findings[0].message


def test_fail__for_good_asks_for_no_second_try(record: Record) -> None:
    claim = record.claim(record.submit(record.enrol()).job_id)
    assert jobs.fail(record.db, claim=claim, error="x", again=False) is JobState.FAILED


def test_expire__gives_up_a_job_that_kills_its_workers(record: Record) -> None:
    ticket = record.submit(record.enrol())
    for _ in range(ATTEMPTS_CAP):
        record.claim(ticket.job_id)
        record.clock.advance(minutes=2)
        rung = jobs.expire(record.db)
    assert rung == ()
    assert jobs.job_progress(record.db, job_id=ticket.job_id).state is JobState.FAILED
    (row,) = submissions.worklist(record.db, ONCOLOGIST)
    assert row.state is SubmissionState.FAILED


def test_due__lists_the_oldest_first(record: Record) -> None:
    code = record.enrol()
    tickets = []
    for number in range(3):
        tickets.append(record.submit(code, b"%d" % number).job_id)
        record.clock.advance(seconds=1)
    assert jobs.due(record.db) == tuple(tickets)


def test_a_failed_submission__may_be_sent_again(record: Record) -> None:
    code = record.enrol()
    jobs.fail(record.db, claim=record.claim(record.submit(code).job_id), error="x", again=False)
    assert record.check(code)[1] is SubmissionState.AWAITING_CONFIRMATION


def test_tokens__are_never_the_same(record: Record) -> None:
    job_id = record.submit(record.enrol()).job_id
    first = record.claim(job_id)
    record.clock.advance(minutes=2)
    jobs.expire(record.db)
    assert record.claim(job_id).token != first.token
    with record.db.read() as connection:
        assert first.token not in str(connection.execute(text("SELECT * FROM audit_entry")).all())
