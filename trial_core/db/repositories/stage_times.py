"""Queries on how long the stages of jobs take, all in all."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from trial_core.db.tables import stage_time
from trial_core.domain.jobs import JobKind, StageTotal


def add(connection: Connection, kind: JobKind, stage: str, milliseconds: int) -> None:
    """Count a stage that was gone through once."""
    chosen = (stage_time.c.kind == kind.value) & (stage_time.c.stage == stage)
    values = {
        "times": stage_time.c.times + 1,
        "milliseconds": stage_time.c.milliseconds + milliseconds,
    }
    if not connection.execute(update(stage_time).where(chosen).values(**values)).rowcount:
        first = {"kind": kind.value, "stage": stage, "times": 1, "milliseconds": milliseconds}
        connection.execute(insert(stage_time).values(**first))


def totals(connection: Connection) -> tuple[StageTotal, ...]:
    """List them by kind and stage."""
    rows = connection.execute(select(stage_time)).all()
    found = (StageTotal(JobKind(row.kind), row.stage, row.times, row.milliseconds) for row in rows)
    return tuple(sorted(found, key=lambda one: (one.kind, one.stage)))
