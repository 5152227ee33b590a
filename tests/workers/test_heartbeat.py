"""The heartbeat keeps a lease, tells progress, and notices when the job belongs to someone else."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workers.installation import Installation, MovedClock, installation
from trial_core.domain.jobs import LEASE, Claim
from trial_core.errors import LeaseLost
from trial_core.services import jobs
from workers.heartbeat import BEAT_S, Heartbeat, StoppedError


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def home(tmp_path: Path, clock: MovedClock) -> Iterator[Installation]:
    with installation(tmp_path, now=clock) as made:
        yield made


def _claimed(home: Installation) -> Claim:
    ticket = home.submit({"note.txt": b"text"})
    claim = jobs.claim(home.db, job_id=ticket.job_id, worker="first")
    assert claim is not None
    return claim


def test_beat__comes_several_times_within_a_lease() -> None:
    assert LEASE.total_seconds() > BEAT_S * 3


def test_heartbeat__tells_stage_and_steps(home: Installation) -> None:
    claim = _claimed(home)
    with Heartbeat(home.db, claim, threading.Event()) as heartbeat:
        heartbeat.note("measuring", 3, 17)
        progress = jobs.job_progress(home.db, job_id=claim.job_id)
    assert (progress.stage, progress.done, progress.total) == ("measuring", 3, 17)


def test_heartbeat__keeps_a_lease_that_would_have_run_out(home: Installation, clock: MovedClock) -> None:
    claim = _claimed(home)
    with Heartbeat(home.db, claim, threading.Event(), beat_s=0.02) as heartbeat:
        for _ in range(3):
            clock.ahead += LEASE * 0.9
            before = heartbeat.claim.lease_expires_at
            while heartbeat.claim.lease_expires_at - before < LEASE * 0.5:
                time.sleep(0.01)
            assert jobs.expire(home.db) == ()


def test_heartbeat__notices_that_the_job_went_to_another_worker(
    home: Installation, clock: MovedClock
) -> None:
    claim = _claimed(home)
    with Heartbeat(home.db, claim, threading.Event(), beat_s=60) as heartbeat:
        clock.ahead += LEASE * 2
        assert jobs.expire(home.db) == (claim.job_id,)
        with pytest.raises(LeaseLost):
            heartbeat.note("judging", 0, 1)


def test_heartbeat__stops_the_work_when_a_beat_finds_the_lease_lost(
    home: Installation, clock: MovedClock
) -> None:
    claim = _claimed(home)
    with Heartbeat(home.db, claim, threading.Event(), beat_s=0.02) as heartbeat:
        heartbeat.note("judging", 0, 2)
        clock.ahead += LEASE * 2
        jobs.expire(home.db)
        time.sleep(0.3)
        with pytest.raises(LeaseLost):
            heartbeat.note("judging", 1, 2)


def test_heartbeat__stops_the_work_when_the_worker_is_told_to_end(home: Installation) -> None:
    stop = threading.Event()
    with Heartbeat(home.db, _claimed(home), stop) as heartbeat:
        heartbeat.note("judging", 0, 2)
        stop.set()
        with pytest.raises(StoppedError):
            heartbeat.note("judging", 1, 2)
