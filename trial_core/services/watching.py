"""Figures for whoever watches an installation from outside: counts and times, nothing of the trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trial_core.db.repositories import jobs, stage_times
from trial_core.db.session import Database
from trial_core.domain.jobs import JobKind, JobState, StageTotal
from trial_core.services import presence


@dataclass(frozen=True)
class Figures:
    """How an installation is.

    Attributes
    ----------
    jobs
        How many there are in each state.
    oldest_due_s
        How long the job that has been due longest has waited, in seconds; 0 where none is due.
    stages
        How often each stage of each kind of job was gone through, and how long that took in all.
    workers
        How many are alive.
    """

    jobs: Mapping[JobState, int]
    oldest_due_s: float
    stages: tuple[StageTotal, ...]
    workers: int


def figures(db: Database) -> Figures:
    """Read the figures; nobody has to be signed in, for nothing of the trial is among them."""
    with db.read() as connection:
        at = db.lease_now(connection)
        counts = jobs.count_by_state(connection)
        since = jobs.due_since(connection, at)
        stages = stage_times.totals(connection)
    alive = sum(not presence.is_silent(each, at) for each in presence.present(db))
    return Figures(counts, (at - since).total_seconds() if since else 0.0, stages, alive)


def note_stages(db: Database, kind: JobKind, seconds: Mapping[str, float]) -> None:
    """Count the stages that a job has gone through."""
    with db.transaction() as connection:
        for stage, took_s in seconds.items():
            stage_times.add(connection, kind, stage, round(took_s * 1000))


def is_ready(db: Database) -> bool:
    """Tell whether the database answers; raises what the driver raises where it does not."""
    with db.read() as connection:
        jobs.count_by_state(connection)
    return True
