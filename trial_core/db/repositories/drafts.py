"""Queries on sets that were checked before submitting and wait to be submitted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from trial_core.db.tables import plan_submission, precheck, subject, user_account
from trial_core.domain.plan import SubmissionState


@dataclass(frozen=True)
class Draft:
    """A set whose check before submitting came to its end; `user_id` is of whoever began it."""

    submission_id: str
    code: str
    records_only: bool
    user_id: str
    begun_by: str
    expected_state: SubmissionState
    finished_at: datetime


def finished(connection: Connection, site_code: str) -> tuple[Draft, ...]:
    """List those of a site, the oldest check first."""
    chosen = (
        (subject.c.site_code == site_code)
        & (plan_submission.c.state == SubmissionState.RECEIVING.value)
        & precheck.c.finished_at.is_not(None)
        & precheck.c.expected_state.is_not(None)
    )
    rows = connection.execute(
        select(
            plan_submission,
            subject.c.code,
            user_account.c.full_name,
            precheck.c.expected_state,
            precheck.c.finished_at.label("checked_at"),
        )
        .join(precheck, precheck.c.submission_id == plan_submission.c.id)
        .join(subject, subject.c.id == plan_submission.c.subject_id)
        .join(user_account, user_account.c.id == plan_submission.c.submitted_by)
        .where(chosen)
        .order_by(precheck.c.finished_at, plan_submission.c.id)
    )
    return tuple(
        Draft(
            submission_id=row.id,
            code=row.code,
            records_only=bool(row.records_only),
            user_id=row.submitted_by,
            begun_by=row.full_name,
            expected_state=SubmissionState(row.expected_state),
            finished_at=row.checked_at,
        )
        for row in rows
    )
