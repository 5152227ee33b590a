"""Nodes whose clocks differ, on a real PostgreSQL: jobs, leases and presence go by the database's clock."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.trial_core.record import AUDIT, Clock, Record, populate
from trial_core.db import session
from trial_core.db.migrate import migrate
from trial_core.db.session import Database, utc_now
from trial_core.domain.jobs import LEASE, JobState
from trial_core.services import jobs, presence, watching
from trial_core.store import Store

OFF = timedelta(minutes=9)
"""Far beyond the lease, and within what tells a clock that was set back."""
FAST, SLOW = OFF, -OFF
_CODES = (f"S1-{number:03d}" for number in itertools.count(1))

Node = Callable[[timedelta], Database]


@pytest.fixture(scope="module")
def trial(postgresql_url: str) -> str:
    with closing(Database(postgresql_url, audit=AUDIT)) as db:
        migrate(db)
        populate(db)
    return postgresql_url


@pytest.fixture
def node(trial: str) -> Iterator[Node]:
    """Open the trial as a machine does whose clock is off by so much."""
    with ExitStack() as opened:

        def on(off: timedelta) -> Database:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(session, "utc_now", lambda: utc_now() + off)
                return opened.enter_context(closing(Database(trial, audit=AUDIT)))

        yield on


def _submitted(db: Database, folder: Path) -> str:
    record = Record(db, Store(folder), Clock(), folder)
    return record.submit(record.enrol(next(_CODES)), data=folder.name.encode()).job_id


def test_node__has_the_clock_it_is_given(node: Node) -> None:
    assert node(FAST).now() - node(SLOW).now() > 2 * OFF - timedelta(seconds=30)


@pytest.mark.parametrize("off", [FAST, SLOW])
def test_job__of_a_node_at_work_is_not_stolen_by_one_whose_clock_is_off(
    node: Node, tmp_path: Path, off: timedelta
) -> None:
    here, there = node(timedelta(0)), node(off)
    job_id = _submitted(here, tmp_path)
    claim = jobs.claim(here, job_id=job_id, worker="here")
    assert claim is not None
    assert jobs.expire(there) == ()
    assert jobs.claim(there, job_id=job_id, worker="there") is None
    assert jobs.renew(here, claim=claim).token == claim.token


@pytest.mark.parametrize("off", [FAST, SLOW])
def test_job__of_a_node_whose_clock_is_off_stays_its_own(node: Node, tmp_path: Path, off: timedelta) -> None:
    here, there = node(timedelta(0)), node(off)
    claim = jobs.claim(there, job_id=_submitted(here, tmp_path), worker="there")
    assert claim is not None
    assert jobs.expire(here) == ()
    renewed = jobs.renew(there, claim=claim)
    assert jobs.expire(here) == ()
    assert timedelta(0) < renewed.lease_expires_at - here.now() <= LEASE + timedelta(seconds=1)


@pytest.mark.parametrize("off", [FAST, SLOW])
def test_job__submitted_through_a_node_whose_clock_is_off_is_due_at_once(
    node: Node, tmp_path: Path, off: timedelta
) -> None:
    here, there = node(timedelta(0)), node(off)
    job_id = _submitted(there, tmp_path)
    assert job_id in jobs.due(here)
    claim = jobs.claim(here, job_id=job_id, worker="here")
    assert claim is not None
    assert jobs.fail(there, claim=claim, error="It broke off.") is JobState.WAITING
    assert job_id not in jobs.due(there)  # its pause is as long everywhere
    assert job_id not in jobs.due(here)


@pytest.mark.parametrize("off", [FAST, SLOW])
def test_worker__is_seen_alive_whatever_its_clock_says(node: Node, off: timedelta) -> None:
    here, there = node(timedelta(0)), node(off)
    name = f"worker-{off}"
    presence.say_present(
        there, name=name, host="there", processors=1, code_version="1", started_at=there.now()
    )
    (said,) = [one for one in presence.present(here) if one.name == name]
    assert not presence.is_silent(said, presence.time_told(here))
    assert watching.figures(there).workers == watching.figures(here).workers >= 1
