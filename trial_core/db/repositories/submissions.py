"""Queries on plan submissions, their files and results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, true, update

from trial_core.db.repositories.jobs import progress_of_row
from trial_core.db.repositories.results import is_newest
from trial_core.db.tables import (
    job,
    plan_check_result,
    plan_submission,
    subject,
    user_account,
)
from trial_core.domain.jobs import JobKind
from trial_core.domain.plan import (
    SubmissionFinding,
    SubmissionState,
    SubmissionSummary,
)

_NEWEST_FIRST = (plan_submission.c.created_at.desc(), plan_submission.c.id)
_IN_FORCE = (
    SubmissionState.CHECKED.value,
    SubmissionState.AWAITING_CONFIRMATION.value,
    SubmissionState.SUBMITTED.value,
)


@dataclass(frozen=True)
class Submission:
    """A submission with whose it is."""

    id: str
    subject_id: str
    subject_code: str
    site_code: str
    state: SubmissionState
    version: int | None
    submitted_by: str
    """Id of the user who began it."""
    findings: tuple[SubmissionFinding, ...]
    records_only: bool
    """Treatment records without a plan: no verdict, and no version."""
    touched_at: datetime
    """When files or names last came to it before it was submitted."""
    submitted_at: datetime | None


def add(
    connection: Connection,
    *,
    submission_id: str,
    subject_id: str,
    user_id: str,
    at: datetime,
    records_only: bool = False,
) -> None:
    """Add a submission that is receiving files."""
    connection.execute(
        insert(plan_submission).values(
            id=submission_id,
            subject_id=subject_id,
            state=SubmissionState.RECEIVING.value,
            submitted_by=user_id,
            created_at=at,
            touched_at=at,
            findings=[],
            records_only=int(records_only),
        )
    )


def find(connection: Connection, submission_id: str) -> Submission | None:
    """Find a submission."""
    row = connection.execute(
        select(plan_submission, subject.c.site_code, subject.c.code)
        .join(subject, subject.c.id == plan_submission.c.subject_id)
        .where(plan_submission.c.id == submission_id)
    ).first()
    return _submission(row) if row else None


def set_state(connection: Connection, *, submission_id: str, state: SubmissionState, **values: Any) -> None:
    """Set the state, and other columns with it."""
    connection.execute(
        update(plan_submission)
        .where(plan_submission.c.id == submission_id)
        .values(state=state.value, **values)
    )


def set_findings(
    connection: Connection, *, submission_id: str, findings: Sequence[SubmissionFinding]
) -> None:
    """Keep the findings shown with a submission."""
    rows = [finding.as_mapping() for finding in findings]
    connection.execute(
        update(plan_submission).where(plan_submission.c.id == submission_id).values(findings=rows)
    )


def touch(connection: Connection, *, submission_id: str, at: datetime) -> None:
    """Note that bytes arrived, so that the upload does not expire."""
    connection.execute(
        update(plan_submission).where(plan_submission.c.id == submission_id).values(touched_at=at)
    )


def untouched_since(connection: Connection, before: datetime) -> tuple[str, ...]:
    """List the submissions still receiving to which nothing was sent since."""
    receiving = plan_submission.c.state == SubmissionState.RECEIVING.value
    rows = connection.execute(
        select(plan_submission.c.id).where(receiving, plan_submission.c.touched_at < before)
    )
    return tuple(sorted(row.id for row in rows))


def drop_finding(connection: Connection, *, submission_id: str, code: str) -> None:
    """Drop the finding of a code that is no longer so."""
    chosen = plan_submission.c.id == submission_id
    findings = connection.execute(select(plan_submission.c.findings).where(chosen)).scalar_one()
    left = [finding for finding in findings if finding["code"] != code]
    connection.execute(update(plan_submission).where(chosen).values(findings=left))


def set_version(connection: Connection, *, submission_id: str, version: int) -> None:
    """Number an accepted set."""
    connection.execute(
        update(plan_submission).where(plan_submission.c.id == submission_id).values(version=version)
    )


def next_version(connection: Connection, *, subject_id: str) -> int:
    """Give the number of the subject's next accepted set."""
    highest = connection.execute(
        select(func.max(plan_submission.c.version)).where(plan_submission.c.subject_id == subject_id)
    ).scalar()
    return (highest or 0) + 1


def newest_checked(connection: Connection, *, subject_id: str) -> int | None:
    """Give the number of the subject's newest set that counts."""
    checked = plan_submission.c.state == SubmissionState.CHECKED.value
    return connection.execute(
        select(func.max(plan_submission.c.version)).where(plan_submission.c.subject_id == subject_id, checked)
    ).scalar()


def checked_of(connection: Connection, subject_id: str) -> tuple[Submission, ...]:
    """List a subject's sets of plans that count, by version."""
    return _counting(connection, subject_id, plan_submission.c.records_only == 0)


def records_of(connection: Connection, subject_id: str) -> tuple[Submission, ...]:
    """List a subject's hand-overs of treatment records alone that count, oldest first."""
    return _counting(connection, subject_id, plan_submission.c.records_only == 1)


def _counting(connection: Connection, subject_id: str, chosen: ColumnElement[bool]) -> tuple[Submission, ...]:
    rows = connection.execute(
        select(plan_submission, subject.c.site_code, subject.c.code)
        .join(subject, subject.c.id == plan_submission.c.subject_id)
        .where(
            plan_submission.c.subject_id == subject_id,
            plan_submission.c.state == SubmissionState.CHECKED.value,
            chosen,
        )
        .order_by(plan_submission.c.version, plan_submission.c.created_at, plan_submission.c.id)
    )
    return tuple(_submission(row) for row in rows)


def summary(connection: Connection, submission_id: str) -> SubmissionSummary:
    """Give the row of one submission that is known to exist."""
    return _summary(connection.execute(_summaries(plan_submission.c.id == submission_id)).one())


def summaries_of_site(
    connection: Connection, site_code: str | None, *, limit: int
) -> tuple[SubmissionSummary, ...]:
    """List a site's submissions, newest first; None lists those of every site.

    Where there are more than `limit`, those that wait for a person are kept, however old they are.
    """
    chosen = true() if site_code is None else subject.c.site_code == site_code
    waiting_last = plan_submission.c.state != SubmissionState.AWAITING_CONFIRMATION.value
    query = _summaries(chosen).order_by(None)
    rows = connection.execute(query.order_by(waiting_last, *_NEWEST_FIRST).limit(limit))
    return tuple(sorted((_summary(row) for row in rows), key=lambda one: one.created_at, reverse=True))


@dataclass(frozen=True)
class NewestSet:
    """The newest set of a subject's plans: its state, and when it was handed in."""

    submission_id: str
    state: SubmissionState
    handed_in_at: datetime


def newest_sets(connection: Connection, site_code: str | None) -> dict[str, NewestSet]:
    """Give the newest set with plans that counts or may come to count, by subject; None: of every site."""
    chosen = true() if site_code is None else subject.c.site_code == site_code
    columns = (
        plan_submission.c.id,
        plan_submission.c.subject_id,
        plan_submission.c.state,
        plan_submission.c.created_at,
        plan_submission.c.submitted_at,
    )
    query = (
        select(*columns)
        .join(subject, subject.c.id == plan_submission.c.subject_id)
        .where(chosen, plan_submission.c.state.in_(_IN_FORCE), plan_submission.c.records_only == 0)
    )
    found: dict[str, NewestSet] = {}
    for row in connection.execute(query.order_by(*_NEWEST_FIRST)):
        if row.subject_id not in found:
            since = row.submitted_at or row.created_at
            found[row.subject_id] = NewestSet(row.id, SubmissionState(row.state), since)
    return found


def summaries_of_subject(connection: Connection, subject_id: str) -> tuple[SubmissionSummary, ...]:
    """List a subject's submissions, newest first."""
    return tuple(_summary(row) for row in connection.execute(_summaries(subject.c.id == subject_id)))


def _summaries(chosen: ColumnElement[bool]) -> Select[Any]:
    columns: tuple[Any, ...] = (
        plan_submission,
        subject.c.code.label("subject_code"),
        subject.c.site_code,
        user_account.c.login,
        user_account.c.full_name,
        plan_check_result.c.verdict,
        plan_check_result.c.plan_verdicts,
        plan_check_result.c.report_sha256,
        *(column.label(f"job_{column.name}") for column in job.c),
    )
    query: Select[Any] = select(*columns)
    return (
        query.join(subject, subject.c.id == plan_submission.c.subject_id)
        .join(user_account, user_account.c.id == plan_submission.c.submitted_by)
        .outerjoin(plan_check_result, is_newest(plan_submission.c.id))
        .outerjoin(
            job, (job.c.submission_id == plan_submission.c.id) & (job.c.kind == JobKind.PLAN_CHECK.value)
        )
        .where(chosen)
        .order_by(*_NEWEST_FIRST)
    )


def _summary(row: Row[Any]) -> SubmissionSummary:
    return SubmissionSummary(
        submission_id=row.id,
        subject_code=row.subject_code,
        site_code=row.site_code,
        version=row.version,
        state=SubmissionState(row.state),
        submitted_by=row.login,
        submitter_name=row.full_name,
        created_at=row.created_at,
        submitted_at=row.submitted_at,
        # Without a plan there is nothing to judge: its result keeps the records alone.
        verdict=None if row.records_only else row.verdict,
        plan_verdicts=tuple((label, verdict) for label, verdict in row.plan_verdicts or ()),
        report_sha256=None if row.records_only else row.report_sha256,
        job=progress_of_row(row, prefix="job_") if row.job_id else None,
        records_only=bool(row.records_only),
    )


def _submission(row: Row[Any]) -> Submission:
    return Submission(
        id=row.id,
        subject_id=row.subject_id,
        subject_code=row.code,
        site_code=row.site_code,
        state=SubmissionState(row.state),
        version=row.version,
        submitted_by=row.submitted_by,
        findings=tuple(SubmissionFinding.from_mapping(finding) for finding in row.findings),
        records_only=bool(row.records_only),
        touched_at=row.touched_at,
        submitted_at=row.submitted_at,
    )
