"""Queries on the files of a submission and how much of each has arrived."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from trial_core.db.tables import plan_check_result, plan_submission, submission_file
from trial_core.domain.plan import SubmissionState, SubmittedFile, UploadProgress

_HASHES_A_QUERY = 500


@dataclass(frozen=True)
class Announced:
    """A file as its sender announced it."""

    upload_id: str
    name: str
    size_bytes: int
    fingerprint: str


def add(connection: Connection, *, submission_id: str, new: Announced) -> Announced:
    """Add a file of which nothing has arrived, and give it back."""
    connection.execute(
        insert(submission_file).values(
            id=new.upload_id,
            submission_id=submission_id,
            name=new.name,
            size_bytes=new.size_bytes,
            fingerprint=new.fingerprint,
            received_bytes=0,
        )
    )
    return new


def restart(connection: Connection, *, upload_id: str, new_upload_id: str, fingerprint: str) -> None:
    """Forget what has arrived of a file that changed at the sender.

    The upload gets another id: who still sends the old contents sends them to nobody.
    """
    values = {"id": new_upload_id, "fingerprint": fingerprint, "received_bytes": 0, "sha256": None}
    connection.execute(update(submission_file).where(submission_file.c.id == upload_id).values(**values))


def forget(connection: Connection, *, submission_id: str) -> None:
    """Forget what has arrived of all files of a submission that was given up."""
    chosen = submission_file.c.submission_id == submission_id
    connection.execute(update(submission_file).where(chosen).values(received_bytes=0, sha256=None))


def abandoned_with_files(connection: Connection) -> tuple[str, ...]:
    """List the submissions that were given up while complete files of theirs are still noted as kept."""
    rows = connection.execute(
        select(plan_submission.c.id)
        .join(submission_file, submission_file.c.submission_id == plan_submission.c.id)
        .where(
            plan_submission.c.state == SubmissionState.ABANDONED.value,
            submission_file.c.sha256.is_not(None),
        )
        .distinct()
    )
    return tuple(sorted(row.id for row in rows))


def referenced(connection: Connection, sha256s: Iterable[str]) -> frozenset[str]:
    """Give those of the hashes that a file of a submission or a report on record is kept under."""
    asked, found = sorted(set(sha256s)), set[str]()
    for start in range(0, len(asked), _HASHES_A_QUERY):
        some = asked[start : start + _HASHES_A_QUERY]
        for column in (submission_file.c.sha256, plan_check_result.c.report_sha256):
            found.update(connection.execute(select(column).where(column.in_(some))).scalars())
    return frozenset(found)


def by_name(connection: Connection, submission_id: str, name: str) -> Announced | None:
    """Find a file of a submission by its name."""
    chosen = (submission_file.c.submission_id == submission_id) & (submission_file.c.name == name)
    row = connection.execute(select(submission_file).where(chosen)).first()
    return Announced(row.id, row.name, row.size_bytes, row.fingerprint) if row else None


def find(connection: Connection, upload_id: str) -> tuple[str, UploadProgress] | None:
    """Find an upload: (submission's id, progress)."""
    row = connection.execute(select(submission_file).where(submission_file.c.id == upload_id)).first()
    return (row.submission_id, _progress(row)) if row else None


def progress(connection: Connection, upload_id: str) -> UploadProgress:
    """Give the progress of an upload that is known to exist."""
    return _progress(
        connection.execute(select(submission_file).where(submission_file.c.id == upload_id)).one()
    )


def of_submission(connection: Connection, submission_id: str) -> tuple[UploadProgress, ...]:
    """List the files of a submission by name."""
    chosen = submission_file.c.submission_id == submission_id
    rows = connection.execute(select(submission_file).where(chosen))
    # Sorted here: databases disagree about the order of letters.
    return tuple(sorted((_progress(row) for row in rows), key=lambda file: file.name))


def kept(connection: Connection, submission_id: str) -> tuple[SubmittedFile, ...]:
    """List the complete files of a submission by name."""
    return tuple(
        SubmittedFile(file.name, file.size_bytes, file.sha256)
        for file in of_submission(connection, submission_id)
        if file.sha256 is not None
    )


def volume(connection: Connection, submission_id: str) -> tuple[int, int]:
    """Give (number of files, bytes announced) of a submission."""
    announced_bytes = func.coalesce(func.sum(submission_file.c.size_bytes), 0)
    chosen = submission_file.c.submission_id == submission_id
    row = connection.execute(select(func.count(), announced_bytes).where(chosen)).one()
    return int(row[0]), int(row[1])


def set_received(
    connection: Connection, *, upload_id: str, received_bytes: int, sha256: str | None = None
) -> None:
    """Note how much of a file is safely on disk, and its hash once all of it is kept."""
    values = {"received_bytes": received_bytes, "sha256": sha256}
    connection.execute(update(submission_file).where(submission_file.c.id == upload_id).values(**values))


def _progress(row: Row[Any]) -> UploadProgress:
    return UploadProgress(row.id, row.name, row.size_bytes, row.received_bytes, row.sha256)
