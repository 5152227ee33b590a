"""Queries on the versions of the protocol, and on what each judged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, func, insert, select

from trial_core.db.repositories.results import is_newest
from trial_core.db.tables import plan_check_result, plan_submission, protocol_version
from trial_core.domain.protocol_record import Judged, RecordedProtocol

_FACTS = tuple(column for column in protocol_version.c if column.name != "content")


def add(
    connection: Connection,
    *,
    protocol_id: str,
    version: str,
    sha256: str,
    file: str,
    content: str,
    installed_by: str,
    at: datetime,
) -> int:
    """Put a version on record after all others, and give its number."""
    number = connection.execute(select(func.count()).select_from(protocol_version)).scalar_one() + 1
    connection.execute(
        insert(protocol_version).values(
            number=number,
            protocol_id=protocol_id,
            version=version,
            sha256=sha256,
            file=file,
            content=content,
            installed_by=installed_by,
            installed_at=at,
        )
    )
    return int(number)


def every(connection: Connection) -> tuple[RecordedProtocol, ...]:
    """List the versions in the order in which they came."""
    rows = connection.execute(select(*_FACTS).order_by(protocol_version.c.number))
    return tuple(map(_recorded, rows))


def find(connection: Connection, *, protocol_id: str, version: str) -> RecordedProtocol | None:
    """Find a version of a protocol."""
    chosen = (protocol_version.c.protocol_id == protocol_id) & (protocol_version.c.version == version)
    row = connection.execute(select(*_FACTS).where(chosen)).first()
    return _recorded(row) if row else None


def with_content(connection: Connection, number: int) -> tuple[RecordedProtocol, bytes] | None:
    """Find a version by its number, with its file."""
    row = connection.execute(select(protocol_version).where(protocol_version.c.number == number)).first()
    return (_recorded(row), row.content.encode("utf-8")) if row else None


def judged(connection: Connection) -> tuple[Judged, ...]:
    """Count the results of every protocol file that judged plans, by id, version and hash."""
    of_file = (
        plan_check_result.c.protocol_id,
        plan_check_result.c.protocol_version,
        plan_check_result.c.protocol_sha256,
    )
    stands = func.sum(case((is_newest(plan_check_result.c.submission_id), 1), else_=0))
    of_plans = plan_submission.c.records_only == 0
    rows = connection.execute(
        select(*of_file, func.count(), stands)
        .join(plan_submission, plan_submission.c.id == plan_check_result.c.submission_id)
        .where(of_plans)
        .group_by(*of_file)
        .order_by(*of_file)
    )
    return tuple(Judged(*row) for row in rows)


def _recorded(row: Row[Any]) -> RecordedProtocol:
    return RecordedProtocol(
        number=row.number,
        protocol_id=row.protocol_id,
        version=row.version,
        sha256=row.sha256,
        file=row.file,
        installed_by=row.installed_by,
        installed_at=row.installed_at,
    )
