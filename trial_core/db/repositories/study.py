"""Queries on the study: its transitions and where the last one led."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from trial_core.db.tables import study_transition
from trial_core.domain.study_state import Study, StudyState


@dataclass(frozen=True)
class Transition:
    """One change of the study's state."""

    sequence: int
    from_state: StudyState
    to_state: StudyState
    at: datetime
    user_id: str
    reason: str


def current(connection: Connection) -> Study:
    """Give the study as its last transition left it; without one it recruits the run-in."""
    newest = select(study_transition).order_by(study_transition.c.sequence.desc()).limit(1)
    row = connection.execute(newest).first()
    if row is None:
        return Study()
    last = _transition(row)
    held = last.to_state is StudyState.HELD
    return Study(state=last.to_state, before_hold=last.from_state if held else None, reason=last.reason)


def transitions(connection: Connection) -> tuple[Transition, ...]:
    """List every transition, oldest first."""
    rows = connection.execute(select(study_transition).order_by(study_transition.c.sequence))
    return tuple(_transition(row) for row in rows)


def add(connection: Connection, *, before: Study, after: Study, at: datetime, user_id: str) -> None:
    """Add a transition; the database refuses one that does not begin where the last one ended."""
    connection.execute(
        insert(study_transition).values(
            sequence=len(transitions(connection)) + 1,
            from_state=before.state.value,
            to_state=after.state.value,
            at=at,
            user_id=user_id,
            reason=after.reason,
        )
    )


def _transition(row: Row[Any]) -> Transition:
    return Transition(
        sequence=row.sequence,
        from_state=StudyState(row.from_state),
        to_state=StudyState(row.to_state),
        at=row.at,
        user_id=row.user_id,
        reason=row.reason,
    )
