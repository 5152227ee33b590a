"""Jobs of the job table: kinds, states, leases and the rules for trying again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class JobKind(StrEnum):
    """What a job does."""

    PLAN_CHECK = "plan_check"
    RECHECK = "recheck"
    PRECHECK = "precheck"


class Stage(StrEnum):
    """What a plan check does one after the other, as its progress names it."""

    COPYING = "copying"
    TAKING_IN = "taking in"
    READING = "reading"
    MEASURING = "measuring"
    JUDGING = "judging"


class JobState(StrEnum):
    """Where a job stands; only `waiting` can be claimed."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Claim:
    """A worker's right to run one job until the lease expires; `token` is the proof."""

    job_id: str
    kind: JobKind
    submission_id: str
    token: str
    attempt: int
    lease_expires_at: datetime


@dataclass(frozen=True)
class JobProgress:
    """What the page shows of a job."""

    job_id: str
    state: JobState
    stage: str | None
    done: int
    total: int
    attempts: int
    attempts_cap: int
    error: str | None


@dataclass(frozen=True)
class JobSeen:
    """A job as whoever runs the server sees it; `worker` and `heartbeat_at` are of its last attempt."""

    kind: JobKind
    progress: JobProgress
    created_at: datetime
    finished_at: datetime | None
    worker: str | None
    heartbeat_at: datetime | None


@dataclass(frozen=True)
class WorkerPresent:
    """A worker that is there, as it said at `seen_at`; `processors` are those that it may use."""

    name: str
    host: str
    processors: int
    code_version: str
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class StageTotal:
    """How often jobs of a kind went through a stage, ever, and how long that took in all."""

    kind: JobKind
    stage: str
    times: int
    milliseconds: int


ATTEMPTS_CAP = 3
LEASE = timedelta(seconds=60)
"""A worker renews well within this; a killed one is replaced after it."""


CLOCK_ALLOWANCE = timedelta(minutes=10)
"""Further ahead than this nothing is noted: what is, was noted before a clock was set back, and is no moment
to wait for. Clocks of several machines differ by less."""


def backoff(attempt: int) -> timedelta:
    """Wait before the next try: 5 s after the first failure, then three times longer each time."""
    return timedelta(seconds=5 * 3 ** (attempt - 1))
