"""Uploads: files of a submission in chunks that say where they begin, so that any break can be mended.

A client opens a submission, announces files (again after a break: it learns what has arrived), sends each
file's bytes from the offset it was told, and finishes: then a worker looks into them, and nothing is
submitted yet. The bytes stream to the store; nothing is held here.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from trial_core.domain.plan import SubmissionState, SubmissionView, SubmittedFile, UploadProgress
from trial_core.domain.precheck import set_sha256
from trial_core.errors import TrialError
from trial_core.services import prechecks, subjects, submissions, uploads
from web.door.callback_border import read_json
from web.house import actor, house
from web.words import refusal_words
from workers.queue import ring

CHUNK_BYTES = 8 * 1024 * 1024
LIST_BYTES = 64 * 1024
REQUEST_BYTES = CHUNK_BYTES + LIST_BYTES
"""What one request may carry: a chunk, and room for a list's JSON."""
MANIFEST_FILES = 500

routes = Blueprint("uploads", __name__, url_prefix="/uploads")


@routes.get("")
def unfinished() -> Response:
    """List what was begun for a subject and not finished, newest first."""
    record = subjects.subject_record(house().db, actor(), code=request.args.get("subject", ""))
    mine = [
        row.submission_id
        for row in record.submissions
        if row.state is SubmissionState.RECEIVING and row.submitted_by == actor().login
    ]
    return jsonify(uploads=[_submission(submission_id) for submission_id in mine])


@routes.post("")
def begin() -> tuple[Response, int]:
    """Open a submission for a subject."""
    body = _body()
    submission_id = uploads.begin_submission(
        house().db,
        actor(),
        subject_code=_text(body, "subject"),
        records_only=body.get("records_only") is True,
    )
    return jsonify(submission=submission_id, files=[]), 201


@routes.get("/<submission_id>")
def progress(submission_id: str) -> Response:
    """Say of every file how much has arrived."""
    return jsonify(**_submission(submission_id))


@routes.post("/<submission_id>/files")
def announce(submission_id: str) -> Response:
    """Announce files by name and size; each is accepted with its offset, or refused with the reason."""
    files = _body().get("files")
    if not isinstance(files, list) or len(files) > MANIFEST_FILES:
        abort(400, f"Announce the files as a list of at most {MANIFEST_FILES}.")
    home, announced = house(), [_file_to_send(entry) for entry in files]
    answers = uploads.begin_files(
        home.db, home.store, actor(), submission_id=submission_id, files_to_send=announced
    )
    return jsonify(files=[_answer(*pair) for pair in zip(announced, answers, strict=True)])


@routes.post("/<submission_id>/whole-files")
def append_whole(submission_id: str) -> Response:
    """Take several whole files: `list=N` bytes of JSON name their uploads, then their bytes follow."""
    home = house()
    states = uploads.append_whole_files(
        home.db,
        home.store,
        actor(),
        submission_id=submission_id,
        upload_ids=_upload_ids(request.args.get("list", type=int)),
        stream=request.stream,
    )
    return jsonify(files=[_upload(state) for state in states])


@routes.put("/<submission_id>/files/<upload_id>")
def append(submission_id: str, upload_id: str) -> Response:
    """Append one chunk at its offset; the answer says how much there is now."""
    del submission_id  # for people who read the address; the upload belongs to one submission
    offset_bytes = request.args.get("offset", type=int)
    if offset_bytes is None or offset_bytes < 0:
        abort(400, "Say with offset=N where the chunk begins.")
    if request.content_length is None or request.content_length > CHUNK_BYTES:
        abort(413)
    home = house()
    state = uploads.append_chunk(
        home.db, home.store, actor(), upload_id=upload_id, offset_bytes=offset_bytes, stream=request.stream
    )
    return jsonify(_upload(state))


@routes.post("/<submission_id>/finish")
def finish(submission_id: str) -> Response:
    """Have a worker look into the files, which have all arrived; nothing is submitted by that."""
    home = house()
    ticket = prechecks.request_precheck(home.db, actor(), submission_id=submission_id)
    ring(home.settings, ticket.job_id)
    return jsonify(submission=ticket.submission_id, url=f"/submissions/{ticket.submission_id}")


@routes.delete("/<submission_id>")
def abandon(submission_id: str) -> Response:
    """Give up and remove what has arrived; with seen=SET only as the person's page had it."""
    home, seen = house(), request.args.get("seen")
    uploads.abandon_submission(home.db, home.store, actor(), submission_id=submission_id, seen_sha256=seen)
    return jsonify(submission=submission_id)


def _file_to_send(entry: Any) -> uploads.FileToSend:
    name, size_bytes = _text(entry, "name"), _size(entry)
    return uploads.FileToSend(name, size_bytes, str(entry.get("modified", ""))[:64])


def _answer(file: uploads.FileToSend, state: UploadProgress | TrialError) -> dict[str, Any]:
    if isinstance(state, TrialError):
        return {"name": file.name, "size": file.size_bytes, "refused": refusal_words(state)}
    return _upload(state)


def _upload_ids(list_bytes: int | None) -> list[str]:
    if list_bytes is None or not 0 < list_bytes <= LIST_BYTES:
        abort(400, "Say with list=N how many bytes of JSON name the uploads.")
    text = b""
    while len(text) < list_bytes and (piece := request.stream.read(list_bytes - len(text))):
        text += piece
    try:
        ids = json.loads(text)
    except (ValueError, RecursionError):
        abort(400, "The list of uploads must be JSON.")
    if not isinstance(ids, list) or len(ids) > MANIFEST_FILES or not all(isinstance(one, str) for one in ids):
        abort(400, f"Name the uploads as a list of at most {MANIFEST_FILES} texts.")
    return ids


def _submission(submission_id: str) -> dict[str, Any]:
    view = submissions.submission_view(house().db, actor(), submission_id=submission_id)
    said = {
        "submission": submission_id,
        "state": view.summary.state.value,
        "records_only": view.summary.records_only,
    }
    if view.summary.submitted_by != actor().login:
        return {**said, "files": []}
    return {**said, "files": [_upload(state) for state in view.uploads], "set": _set_sha256(view)}


def _set_sha256(view: SubmissionView) -> str:
    """Name what has arrived, so that a step upon it can say what its page showed."""
    found = prechecks.precheck_of(house().db, actor(), submission_id=view.summary.submission_id)
    if found is not None:
        return found.set_sha256
    arrived = (SubmittedFile(one.name, one.size_bytes, one.sha256) for one in view.uploads if one.sha256)
    return set_sha256(arrived, ())  # names are given to a set that was looked into


def _upload(state: UploadProgress) -> dict[str, Any]:
    return {
        "upload": state.upload_id,
        "name": state.name,
        "size": state.size_bytes,
        "received": state.received_bytes,
        "complete": state.complete,
    }


def _body() -> dict[str, Any]:
    body = read_json()
    if not isinstance(body, dict):
        abort(400, "The request's body must be a JSON object.")
    return body


def _text(entry: Any, key: str) -> str:
    value = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(value, str) or not value:
        abort(400, f"{key!r} must be a text.")
    return value


def _size(entry: dict[str, Any]) -> int:
    value = entry.get("size")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        abort(400, "'size' must be the file's length in bytes.")
    return value
