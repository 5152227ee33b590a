"""Chunks of an upload: streamed to disk at constant memory, resumable after any break."""

from __future__ import annotations

import os
from typing import BinaryIO

from sqlalchemy import Connection

from trial_core.db.repositories import files, submissions
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.names import is_id
from trial_core.domain.plan import UploadProgress
from trial_core.errors import UnknownSubmission, UnknownUpload, UploadTooLarge, WrongOffset, WrongState
from trial_core.services.authorise import receiving_submission, require
from trial_core.services.kept_bytes import remove_unreferenced
from trial_core.store import ByteSource, Store

_BLOCK_BYTES = 1 << 20


def append_chunk(
    db: Database, store: Store, actor: Actor, *, upload_id: str, offset_bytes: int, stream: ByteSource
) -> UploadProgress:
    """Append what `stream` gives, at constant memory; the last byte moves the file into the store.

    A stream that breaks off leaves what came: ask `upload_progress` and go on from there.

    Raises
    ------
    NotAuthorised, UnknownUpload, UploadOfAnother, WrongOffset, UploadBusy, UploadTooLarge, StoreFull
    """
    file = upload_progress(db, actor, upload_id=upload_id)
    if file.complete:
        return _end_of(file, offset_bytes)
    with store.staging(upload_id) as staged:
        file = upload_progress(db, actor, upload_id=upload_id)
        if file.complete:
            return _end_of(file, offset_bytes)
        _check_offset(db, file, staged, offset_bytes)
        try:
            _pour(stream, staged, file)
        finally:
            # Also when the stream broke off: what came is good, and need not be sent again.
            progress = _note_received(db, store, actor, file, staged)
    return progress


def upload_progress(db: Database, actor: Actor, *, upload_id: str) -> UploadProgress:
    """Say how much of a file has arrived.

    Raises
    ------
    NotAuthorised, UnknownUpload, UploadOfAnother
    """
    require(actor, Permission.SUBMIT_PLAN)
    with db.read() as connection:
        return _receiving_file(connection, actor, upload_id)[1]


def _receiving_file(connection: Connection, actor: Actor, upload_id: str) -> tuple[str, UploadProgress]:
    found = files.find(connection, upload_id) if is_id(upload_id) else None
    if found is None:
        raise UnknownUpload(upload_id)
    try:
        receiving_submission(connection, actor, found[0])
    except (UnknownSubmission, WrongState):
        raise UnknownUpload(upload_id) from None
    return found


def _end_of(file: UploadProgress, offset_bytes: int) -> UploadProgress:
    if offset_bytes != file.size_bytes:
        raise WrongOffset(file.upload_id, offset_bytes, file.size_bytes)
    return file


def _check_offset(db: Database, file: UploadProgress, staged: BinaryIO, offset_bytes: int) -> None:
    # After a crash the record may say more than the disk holds: then the disk is right.
    expected_bytes = min(file.received_bytes, staged.seek(0, os.SEEK_END))
    if expected_bytes != file.received_bytes:
        with db.transaction() as connection:
            files.set_received(connection, upload_id=file.upload_id, received_bytes=expected_bytes)
    if offset_bytes != expected_bytes:
        raise WrongOffset(file.upload_id, offset_bytes, expected_bytes)
    staged.truncate(offset_bytes)
    staged.seek(offset_bytes)


def _pour(stream: ByteSource, staged: BinaryIO, file: UploadProgress) -> None:
    begin_bytes = staged.tell()
    while block := stream.read(_BLOCK_BYTES):
        if staged.tell() + len(block) > file.size_bytes:
            # Nothing of this chunk is kept: the file is not the one that was announced.
            staged.seek(begin_bytes)
            raise UploadTooLarge(file.name, f"{file.size_bytes} bytes were announced")
        staged.write(block)


def _note_received(
    db: Database, store: Store, actor: Actor, file: UploadProgress, staged: BinaryIO
) -> UploadProgress:
    received_bytes = staged.tell()
    store.settle(staged)
    sha256 = store.adopt(file.upload_id, staged) if received_bytes == file.size_bytes else None
    try:
        with db.transaction() as connection:
            submission_id, _ = _receiving_file(connection, actor, file.upload_id)
            if sha256 is not None and not store.has(sha256):
                # An upload of the same bytes was given up at this very moment: they are to be sent again.
                received_bytes, sha256 = 0, None
            files.set_received(
                connection, upload_id=file.upload_id, received_bytes=received_bytes, sha256=sha256
            )
            submissions.touch(connection, submission_id=submission_id, at=db.now())
            progress = _receiving_file(connection, actor, file.upload_id)[1]
    except UnknownUpload:
        _leave_nothing(db, store, file.upload_id, sha256)
        raise
    if progress.sha256 is not None:
        store.unmark([progress.sha256])
    return progress


def _leave_nothing(db: Database, store: Store, upload_id: str, sha256: str | None) -> None:
    """Remove what was received for an upload that was given up, or whose file changed, meanwhile."""
    store.discard(upload_id)
    if sha256 is not None:
        with db.transaction() as connection:
            remove_unreferenced(connection, store, [sha256])
        store.unmark([sha256])
