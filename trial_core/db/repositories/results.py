"""Queries on the results of plan checks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from trial_core.db.tables import plan_check_result, plan_submission, submission_object
from trial_core.domain.plan import Provenance
from trial_core.domain.repeated_set import AcceptedResult


def add(
    connection: Connection,
    *,
    submission_id: str,
    report_sha256: str,
    verdict: str,
    plan_verdicts: Sequence[tuple[str, str]],
    provenance: Provenance,
    at: datetime,
) -> None:
    """Put a result on the record."""
    connection.execute(
        insert(plan_check_result).values(
            submission_id=submission_id,
            report_sha256=report_sha256,
            verdict=verdict,
            plan_verdicts=[list(pair) for pair in plan_verdicts],
            protocol_id=provenance.protocol_id,
            protocol_version=provenance.protocol_version,
            protocol_sha256=provenance.protocol_sha256,
            code_version=provenance.code_version,
            input_sha256=list(provenance.input_sha256),
            created_at=at,
        )
    )


def accepted(connection: Connection, *, subject_id: str) -> tuple[AcceptedResult, ...]:
    """List the results on a subject's record, newest first."""
    rows = connection.execute(
        select(plan_check_result, plan_submission.c.version)
        .join(plan_submission, plan_submission.c.id == plan_check_result.c.submission_id)
        .where(plan_submission.c.subject_id == subject_id, plan_submission.c.version.is_not(None))
        .order_by(plan_submission.c.version.desc())
    )
    return tuple(
        AcceptedResult(row.version, _provenance(row), objects_of(connection, submission_id=row.submission_id))
        for row in rows.all()
    )


def objects_of(connection: Connection, *, submission_id: str) -> frozenset[str]:
    """Give the SOP Instance UIDs of an accepted set."""
    chosen = submission_object.c.submission_id == submission_id
    rows = connection.execute(select(submission_object.c.sop_instance_uid).where(chosen))
    return frozenset(row.sop_instance_uid for row in rows)


def provenance_of(connection: Connection, submission_id: str) -> Provenance | None:
    """Give what a submission's result was computed from, if it has one."""
    chosen = plan_check_result.c.submission_id == submission_id
    row = connection.execute(select(plan_check_result).where(chosen)).first()
    return _provenance(row) if row else None


def _provenance(row: Row[Any]) -> Provenance:
    return Provenance(
        protocol_id=row.protocol_id,
        protocol_version=row.protocol_version,
        protocol_sha256=row.protocol_sha256,
        code_version=row.code_version,
        input_sha256=tuple(row.input_sha256),
    )
