"""Queries on the job table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from trial_core.db.tables import job
from trial_core.domain.jobs import (
    ATTEMPTS_CAP,
    CLOCK_ALLOWANCE,
    LEASE,
    Claim,
    JobKind,
    JobProgress,
    JobSeen,
    JobState,
    backoff,
)

_IDS_A_QUERY = 500


def add(connection: Connection, *, job_id: str, kind: JobKind, submission_id: str, at: datetime) -> None:
    """Add a job that may be claimed at once."""
    connection.execute(
        insert(job).values(
            id=job_id,
            kind=kind.value,
            submission_id=submission_id,
            state=JobState.WAITING.value,
            not_before=at,
            attempts=0,
            attempts_cap=ATTEMPTS_CAP,
            done=0,
            total=0,
            created_at=at,
        )
    )


def of_submission(
    connection: Connection, submission_id: str, kind: JobKind = JobKind.PLAN_CHECK
) -> str | None:
    """Give the id of a submission's job of a kind."""
    chosen = (job.c.submission_id == submission_id) & (job.c.kind == kind.value)
    return connection.execute(select(job.c.id).where(chosen)).scalar()


def kind_of(connection: Connection, job_id: str) -> JobKind:
    """Give what a job that is known to exist does."""
    return JobKind(connection.execute(select(job.c.kind).where(job.c.id == job_id)).scalar_one())


def set_reason(connection: Connection, *, job_id: str, reason: str) -> None:
    """Keep why a job was asked for."""
    connection.execute(update(job).where(job.c.id == job_id).values(reason=reason))


def reason_of(connection: Connection, job_id: str) -> str | None:
    """Give why a job was asked for."""
    reason: str | None = connection.execute(select(job.c.reason).where(job.c.id == job_id)).scalar_one()
    return reason


def find(connection: Connection, job_id: str) -> JobProgress | None:
    """Find a job."""
    row = connection.execute(select(job).where(job.c.id == job_id)).first()
    return progress_of_row(row) if row else None


def take(
    connection: Connection, *, job_id: str, worker: str, token: str, at: datetime, lease_expires_at: datetime
) -> Claim | None:
    """Lease a waiting job that is due; None when another has it or it is over."""
    taken = connection.execute(
        update(job)
        .where(job.c.id == job_id, job.c.state == JobState.WAITING.value, _is_due(at))
        .values(
            state=JobState.RUNNING.value,
            token=token,
            worker=worker,
            lease_expires_at=lease_expires_at,
            heartbeat_at=at,
            attempts=job.c.attempts + 1,
            stage=None,
            done=0,
            total=0,
        )
        .returning(job.c.kind, job.c.submission_id, job.c.attempts)
    ).first()
    if taken is None:
        return None
    return Claim(job_id, JobKind(taken.kind), taken.submission_id, token, taken.attempts, lease_expires_at)


def held(connection: Connection, claim: Claim) -> bool:
    """Tell whether the claim still holds its job."""
    chosen = (
        (job.c.id == claim.job_id) & (job.c.token == claim.token) & (job.c.state == JobState.RUNNING.value)
    )
    return connection.execute(select(job.c.id).where(chosen)).first() is not None


def prolong(
    connection: Connection, claim: Claim, *, at: datetime, lease_expires_at: datetime, **values: Any
) -> bool:
    """Prolong the lease of a job the claim holds, and set other columns with it."""
    chosen = (
        (job.c.id == claim.job_id) & (job.c.token == claim.token) & (job.c.state == JobState.RUNNING.value)
    )
    result = connection.execute(
        update(job).where(chosen).values(heartbeat_at=at, lease_expires_at=lease_expires_at, **values)
    )
    return result.rowcount == 1


def release(
    connection: Connection,
    *,
    job_id: str,
    state: JobState,
    error: str | None = None,
    not_before: datetime | None = None,
    finished_at: datetime | None = None,
) -> None:
    """Take a job off its worker and leave it in a state."""
    values: dict[str, Any] = {"state": state.value, "error": error, "token": None, "lease_expires_at": None}
    if not_before is not None:
        values["not_before"] = not_before
    if finished_at is not None:
        values["finished_at"] = finished_at
    connection.execute(update(job).where(job.c.id == job_id).values(**values))


def put_back(connection: Connection, *, job_id: str, at: datetime) -> None:
    """Let a job wait again as if it had not been claimed: the attempt does not count."""
    release(connection, job_id=job_id, state=JobState.WAITING, not_before=at)
    connection.execute(update(job).where(job.c.id == job_id).values(attempts=job.c.attempts - 1))


def renew_attempts(connection: Connection, *, job_id: str, at: datetime) -> None:
    """Let a job that is over wait again as if it were new."""
    release(connection, job_id=job_id, state=JobState.WAITING, not_before=at)
    values: dict[str, Any] = {"attempts": 0, "stage": None, "done": 0, "total": 0, "finished_at": None}
    connection.execute(update(job).where(job.c.id == job_id).values(**values))


def expired(
    connection: Connection, at: datetime, *, worker: str | None = None
) -> tuple[tuple[str, str, int, int], ...]:
    """List the jobs whose lease ran out, or those a worker holds: (id, submission's id, attempts, cap).

    One that ends in a future which no worker could have written is from before the clock was set back.
    """
    ran_out = (job.c.lease_expires_at <= at) | (job.c.lease_expires_at > at + LEASE + CLOCK_ALLOWANCE)
    ended = ran_out if worker is None else job.c.worker == worker
    rows = connection.execute(
        select(job).where(job.c.state == JobState.RUNNING.value, ended).order_by(job.c.created_at, job.c.id)
    )
    return tuple((row.id, row.submission_id, row.attempts, row.attempts_cap) for row in rows)


def workers_at_work(connection: Connection, at: datetime) -> frozenset[str]:
    """Name the workers that hold a job by a lease that has not run out."""
    leased = (job.c.state == JobState.RUNNING.value) & (job.c.lease_expires_at > at)
    return frozenset(
        name for name in connection.execute(select(job.c.worker).where(leased)).scalars() if name
    )


def due(connection: Connection, at: datetime) -> tuple[str, ...]:
    """List the waiting jobs that may be claimed, oldest first."""
    return _waiting(connection, _is_due(at))


def waiting_since(connection: Connection, before: datetime) -> tuple[str, ...]:
    """List the waiting jobs that could have been claimed before a time, oldest first."""
    return _waiting(connection, job.c.not_before <= before)


def _is_due(at: datetime) -> ColumnElement[bool]:
    """Its pause is over, or is of a clock that was set back since."""
    return (job.c.not_before <= at) | (job.c.not_before > at + backoff(ATTEMPTS_CAP) + CLOCK_ALLOWANCE)


def _waiting(connection: Connection, chosen: ColumnElement[bool]) -> tuple[str, ...]:
    rows = connection.execute(
        select(job.c.id)
        .where(job.c.state == JobState.WAITING.value, chosen)
        .order_by(job.c.created_at, job.c.id)
    )
    return tuple(row.id for row in rows)


def due_since(connection: Connection, at: datetime) -> datetime | None:
    """Tell since when the first of the jobs that are due at a moment has been; None where none is."""
    waiting = (job.c.state == JobState.WAITING.value) & (job.c.not_before <= at)
    return connection.execute(
        select(job.c.not_before).where(waiting).order_by(job.c.not_before).limit(1)
    ).scalar()


def states_of(connection: Connection, submissions: Sequence[str], kind: JobKind) -> tuple[JobState, ...]:
    """Give the states of the jobs of a kind that submissions have, in no order."""
    found: list[JobState] = []
    for start in range(0, len(submissions), _IDS_A_QUERY):
        some = submissions[start : start + _IDS_A_QUERY]
        chosen = (job.c.kind == kind.value) & job.c.submission_id.in_(some)
        found += (
            JobState(state) for state in connection.execute(select(job.c.state).where(chosen)).scalars()
        )
    return tuple(found)


def count_by_state(connection: Connection) -> dict[JobState, int]:
    """Count the jobs of every state, 0 included."""
    rows = connection.execute(select(job.c.state, func.count()).group_by(job.c.state))
    found = {JobState(state): count for state, count in rows}
    return {each: found.get(each, 0) for each in JobState}


def newest(connection: Connection, state: JobState, most: int) -> tuple[JobSeen, ...]:
    """List the jobs of a state, newest first, `most` of them."""
    rows = connection.execute(
        select(job)
        .where(job.c.state == state.value)
        .order_by(job.c.created_at.desc(), job.c.id.desc())
        .limit(most)
    )
    return tuple(_seen(row) for row in rows)


def _seen(row: Row[Any]) -> JobSeen:
    return JobSeen(
        JobKind(row.kind),
        progress_of_row(row),
        created_at=row.created_at,
        finished_at=row.finished_at,
        worker=row.worker,
        heartbeat_at=row.heartbeat_at,
    )


def progress_of_row(row: Row[Any], prefix: str = "") -> JobProgress:
    """Read a job's progress from a row whose job columns bear a prefix."""
    values = row._mapping
    return JobProgress(
        job_id=values[f"{prefix}id"],
        state=JobState(values[f"{prefix}state"]),
        stage=values[f"{prefix}stage"],
        done=values[f"{prefix}done"],
        total=values[f"{prefix}total"],
        attempts=values[f"{prefix}attempts"],
        attempts_cap=values[f"{prefix}attempts_cap"],
        error=values[f"{prefix}error"],
    )
