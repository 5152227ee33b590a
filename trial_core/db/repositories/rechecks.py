"""Queries on how far re-checks are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, select

from trial_core.db.tables import job
from trial_core.domain.jobs import JobKind, JobState

_OVER = (JobState.DONE.value, JobState.FAILED.value)
_UNDER_WAY = (JobState.WAITING.value, JobState.RUNNING.value)
_RECHECK = job.c.kind == JobKind.RECHECK.value


def count(connection: Connection) -> dict[JobState, int]:
    """Count the re-checks by state, 0 included."""
    rows = connection.execute(select(job.c.state, func.count()).where(_RECHECK).group_by(job.c.state))
    found = {JobState(state): n for state, n in rows}
    return {each: found.get(each, 0) for each in JobState}


def begun_at(connection: Connection) -> datetime | None:
    """Tell when the first of those that are under way was asked for; None where none is."""
    chosen = _RECHECK & job.c.state.in_(_UNDER_WAY)
    found: datetime | None = connection.execute(
        select(job.c.not_before).where(chosen).order_by(job.c.not_before).limit(1)
    ).scalar()
    return found


def over_since(connection: Connection, begun: datetime) -> int:
    """Count the re-checks that came to their end since a moment."""
    chosen = _RECHECK & job.c.state.in_(_OVER) & (job.c.finished_at >= begun)
    return int(connection.execute(select(func.count()).select_from(job).where(chosen)).scalar_one())


def failed(connection: Connection) -> frozenset[str]:
    """Name the submissions whose re-check failed."""
    chosen = _RECHECK & (job.c.state == JobState.FAILED.value)
    found: Iterable[str] = connection.execute(select(job.c.submission_id).where(chosen)).scalars()
    return frozenset(found)
