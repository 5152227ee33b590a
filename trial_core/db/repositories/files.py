"""Queries on the files of a submission and how much of each has arrived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, inspect, select, update

from trial_core.db.tables import (
    data_cut,
    plan_check_result,
    plan_submission,
    precheck,
    received_object,
    submission_file,
)
from trial_core.domain.plan import SubmissionState, SubmittedFile, UploadProgress

_HASHES_A_QUERY = 500
_KEPT_UNDER = (
    submission_file.c.sha256,
    plan_check_result.c.report_sha256,
    data_cut.c.manifest_sha256,
    precheck.c.report_sha256,
    received_object.c.sha256,
)


@dataclass(frozen=True)
class Announced:
    """A file as its sender announced it."""

    upload_id: str
    name: str
    size_bytes: int
    fingerprint: str


def add(connection: Connection, *, submission_id: str, new: Sequence[Announced]) -> None:
    """Add files of which nothing has arrived."""
    rows = [
        {
            "id": one.upload_id,
            "submission_id": submission_id,
            "name": one.name,
            "size_bytes": one.size_bytes,
            "fingerprint": one.fingerprint,
            "received_bytes": 0,
            "sha256": None,
        }
        for one in new
    ]
    if rows:
        connection.execute(insert(submission_file), rows)


def remove(connection: Connection, *, upload_id: str) -> None:
    """Remove a file that changed at the sender, with what has arrived of it."""
    connection.execute(delete(submission_file).where(submission_file.c.id == upload_id))


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
    """Give those of the hashes that a submission, a report, a cut or a received object names."""
    asked, found = sorted(set(sha256s)), set[str]()
    for start in range(0, len(asked), _HASHES_A_QUERY):
        some = asked[start : start + _HASHES_A_QUERY]
        for column in _KEPT_UNDER:
            found.update(connection.execute(select(column).where(column.in_(some))).scalars())
    return frozenset(found)


def all_kept(connection: Connection) -> tuple[str, ...]:
    """List the hashes of all bytes that the record names; tables that are yet to be made name none."""
    there = inspect(connection).get_table_names()
    found: set[str] = set()
    for column in _KEPT_UNDER:
        if column.table.name not in there:
            continue
        found.update(connection.execute(select(column).where(column.is_not(None)).distinct()).scalars())
    return tuple(sorted(found))


def begin_anew(connection: Connection) -> int:
    """Let every unfinished upload begin anew, where what had arrived of it is not here; say how many."""
    unfinished = submission_file.c.sha256.is_(None) & (submission_file.c.received_bytes > 0)
    return connection.execute(update(submission_file).where(unfinished).values(received_bytes=0)).rowcount


def by_names(
    connection: Connection, submission_id: str, names: Sequence[str]
) -> dict[str, tuple[Announced, UploadProgress]]:
    """Find files of a submission by their names: as announced, and how much has arrived."""
    chosen = (submission_file.c.submission_id == submission_id) & submission_file.c.name.in_(names)
    rows = connection.execute(select(submission_file).where(chosen))
    return {
        row.name: (Announced(row.id, row.name, row.size_bytes, row.fingerprint), _progress(row))
        for row in rows
    }


def by_ids(
    connection: Connection, submission_id: str, upload_ids: Sequence[str]
) -> dict[str, UploadProgress]:
    """Find files of a submission by the ids of their uploads."""
    chosen = (submission_file.c.submission_id == submission_id) & submission_file.c.id.in_(upload_ids)
    rows = connection.execute(select(submission_file).where(chosen))
    return {row.id: _progress(row) for row in rows}


def find(connection: Connection, upload_id: str) -> tuple[str, UploadProgress] | None:
    """Find an upload: (submission's id, progress)."""
    row = connection.execute(select(submission_file).where(submission_file.c.id == upload_id)).first()
    return (row.submission_id, _progress(row)) if row else None


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


def set_whole(connection: Connection, sha256_of: Mapping[str, str]) -> None:
    """Note that uploads, by their ids, are whole and kept under their hashes."""
    rows = [{"upload": upload_id, "hash": sha256} for upload_id, sha256 in sha256_of.items()]
    if rows:
        chosen = submission_file.c.id == bindparam("upload")
        values = {"received_bytes": submission_file.c.size_bytes, "sha256": bindparam("hash")}
        connection.execute(update(submission_file).where(chosen).values(**values), rows)


def rename(connection: Connection, submission_id: str, new_names: Mapping[str, str]) -> None:
    """Give files of a submission other names; no two of its files may come to have one."""
    chosen = submission_file.c.submission_id == submission_id
    for name, new_name in new_names.items():
        one = chosen & (submission_file.c.name == name)
        connection.execute(update(submission_file).where(one).values(name=new_name))


def _progress(row: Row[Any]) -> UploadProgress:
    return UploadProgress(row.id, row.name, row.size_bytes, row.received_bytes, row.sha256)
