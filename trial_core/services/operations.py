"""How the installation runs, for whoever looks after it: jobs, workers, room on disk, the audit trail.

No content of the trial is told: no subject, no site, no entry of the trail.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from trial_core.db.repositories import jobs as rows
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.jobs import LEASE, JobSeen, JobState, WorkerPresent
from trial_core.services import audit_trail, presence
from trial_core.services.authorise import require
from trial_core.store import Store

MOST_OF_A_STATE = 50
_LONG_WAIT = timedelta(minutes=2)
_LOW_ROOM_BYTES = 10 * 1024**3
_ORDER = (JobState.FAILED, JobState.RUNNING, JobState.WAITING, JobState.DONE)


@dataclass(frozen=True)
class WorkerSeen:
    """A worker, and the job that it is at; None: it is idle, or silent.

    Attributes
    ----------
    alive
        It was heard of lately, or its job's lease runs.
    """

    present: WorkerPresent
    job_id: str | None
    alive: bool


@dataclass(frozen=True)
class Operations:
    """What runs, at a moment.

    Attributes
    ----------
    counts
        Jobs by state.
    jobs
        Those that need somebody first: failed, running, waiting, done; newest first, some of each.
    workers
        Those that are there, by name.
    nobody_works
        A job has been waiting for longer than a worker needs to take it, and no worker is alive.
    disk_free_bytes, disk_bytes
        Of the disk on which the store is.
    """

    at: datetime
    counts: dict[JobState, int]
    jobs: tuple[JobSeen, ...]
    workers: tuple[WorkerSeen, ...]
    nobody_works: bool
    disk_free_bytes: int
    disk_bytes: int

    @property
    def disk_is_low(self) -> bool:
        """Tell whether room should be made: less than 10 GiB is left, and one delivery may take several."""
        return self.disk_free_bytes < _LOW_ROOM_BYTES


def operations(db: Database, store: Store, actor: Actor) -> Operations:
    """Say what runs now.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    disk = shutil.disk_usage(store.folder)
    with db.read() as connection:
        at = db.lease_now(connection)
        counts = rows.count_by_state(connection)
        listed = tuple(one for state in _ORDER for one in rows.newest(connection, state, MOST_OF_A_STATE))
        oldest = rows.waiting_since(connection, at - _LONG_WAIT)[:1]
    workers = _workers(presence.present(db), listed, at)
    return Operations(
        at,
        counts,
        listed,
        workers,
        nobody_works=bool(oldest) and not any(each.alive for each in workers),
        disk_free_bytes=disk.free,
        disk_bytes=disk.total,
    )


def check_trail(db: Database, actor: Actor) -> audit_trail.Verification:
    """Walk the whole audit trail now: is it what was written.

    Raises
    ------
    NotAuthorised, AuditKeyMissing, AnchorUnreadable, TrailUnreadable
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    return audit_trail.verify(db)


def _workers(
    there: Sequence[WorkerPresent], listed: Sequence[JobSeen], at: datetime
) -> tuple[WorkerSeen, ...]:
    at_work = {
        each.worker: each.progress.job_id
        for each in listed
        if each.progress.state is JobState.RUNNING and each.heartbeat_at and at - each.heartbeat_at < LEASE
    }
    return tuple(
        WorkerSeen(one, at_work.get(one.name), one.name in at_work or not presence.is_silent(one, at))
        for one in there
    )
