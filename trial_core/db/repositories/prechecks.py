"""Queries on checks before submitting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, null, select, update

from trial_core.db.tables import plan_submission, precheck
from trial_core.domain.plan import SubmissionFinding, SubmissionState


@dataclass(frozen=True)
class PrecheckRow:
    """A check before submitting, as it is kept; `content` is plain."""

    asked_sha256: str
    content: dict[str, Any] | None
    expected_state: SubmissionState | None
    findings: tuple[SubmissionFinding, ...]
    report_sha256: str | None
    finished_at: datetime | None


def find(connection: Connection, submission_id: str) -> PrecheckRow | None:
    """Find the check of a set."""
    row = connection.execute(select(precheck).where(precheck.c.submission_id == submission_id)).first()
    if row is None:
        return None
    return PrecheckRow(
        asked_sha256=row.asked_sha256,
        content=row.content,
        expected_state=SubmissionState(row.expected_state) if row.expected_state else None,
        findings=tuple(SubmissionFinding.from_mapping(each) for each in row.findings),
        report_sha256=row.report_sha256,
        finished_at=row.finished_at,
    )


def ask(connection: Connection, *, submission_id: str, asked_sha256: str) -> None:
    """Begin one, or begin it anew for other inputs.

    What is in the set, and the report's hash, stay until the next ones come.
    """
    values: dict[str, Any] = {
        "asked_sha256": asked_sha256,
        "expected_state": None,
        "findings": [],
        "finished_at": None,
    }
    if find(connection, submission_id) is None:
        connection.execute(insert(precheck).values(submission_id=submission_id, **values))
        return
    connection.execute(update(precheck).where(precheck.c.submission_id == submission_id).values(**values))


def set_content(connection: Connection, *, submission_id: str, content: dict[str, Any]) -> None:
    """Keep what is in the set."""
    chosen = precheck.c.submission_id == submission_id
    connection.execute(update(precheck).where(chosen).values(content=content))


def forget_content(connection: Connection, submission_id: str) -> None:
    """Forget what was in the set."""
    chosen = precheck.c.submission_id == submission_id
    connection.execute(update(precheck).where(chosen).values(content=null()))


def finish(
    connection: Connection,
    *,
    submission_id: str,
    expected_state: SubmissionState,
    findings: Sequence[SubmissionFinding],
    report_sha256: str | None,
    at: datetime,
) -> None:
    """Keep what the check came to."""
    connection.execute(
        update(precheck)
        .where(precheck.c.submission_id == submission_id)
        .values(
            expected_state=expected_state.value,
            findings=[each.as_mapping() for each in findings],
            report_sha256=report_sha256,
            finished_at=at,
        )
    )


def forget_report(connection: Connection, submission_id: str) -> None:
    """Forget the report of a check."""
    chosen = precheck.c.submission_id == submission_id
    connection.execute(update(precheck).where(chosen).values(report_sha256=None))


def forget(connection: Connection, submission_id: str) -> None:
    """Forget the check of a set."""
    connection.execute(delete(precheck).where(precheck.c.submission_id == submission_id))


def of_submitted(connection: Connection) -> tuple[str, ...]:
    """List the sets that are not before their submitting any more and still have such a check."""
    rows = connection.execute(
        select(precheck.c.submission_id)
        .join(plan_submission, plan_submission.c.id == precheck.c.submission_id)
        .where(plan_submission.c.state != SubmissionState.RECEIVING.value)
    )
    return tuple(sorted(row.submission_id for row in rows))
