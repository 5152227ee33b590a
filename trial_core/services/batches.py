"""Many small files in one stream: received together, brought to disk together, on record all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from trial_core.db.repositories import files, submissions
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.names import is_id
from trial_core.domain.plan import UploadProgress
from trial_core.errors import UnknownUpload, UploadIncomplete, UploadTooLarge
from trial_core.services.authorise import receiving_submission, require
from trial_core.services.kept_bytes import kept_to_be_named, remove_unreferenced
from trial_core.store import ByteSource, Draft, Store


def append_whole_files(
    db: Database,
    store: Store,
    actor: Actor,
    *,
    submission_id: str,
    upload_ids: Sequence[str],
    stream: ByteSource,
) -> tuple[UploadProgress, ...]:
    """Take whole files that follow one another in `stream`, at constant memory, in the order of their ids.

    All are kept or none; what is complete already is passed over. A stream that breaks off leaves nothing.

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadOfAnother, WrongState, UnknownUpload, UploadIncomplete,
    UploadTooLarge, StoreFull
    """
    require(actor, Permission.SUBMIT_PLAN)
    with db.read() as connection:
        receiving_submission(connection, actor, submission_id)
        announced = _announced(connection, submission_id, upload_ids)
    drafts: dict[str, Draft] = {}
    try:
        for file in announced:
            drafts[file.upload_id] = _draft(store, file, stream)
        if stream.read(1):
            raise UploadTooLarge(announced[-1].name, "as much as was announced")
        return _keep(db, store, actor, submission_id, drafts)
    finally:
        store.drop(drafts.values())


def _announced(
    connection: Connection, submission_id: str, upload_ids: Sequence[str]
) -> tuple[UploadProgress, ...]:
    found = files.by_ids(connection, submission_id, [one for one in upload_ids if is_id(one)])
    unknown = next((one for one in upload_ids if one not in found), None)
    if unknown is not None or not upload_ids or len(found) != len(upload_ids):
        raise UnknownUpload(unknown or "")
    return tuple(found[upload_id] for upload_id in upload_ids)


def _draft(store: Store, file: UploadProgress, stream: ByteSource) -> Draft:
    draft = store.draft(stream, file.size_bytes)
    if draft.size_bytes != file.size_bytes:
        store.drop([draft])
        raise UploadIncomplete((file.name,))
    return draft


def _keep(
    db: Database, store: Store, actor: Actor, submission_id: str, drafts: Mapping[str, Draft]
) -> tuple[UploadProgress, ...]:
    with kept_to_be_named(db, store, list(drafts.values())), db.transaction() as connection:
        receiving_submission(connection, actor, submission_id)
        _note_received(connection, store, _announced(connection, submission_id, list(drafts)), drafts)
        submissions.touch(connection, submission_id=submission_id, at=db.now())
        done = _announced(connection, submission_id, list(drafts))
    for file in done:
        store.discard(file.upload_id)
    return done


def _note_received(
    connection: Connection, store: Store, known: Sequence[UploadProgress], drafts: Mapping[str, Draft]
) -> None:
    # Another window may have been first; or an upload of the same bytes was given up at this very moment.
    whole = {
        file.upload_id: drafts[file.upload_id].sha256
        for file in known
        if not file.complete and store.has(drafts[file.upload_id].sha256)
    }
    files.set_whole(connection, whole)
    left = {draft.sha256 for upload_id, draft in drafts.items() if upload_id not in whole}
    remove_unreferenced(connection, store, left)
