"""Queries on the results of plan checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select

from trial_core.db.repositories import given_names
from trial_core.db.tables import plan_check_result, plan_submission, subject, submission_object
from trial_core.domain.given_names import names_input, names_sha256
from trial_core.domain.plan import Provenance, SubmissionState
from trial_core.domain.repeated_set import AcceptedResult

_IDS_A_QUERY = 500


@dataclass(frozen=True)
class CheckResult:
    """One result of a submission; of several the one with the highest number stands.

    Attributes
    ----------
    judged_sha256
        Hash of the report without the version of the code: what reviews and decisions are bound to.
    reason
        Why the submission was checked again; None for the first result.
    course
        Plans and treatment records, plain; None for results from before they were kept.
    """

    submission_id: str
    number: int
    report_sha256: str
    judged_sha256: str
    verdict: str
    plan_verdicts: tuple[tuple[str, str], ...]
    provenance: Provenance
    created_at: datetime
    reason: str | None
    course: dict[str, Any] | None


def add(connection: Connection, new: CheckResult) -> None:
    """Put a result on the record; the database refuses a second one of the same number."""
    connection.execute(
        insert(plan_check_result).values(
            submission_id=new.submission_id,
            number=new.number,
            report_sha256=new.report_sha256,
            judged_sha256=new.judged_sha256,
            verdict=new.verdict,
            plan_verdicts=[list(pair) for pair in new.plan_verdicts],
            protocol_id=new.provenance.protocol_id,
            protocol_version=new.provenance.protocol_version,
            protocol_sha256=new.provenance.protocol_sha256,
            code_version=new.provenance.code_version,
            input_sha256=list(new.provenance.input_sha256),
            created_at=new.created_at,
            reason=new.reason,
            course=new.course,
        )
    )


def of_submission(connection: Connection, submission_id: str) -> tuple[CheckResult, ...]:
    """List every result of a submission, oldest first; the last one stands."""
    rows = connection.execute(
        select(plan_check_result)
        .where(plan_check_result.c.submission_id == submission_id)
        .order_by(plan_check_result.c.number)
    )
    return tuple(_result(row) for row in rows)


def judged_now(connection: Connection, submission_ids: Sequence[str]) -> dict[str, str]:
    """Give the hash of the content that stands, by submission; one without a result is left out."""
    columns = (plan_check_result.c.submission_id, plan_check_result.c.judged_sha256)
    found: dict[str, str] = {}
    for start in range(0, len(submission_ids), _IDS_A_QUERY):
        some = submission_ids[start : start + _IDS_A_QUERY]
        of_some = select(*columns).where(columns[0].in_(some)).order_by(plan_check_result.c.number)
        found |= {row.submission_id: row.judged_sha256 for row in connection.execute(of_some)}
    return found


def is_newest(submission_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Give the condition that a result is the one that stands for a submission."""
    other = plan_check_result.alias("other_result")
    highest = select(func.max(other.c.number)).where(other.c.submission_id == submission_id)
    own = plan_check_result.c.submission_id == submission_id
    return own & (plan_check_result.c.number == highest.scalar_subquery())


@dataclass(frozen=True)
class StandingResult:
    """By what the standing result of a submission was made."""

    submission_id: str
    protocol_sha256: str
    code_version: str


def standing(
    connection: Connection, *, site_code: str | None = None, subject_code: str | None = None
) -> tuple[StandingResult, ...]:
    """List by what the standing results of plans on record were made, oldest submission first."""
    chosen = (plan_submission.c.state == SubmissionState.CHECKED.value) & (
        plan_submission.c.records_only == 0
    )
    if site_code is not None:
        chosen &= subject.c.site_code == site_code
    if subject_code is not None:
        chosen &= subject.c.code == subject_code
    rows = connection.execute(
        select(plan_check_result, plan_submission.c.created_at)
        .select_from(plan_check_result)
        .join(plan_submission, is_newest(plan_submission.c.id))
        .join(subject, subject.c.id == plan_submission.c.subject_id)
        .where(chosen)
        .order_by(plan_submission.c.created_at, plan_submission.c.id)
    )
    return tuple(StandingResult(row.submission_id, row.protocol_sha256, row.code_version) for row in rows)


def accepted(connection: Connection, *, subject_id: str) -> tuple[AcceptedResult, ...]:
    """List the results on a subject's record, newest first."""
    rows = connection.execute(
        select(plan_check_result, plan_submission.c.version)
        .select_from(plan_check_result)
        .join(plan_submission, is_newest(plan_submission.c.id))
        .where(plan_submission.c.subject_id == subject_id, plan_submission.c.version.is_not(None))
        .order_by(plan_submission.c.version.desc())
    )
    return tuple(_accepted(connection, row) for row in rows.all())


def _accepted(connection: Connection, row: Row[Any]) -> AcceptedResult:
    said = given_names.of_submission(connection, row.submission_id)
    inputs = names_input([one.name for one in said])
    return AcceptedResult(
        row.version,
        _provenance(row),
        objects_of(connection, submission_id=row.submission_id),
        names_sha256(inputs),
    )


def objects_of(connection: Connection, *, submission_id: str) -> frozenset[str]:
    """Give the SOP Instance UIDs of an accepted set."""
    chosen = submission_object.c.submission_id == submission_id
    rows = connection.execute(select(submission_object.c.sop_instance_uid).where(chosen))
    return frozenset(row.sop_instance_uid for row in rows)


def provenance_of(connection: Connection, submission_id: str) -> Provenance | None:
    """Give what a submission's result was computed from, if it has one."""
    found = of_submission(connection, submission_id)
    return found[-1].provenance if found else None


def _result(row: Row[Any]) -> CheckResult:
    return CheckResult(
        submission_id=row.submission_id,
        number=row.number,
        report_sha256=row.report_sha256,
        judged_sha256=row.judged_sha256,
        verdict=row.verdict,
        plan_verdicts=tuple((label, verdict) for label, verdict in row.plan_verdicts),
        provenance=_provenance(row),
        created_at=row.created_at,
        reason=row.reason,
        course=row.course,
    )


def _provenance(row: Row[Any]) -> Provenance:
    return Provenance(
        protocol_id=row.protocol_id,
        protocol_version=row.protocol_version,
        protocol_sha256=row.protocol_sha256,
        code_version=row.code_version,
        input_sha256=tuple(row.input_sha256),
    )
