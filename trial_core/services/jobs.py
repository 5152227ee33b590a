"""The job table's verbs: claim, renew, fail, expire; finishing is done with the result, in `results`."""

from __future__ import annotations

from trial_core.db.session import Database
from trial_core.domain.jobs import Claim, JobProgress, JobState
from trial_core.domain.plan import PlanCheckWork


def claim(db: Database, *, job_id: str, worker: str) -> Claim | None:
    """Take a waiting job that is due, or None when it is not to be had. Of many claimers one wins."""
    raise NotImplementedError


def renew(db: Database, *, claim: Claim, stage: str | None = None, done: int = 0, total: int = 0) -> Claim:
    """Heartbeat: prolong the lease; with a stage, note the progress. Call at least every 20 s.

    Raises
    ------
    LeaseLost
    """
    raise NotImplementedError


def work_of(db: Database, *, claim: Claim) -> PlanCheckWork:
    """Give the files of the claimed plan check (bytes by `store.copy_to`).

    Raises
    ------
    LeaseLost
    """
    raise NotImplementedError


def fail(db: Database, *, claim: Claim, error: str, again: bool = True) -> JobState:
    """Note a failure: waiting (after a pause) while attempts are left and `again`, else failed for good.

    `error` is shown to people: no names, no paths.

    Raises
    ------
    LeaseLost
    """
    raise NotImplementedError


def expire(db: Database) -> tuple[str, ...]:
    """Take jobs back whose lease ran out; returns the ids to ring again. Over the cap they fail for good."""
    raise NotImplementedError


def due(db: Database) -> tuple[str, ...]:
    """List the ids of waiting jobs that may be claimed now, oldest first."""
    raise NotImplementedError


def job_progress(db: Database, *, job_id: str) -> JobProgress:
    """Give state and progress of a job, for workers and the command line.

    Raises
    ------
    UnknownJob
    """
    raise NotImplementedError
