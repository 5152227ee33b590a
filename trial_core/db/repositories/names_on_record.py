"""Queries on the sets whose files bear names on the record."""

from __future__ import annotations

from sqlalchemy import Connection, select

from trial_core.db.tables import plan_submission, submission_file
from trial_core.domain.plan import SubmissionState

_STILL_COMING = (SubmissionState.RECEIVING.value, SubmissionState.SUBMITTED.value)
"""The check of these clears their names at its end."""


def sets_with_files(connection: Connection) -> tuple[str, ...]:
    """List every submission whose bytes are kept and whose first check is over, by id."""
    rows = connection.execute(
        select(submission_file.c.submission_id)
        .join(plan_submission, plan_submission.c.id == submission_file.c.submission_id)
        .where(submission_file.c.sha256.is_not(None), plan_submission.c.state.not_in(_STILL_COMING))
        .distinct()
    )
    return tuple(sorted(row.submission_id for row in rows))
