"""The clock is set back or forward while people and workers are at it: nothing waits for a false time."""

from __future__ import annotations

import pytest

from tests.trial_core.enrolling import PASSWORD
from tests.trial_core.record import ONCOLOGIST, Record
from trial_core.domain.jobs import CLOCK_ALLOWANCE, LEASE, JobState
from trial_core.errors import AccountLocked, LeaseLost, NotSignedIn, SignInRefused
from trial_core.services import accounts, jobs
from trial_core.services.audit_trail import add_anchor_if_due, verify

DAY = 24.0


@pytest.mark.parametrize("hours", [-DAY, -1.0, DAY])
def test_job__that_waits_is_done_whatever_the_clock_says(record: Record, hours: float) -> None:
    job_id = record.submit(record.enrol()).job_id
    record.clock.advance(hours=hours)
    assert jobs.due(record.db) == (job_id,)
    record.finish(record.claim(job_id))
    assert jobs.job_progress(record.db, job_id=job_id).state is JobState.DONE


def test_job__of_a_worker_killed_before_the_clock_was_set_back_goes_to_the_next(record: Record) -> None:
    job_id = record.submit(record.enrol()).job_id
    killed = record.claim(job_id)
    record.clock.advance(hours=-DAY)
    assert jobs.expire(record.db) == (job_id,)
    record.finish(record.claim(job_id))
    with pytest.raises(LeaseLost):
        jobs.renew(record.db, claim=killed)


def test_job__at_work_keeps_its_lease_when_the_clock_is_corrected_a_little(record: Record) -> None:
    claim = record.claim(record.submit(record.enrol()).job_id)
    record.clock.advance(seconds=-CLOCK_ALLOWANCE.total_seconds())
    assert jobs.expire(record.db) == ()
    renewed = jobs.renew(record.db, claim=claim)
    assert renewed.lease_expires_at == record.clock() + LEASE


def test_job__at_work_when_the_clock_goes_forward_is_done_once(record: Record) -> None:
    first = record.claim(record.submit(record.enrol()).job_id)
    record.clock.advance(hours=DAY)
    assert jobs.expire(record.db) == (first.job_id,)
    with pytest.raises(LeaseLost):
        record.finish(first)
    record.finish(record.claim(first.job_id))
    assert jobs.job_progress(record.db, job_id=first.job_id).attempts == 2


def test_session__of_before_the_clock_was_set_back_does_not_last_longer_for_it(record: Record) -> None:
    token = accounts.sign_in(record.db, login=ONCOLOGIST.login, password=PASSWORD)
    record.clock.advance(seconds=-60)
    assert accounts.actor_of(record.db, token=token).login == ONCOLOGIST.login
    record.clock.advance(hours=-1)
    with pytest.raises(NotSignedIn):
        accounts.actor_of(record.db, token=token)


def test_account__locked_before_the_clock_was_set_back_is_open_again(record: Record) -> None:
    for _ in range(6):
        with pytest.raises((SignInRefused, AccountLocked)):
            accounts.sign_in(record.db, login=ONCOLOGIST.login, password="wrong" * 4)
    record.clock.advance(hours=-DAY)
    assert accounts.sign_in(record.db, login=ONCOLOGIST.login, password=PASSWORD)


@pytest.mark.parametrize("hours", [-DAY, DAY])
def test_audit_trail__is_whole_over_a_moved_clock_and_goes_on_being_anchored(
    record: Record, hours: float
) -> None:
    code = record.enrol()
    add_anchor_if_due(record.db)
    record.clock.advance(hours=hours)
    record.submit(code)
    assert add_anchor_if_due(record.db) is not None
    assert verify(record.db).whole
