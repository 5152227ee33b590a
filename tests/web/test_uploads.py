"""Uploads over HTTP: chunks with offsets, breaks, refusals, and whose they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.installation import Installation
from trial_core.domain.jobs import JobState
from trial_core.domain.plan import SubmissionState
from trial_core.errors import StoreFull
from trial_core.services import prechecks, submissions
from trial_core.store import Store
from web.submitting.uploads import CHUNK_BYTES, MANIFEST_FILES

Person = Callable[[str], FlaskClient]


def _begin(client: FlaskClient, code: str = "S01-001") -> str:
    response = client.post("/uploads", json={"subject": code})
    assert response.status_code == 201, response.get_json()
    return str(response.get_json()["submission"])


def _announce(
    client: FlaskClient, submission: str, *files: tuple[str, int], modified: str = "1"
) -> list[dict[str, Any]]:
    body = {"files": [{"name": name, "size": size, "modified": modified} for name, size in files]}
    answer = client.post(f"/uploads/{submission}/files", json=body).get_json()["files"]
    assert isinstance(answer, list)
    return answer


def _send(client: FlaskClient, submission: str, upload: str, offset: int, data: bytes) -> Any:
    return client.put(f"/uploads/{submission}/files/{upload}?offset={offset}", data=data)


def test_upload__in_chunks_is_looked_into_and_not_submitted_by_that(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission = _begin(oncologist)
    (file,) = _announce(oncologist, submission, ("course/a.dcm", 10))
    assert _send(oncologist, submission, file["upload"], 0, b"01234").get_json()["received"] == 5
    assert _send(oncologist, submission, file["upload"], 5, b"56789").get_json()["complete"]
    answer = oncologist.post(f"/uploads/{submission}/finish", json={}).get_json()
    assert answer["url"] == f"/submissions/{submission}"
    view = submissions.submission_view(
        installation.db, installation.people["oncologist"], submission_id=submission
    )
    assert (view.summary.state, view.files[0].name) == (SubmissionState.RECEIVING, "course/a.dcm")
    found = prechecks.precheck_of(
        installation.db, installation.people["oncologist"], submission_id=submission
    )
    assert found is not None
    assert found.job is not None
    assert found.job.state is JobState.WAITING


def test_upload__finishing_twice_gives_the_same_answer(oncologist: FlaskClient) -> None:
    submission = _begin(oncologist)
    (file,) = _announce(oncologist, submission, ("a.dcm", 1))
    _send(oncologist, submission, file["upload"], 0, b"a")
    answers = [oncologist.post(f"/uploads/{submission}/finish", json={}).get_json() for _ in range(2)]
    assert answers[0] == answers[1]


def test_upload__goes_on_where_it_stopped_after_a_reload(oncologist: FlaskClient) -> None:
    submission = _begin(oncologist)
    (file,) = _announce(oncologist, submission, ("a.zip", 10))
    _send(oncologist, submission, file["upload"], 0, b"0123")
    (unfinished,) = oncologist.get("/uploads?subject=S01-001").get_json()["uploads"]
    assert unfinished["submission"] == submission
    assert unfinished["files"][0]["received"] == 4
    assert _announce(oncologist, submission, ("a.zip", 10))[0]["received"] == 4


def test_upload__a_file_that_changed_in_between_starts_anew(oncologist: FlaskClient) -> None:
    submission = _begin(oncologist)
    (file,) = _announce(oncologist, submission, ("a.zip", 10))
    _send(oncologist, submission, file["upload"], 0, b"0123")
    assert _announce(oncologist, submission, ("a.zip", 10), modified="2")[0]["received"] == 0


@pytest.mark.parametrize("offset", [3, 5, 10_000])
def test_chunk__at_a_wrong_offset_is_refused_and_told_the_right_one(
    oncologist: FlaskClient, offset: int
) -> None:
    submission = _begin(oncologist)
    (file,) = _announce(oncologist, submission, ("a.dcm", 10))
    _send(oncologist, submission, file["upload"], 0, b"0123")
    response = _send(oncologist, submission, file["upload"], offset, b"45")
    assert (response.status_code, response.get_json()["received"]) == (409, 4)


@pytest.mark.parametrize("query", ["", "?offset=", "?offset=-1", "?offset=x"])
def test_chunk__without_a_usable_offset_is_refused(oncologist: FlaskClient, query: str) -> None:
    submission = _begin(oncologist)
    (file,) = _announce(oncologist, submission, ("a.dcm", 10))
    assert (
        oncologist.put(f"/uploads/{submission}/files/{file['upload']}{query}", data=b"a").status_code == 400
    )


def test_chunk__larger_than_allowed_is_refused(oncologist: FlaskClient) -> None:
    submission = _begin(oncologist)
    (file,) = _announce(oncologist, submission, ("a.dcm", 3 * CHUNK_BYTES))
    assert _send(oncologist, submission, file["upload"], 0, bytes(CHUNK_BYTES + 1)).status_code == 413
    assert _send(oncologist, submission, file["upload"], 0, bytes(CHUNK_BYTES)).status_code == 200


def test_chunk__beyond_the_announced_size_is_refused(oncologist: FlaskClient) -> None:
    submission = _begin(oncologist)
    (file,) = _announce(oncologist, submission, ("a.dcm", 2))
    assert _send(oncologist, submission, file["upload"], 0, b"abc").status_code == 413


@pytest.mark.parametrize("name", ["../a.dcm", "/etc/passwd", "a/../../b", "C:\\x.dcm", "a\x00b", "a\nb"])
def test_announce__an_unsafe_name_is_refused_by_itself(oncologist: FlaskClient, name: str) -> None:
    good, bad = _announce(oncologist, _begin(oncologist), ("good.dcm", 1), (name, 1))
    assert good["upload"]
    assert "cannot be used" in bad["refused"]


def test_announce__names_are_data_whatever_they_hold(oncologist: FlaskClient) -> None:
    (file,) = _announce(oncologist, _begin(oncologist), ("<img src=x onerror=alert(1)>.dcm", 1))
    assert file["name"] == "<img src=x onerror=alert(1)>.dcm"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"no json",
        b'{"files": 1}',
        b'{"files": [{"name": "a"}]}',
        b'{"files": [{"name": "a", "size": -1}]}',
        b'{"files": [{"name": "a", "size": true}]}',
        b'{"files": [1]}',
    ],
)
def test_announce__what_is_no_manifest_is_refused(oncologist: FlaskClient, body: bytes) -> None:
    response = oncologist.post(f"/uploads/{_begin(oncologist)}/files", data=body)
    assert response.status_code == 400
    assert response.get_json()["message"]


def test_announce__too_many_at_once_are_refused(oncologist: FlaskClient) -> None:
    submission = _begin(oncologist)
    body = {"files": [{"name": f"{i}.dcm", "size": 1} for i in range(MANIFEST_FILES + 1)]}
    assert oncologist.post(f"/uploads/{submission}/files", json=body).status_code == 400


def test_finish__before_everything_arrived_is_refused_and_names_what_is_missing(
    oncologist: FlaskClient,
) -> None:
    submission = _begin(oncologist)
    (file,) = _announce(oncologist, submission, ("late.dcm", 10))
    _send(oncologist, submission, file["upload"], 0, b"0123")
    response = oncologist.post(f"/uploads/{submission}/finish", json={})
    assert response.status_code == 409
    assert "late.dcm" in response.get_json()["message"]


def test_begin__of_treatment_records_alone_is_marked_so(oncologist: FlaskClient) -> None:
    answer = oncologist.post("/uploads", json={"subject": "S01-002", "records_only": True})
    assert answer.status_code == 201, answer.get_json()
    assert oncologist.get(f"/uploads/{answer.get_json()['submission']}").get_json()["records_only"]


@pytest.mark.parametrize(("code", "reason"), [("S01-002", "arm B"), ("S01-003", "not enrolled")])
def test_begin__for_a_subject_who_may_have_no_plan_is_refused(
    oncologist: FlaskClient, code: str, reason: str
) -> None:
    response = oncologist.post("/uploads", json={"subject": code})
    assert response.status_code == 409
    assert reason in response.get_json()["message"]


def test_begin__by_trial_staff_is_refused(sign_in: Person) -> None:
    assert sign_in("staff").post("/uploads", json={"subject": "S01-001"}).status_code == 403


def test_upload__of_another_site_does_not_exist(sign_in: Person) -> None:
    ours, stranger = sign_in("oncologist"), sign_in("stranger")
    submission = _begin(ours)
    (file,) = _announce(ours, submission, ("a.dcm", 2))
    assert stranger.get(f"/uploads/{submission}").status_code == 404
    assert _send(stranger, submission, file["upload"], 0, b"ab").status_code == 404
    assert stranger.post(f"/uploads/{submission}/finish", json={}).status_code == 404
    assert stranger.delete(f"/uploads/{submission}").status_code == 404
    assert ours.get(f"/uploads/{submission}").get_json()["files"][0]["received"] == 0


def test_abandon__leaves_nothing_staged(oncologist: FlaskClient, installation: Installation) -> None:
    submission = _begin(oncologist)
    (file,) = _announce(oncologist, submission, ("a.dcm", 10))
    _send(oncologist, submission, file["upload"], 0, b"0123")
    assert oncologist.delete(f"/uploads/{submission}").status_code == 200
    staged = installation.settings.store_folder / "staging"
    assert [path for path in staged.rglob("*") if path.is_file()] == []
    assert oncologist.get("/uploads?subject=S01-001").get_json()["uploads"] == []


def test_abandon__with_what_a_page_showed_leaves_what_arrived_since(oncologist: FlaskClient) -> None:
    submission = _begin(oncologist)
    first, second = _announce(oncologist, submission, ("a.dcm", 1), ("b.dcm", 1))
    _send(oncologist, submission, first["upload"], 0, b"a")
    (shown,) = oncologist.get("/uploads?subject=S01-001").get_json()["uploads"]
    _send(oncologist, submission, second["upload"], 0, b"b")
    late = oncologist.delete(f"/uploads/{submission}?seen={shown['set']}")
    assert late.status_code == 409
    assert "in another window" in late.get_json()["message"]
    oncologist.post(f"/uploads/{submission}/finish", json={})
    (now,) = oncologist.get("/uploads?subject=S01-001").get_json()["uploads"]
    assert [file["received"] for file in now["files"]] == [1, 1]
    assert oncologist.delete(f"/uploads/{submission}?seen={now['set']}").status_code == 200


def test_full_disk__is_a_507_that_says_nothing_was_lost(
    oncologist: FlaskClient, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = _begin(oncologist)
    (file,) = _announce(oncologist, submission, ("a.dcm", 1))

    def no_room(*_: object) -> None:
        raise StoreFull  # a disk cannot be filled in a test

    monkeypatch.setattr(Store, "settle", no_room)
    answer = _send(oncologist, submission, file["upload"], 0, b"a")
    assert answer.status_code == 507
    assert "disk is full" in answer.get_json()["message"]
