"""Files of an upload are announced before they are sent: new ones, known ones, and ones that changed."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from trial_core.db.repositories import files, submissions
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.file_names import name_refusal
from trial_core.domain.plan import UploadProgress
from trial_core.errors import AlreadyExists, TrialError, UnsafeFileName, UploadTooLarge
from trial_core.services.authorise import receiving_submission, require
from trial_core.services.kept_bytes import remove_unreferenced
from trial_core.store import Store

MOST_FILES = 20_000
MOST_BYTES = 8 * 1024**3
_EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class FileToSend:
    """A file as its sender announces it.

    `fingerprint` (the browser's last-modified time, say) tells whether the file is still the same; if it
    changed, the upload starts anew under another id, for a file stitched from two versions would be neither.
    """

    name: str
    size_bytes: int
    fingerprint: str = ""


def begin_file(
    db: Database,
    store: Store,
    actor: Actor,
    *,
    submission_id: str,
    name: str,
    size_bytes: int,
    fingerprint: str = "",
) -> UploadProgress:
    """Announce a file, or find it again: the same name and size give the same upload as far as it came.

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadOfAnother, WrongState, UnsafeFileName, UploadTooLarge,
    AlreadyExists
    """
    file = FileToSend(name, size_bytes, fingerprint)
    (answer,) = begin_files(db, store, actor, submission_id=submission_id, files_to_send=[file])
    if isinstance(answer, TrialError):
        raise answer
    return answer


def begin_files(
    db: Database, store: Store, actor: Actor, *, submission_id: str, files_to_send: Sequence[FileToSend]
) -> tuple[UploadProgress | TrialError, ...]:
    """Announce several files in one transaction; where one is refused, its refusal stands in its place.

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadOfAnother, WrongState
    """
    require(actor, Permission.SUBMIT_PLAN)
    with db.transaction() as connection:
        receiving_submission(connection, actor, submission_id)
        announcement = _Announcement(connection, store, submission_id, files_to_send)
        answers = tuple(announcement.begin_or_refuse(file) for file in files_to_send)
        announcement.write()
        submissions.touch(connection, submission_id=submission_id, at=db.now())
    return answers


class _Announcement:
    """Files announced together: looked up in one query, written in one."""

    def __init__(
        self, connection: Connection, store: Store, submission_id: str, files_to_send: Sequence[FileToSend]
    ) -> None:
        self._connection, self._store, self._submission_id = connection, store, submission_id
        names = [file.name for file in files_to_send if name_refusal(file.name) is None]
        self._known = files.by_names(connection, submission_id, names)
        self._count, self._announced_bytes = files.volume(connection, submission_id)
        self._new: list[files.Announced] = []

    def begin_or_refuse(self, file: FileToSend) -> UploadProgress | TrialError:
        """Find a file again or add it; a refusal concerns this file alone."""
        try:
            _check_file(file)
            return self._begin(file)
        except (UnsafeFileName, UploadTooLarge, AlreadyExists) as refusal:
            return refusal

    def write(self) -> None:
        """Write what is new."""
        files.add(self._connection, submission_id=self._submission_id, new=self._new)
        empty = [one.upload_id for one in self._new if one.size_bytes == 0]
        files.set_whole(self._connection, dict.fromkeys(empty, _EMPTY_SHA256))
        self._new.clear()

    def _begin(self, file: FileToSend) -> UploadProgress:
        fingerprint = hashlib.sha256(file.fingerprint.encode("utf-8", "surrogatepass")).hexdigest()
        if file.name not in self._known:
            self._take_in(file)
            return self._add(file, fingerprint)
        known, progress = self._known[file.name]
        if known.size_bytes != file.size_bytes:
            raise AlreadyExists("file", file.name)
        if known.fingerprint != fingerprint:
            self._remove(progress)
            return self._add(file, fingerprint)
        return progress

    def _take_in(self, file: FileToSend) -> None:
        if self._count >= MOST_FILES:
            raise UploadTooLarge(file.name, f"{MOST_FILES} files")
        if self._announced_bytes + file.size_bytes > MOST_BYTES:
            raise UploadTooLarge(file.name, "8 GiB in all")
        self._count += 1
        self._announced_bytes += file.size_bytes

    def _add(self, file: FileToSend, fingerprint: str) -> UploadProgress:
        new = files.Announced(uuid.uuid4().hex, file.name, file.size_bytes, fingerprint)
        sha256 = self._empty() if file.size_bytes == 0 else None
        progress = UploadProgress(new.upload_id, new.name, new.size_bytes, 0, sha256)
        self._new.append(new)
        self._known[file.name] = (new, progress)
        return progress

    def _empty(self) -> str:
        return _EMPTY_SHA256 if self._store.has(_EMPTY_SHA256) else self._store.put(b"")

    def _remove(self, was: UploadProgress) -> None:
        """Take a file back that changed at the sender: who still sends its old contents sends to nobody."""
        self.write()  # it may have been announced a moment ago, in this very list
        files.remove(self._connection, upload_id=was.upload_id)
        self._store.discard(was.upload_id)
        if was.sha256 is not None:
            remove_unreferenced(self._connection, self._store, [was.sha256])


def _check_file(file: FileToSend) -> None:
    reason = name_refusal(file.name)
    if reason is not None:
        raise UnsafeFileName(file.name, reason)
    if file.size_bytes < 0:
        raise UnsafeFileName(file.name, "its size is negative")
    if file.size_bytes > MOST_BYTES:
        raise UploadTooLarge(file.name, "8 GiB")
