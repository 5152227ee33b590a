"""Many small files in one request: kept as if each had come alone, refused as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.installation import Installation
from trial_core.domain.plan import SubmissionState
from trial_core.services import submissions
from web.submitting.uploads import LIST_BYTES, MANIFEST_FILES

Person = Callable[[str], FlaskClient]


def _begun(client: FlaskClient, *sizes: int) -> tuple[str, list[str]]:
    submission = client.post("/uploads", json={"subject": "S01-001"}).get_json()["submission"]
    files = [{"name": f"ct/{i}.dcm", "size": size, "modified": "1"} for i, size in enumerate(sizes)]
    answer = client.post(f"/uploads/{submission}/files", json={"files": files}).get_json()
    return submission, [file["upload"] for file in answer["files"]]


def _send(client: FlaskClient, submission: str, ids: Any, data: bytes, listed: int | None = None) -> Any:
    names = json.dumps(ids).encode()
    address = f"/uploads/{submission}/whole-files?list={len(names) if listed is None else listed}"
    return client.post(address, data=names + data, content_type="application/octet-stream")


def test_whole_files__become_a_submission(oncologist: FlaskClient, installation: Installation) -> None:
    submission, ids = _begun(oncologist, 3, 0, 4)
    answer = _send(oncologist, submission, [ids[0], ids[2]], b"abcdefg").get_json()["files"]
    assert [(file["upload"], file["complete"]) for file in answer] == [(ids[0], True), (ids[2], True)]
    assert oncologist.post(f"/uploads/{submission}/finish", json={}).status_code == 200
    view = submissions.submission_view(
        installation.db, installation.people["oncologist"], submission_id=submission
    )
    assert view.summary.state is SubmissionState.RECEIVING
    kept = [installation.store.read(file.sha256) for file in view.files]
    assert kept == [b"abc", b"", b"defg"]


@pytest.mark.parametrize(("data", "status"), [(b"abcdef", 409), (b"abcdefgh", 413)])
def test_whole_files__of_another_length_are_refused_as_a_whole(
    oncologist: FlaskClient, data: bytes, status: int
) -> None:
    submission, ids = _begun(oncologist, 3, 4)
    assert _send(oncologist, submission, ids, data).status_code == status
    files = oncologist.get(f"/uploads/{submission}").get_json()["files"]
    assert [file["received"] for file in files] == [0, 0]


@pytest.mark.parametrize(
    ("ids", "listed"),
    [
        ({}, None),
        ([1], None),
        ("x", None),
        (["x"] * (MANIFEST_FILES + 1), None),
        (["x"], 0),
        (["x"], -1),
        (["x"], LIST_BYTES + 1),
        (["x"], 2),
    ],
)
def test_whole_files__with_a_list_that_is_none_are_refused(
    oncologist: FlaskClient, ids: Any, listed: int | None
) -> None:
    submission, _ = _begun(oncologist, 1)
    answer = _send(oncologist, submission, ids, b"a", listed)
    assert answer.status_code == 400
    assert "list" in answer.get_json()["message"]


def test_whole_files__of_a_colleague_are_refused_in_words(oncologist: FlaskClient, sign_in: Person) -> None:
    submission, ids = _begun(oncologist, 1)
    answer = _send(sign_in("physicist"), submission, ids, b"a")
    assert answer.status_code == 403
    assert "Somebody else at your site began this upload" in answer.get_json()["message"]
    assert _send(sign_in("stranger"), submission, ids, b"a").status_code == 404
