"""The guard: nothing without a session, nothing without the CSRF token, headers on everything."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.web.callbacks import dependencies, field_key, pattern_key, payload, post_callback
from tests.web.installation import Installation
from trial_core.db.tables import audit_entry
from web.door.security import CSRF_HEADER, SHOWN_TO_HEADER, csrf_token

Person = Callable[[str], FlaskClient]

PAGES = (
    "/",
    "/plans",
    "/subjects",
    "/subjects/S01-001",
    "/subjects/S01-001/submit",
    "/submissions/x",
    "/submissions/x/report",
)
DATA = ("/_dash-layout", "/_dash-dependencies", "/uploads?subject=S01-001", "/uploads/x")
STATE_CHANGES = (
    ("POST", "/_dash-update-component"),
    ("POST", "/sign-out"),
    ("POST", "/uploads"),
    ("POST", "/uploads/x/files"),
    ("PUT", "/uploads/x/files/y?offset=0"),
    ("POST", "/uploads/x/finish"),
    ("DELETE", "/uploads/x"),
)


@pytest.mark.parametrize("path", PAGES)
def test_pages__send_strangers_to_the_sign_in(sign_in: Person, path: str) -> None:
    response = sign_in("").get(path)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("path", DATA)
def test_data__is_refused_to_strangers(sign_in: Person, path: str) -> None:
    assert sign_in("").get(path).status_code == 401


@pytest.mark.parametrize(("method", "path"), STATE_CHANGES)
def test_state_changes__are_refused_to_strangers(sign_in: Person, method: str, path: str) -> None:
    assert sign_in("").open(path, method=method).status_code == 401


@pytest.mark.parametrize(("method", "path"), STATE_CHANGES)
def test_state_changes__are_refused_without_the_csrf_token(sign_in: Person, method: str, path: str) -> None:
    client = sign_in("oncologist")
    client.environ_base.pop("HTTP_X_CSRFTOKEN")
    assert client.open(path, method=method).status_code == 403


def test_csrf__another_sessions_token_is_refused(sign_in: Person) -> None:
    response = sign_in("oncologist").post(
        "/uploads", json={"subject": "S01-001"}, headers={CSRF_HEADER: csrf_token("x")}
    )
    assert response.status_code == 403


def test_csrf__a_request_from_another_site_is_refused_even_with_the_token(sign_in: Person) -> None:
    response = sign_in("oncologist").post("/uploads", json={}, headers={"Origin": "https://evil.example"})
    assert response.status_code == 403


def test_page_of_another_person__changes_nothing_in_the_name_of_who_signed_in_after(sign_in: Person) -> None:
    client, begin = sign_in("oncologist"), {"subject": "S01-001"}
    refused = client.post("/uploads", json=begin, headers={SHOWN_TO_HEADER: "investigator"})
    assert refused.status_code == 412
    assert "Another person has signed in" in refused.get_json()["message"]
    assert client.post("/uploads", json=begin, headers={SHOWN_TO_HEADER: "oncologist"}).status_code == 201


def test_hosts__a_loopback_server_answers_to_loopback_names_alone(sign_in: Person) -> None:
    assert sign_in("oncologist").get("/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/assets/dosegate.css", "/no-such-page", "/_dash-dependencies"]
)
def test_headers__hold_on_every_answer(sign_in: Person, path: str) -> None:
    headers = sign_in("oncologist").get(path, buffered=True).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy["script-src"]
    assert policy["default-src"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_index__every_inline_script_is_named_by_its_hash(sign_in: Person) -> None:
    response = sign_in("oncologist").get("/")
    inline = re.findall(
        r"<script(?P<a>[^>]*)>(?P<body>.*?)</script>", response.get_data(as_text=True), re.DOTALL
    )
    scripts = [body for attributes, body in inline if body and "application/json" not in attributes]
    assert scripts
    for body in scripts:
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in response.headers["Content-Security-Policy"]


def test_index__asks_no_other_host_for_anything(sign_in: Person) -> None:
    page = sign_in("oncologist").get("/").get_data(as_text=True)
    assert "http://" not in page
    assert "https://" not in page


def test_errors__a_wrong_address_is_a_404_that_says_what_to_do(sign_in: Person) -> None:
    response = sign_in("oncologist").get("/no-such-page")
    assert response.status_code == 404
    assert "Go to the first page" in response.get_data(as_text=True)


def _answers(installation: Installation, submission_id: str) -> dict[str, Any]:
    """Values that would do something, were the person allowed to."""
    return {
        "frame-location.pathname": f"/submissions/{submission_id}/report",
        "submission-id.data": submission_id,
        "submission-confirm.n_clicks": 1,
        "submission-reject.n_clicks": 1,
        "submission-patient-id.value": "PID-1",
        "submission-reject-reason.value": "not the patient",
        "submission-refresh.n_intervals": 1,
        "plans-refresh.n_intervals": 1,
        "report-submission.data": submission_id,
        "report-chosen.data": 3,
        "report-doses.value": ["cfrt"],
        "report-structures.value": ["Lungs"],
        "subject-code.data": "S01-003",
        "subject-enrol.n_clicks": 1,
        field_key("new-subject", "code"): "S01-099",
        pattern_key("n_clicks", type="form-submit", form="new-subject"): 1,
    }


@pytest.mark.parametrize("person", ["stranger", "admin"])
def test_callbacks__posted_by_hand_as_the_wrong_person_give_nothing(
    sign_in: Person, installation: Installation, checked: str, person: str
) -> None:
    client = sign_in(person)
    values = _answers(installation, checked)
    before = _record(sign_in, checked)
    for entry in dependencies(client):
        if entry.get("clientside_function"):
            continue
        text = client.post("/_dash-update-component", json=payload(entry, values)).get_data(as_text=True)
        assert "SpinalCord" not in text
        assert "S01-001" not in text
    assert _record(sign_in, checked) == before


def _record(sign_in: Person, submission_id: str) -> Any:
    client = sign_in("oncologist")
    return [client.get(f"/uploads/{submission_id}").get_json(), _page(client, "/subjects")]


def _page(client: FlaskClient, path: str) -> Any:
    return post_callback(client, "..frame-page.children", {"frame-location.pathname": path}).get_json()


def test_callbacks__without_session_or_token_are_refused(sign_in: Person) -> None:
    body = payload(dependencies(sign_in("oncologist"))[0], {"frame-location.pathname": "/"})
    assert sign_in("").post("/_dash-update-component", json=body).status_code == 401
    client = sign_in("oncologist")
    client.environ_base.pop("HTTP_X_CSRFTOKEN")
    assert client.post("/_dash-update-component", json=body).status_code == 403


def test_an_audit_entry__bears_the_id_that_the_answer_has(
    sign_in: Person, installation: Installation
) -> None:
    answer = sign_in("oncologist").post("/sign-out")
    with installation.db.read() as connection:
        last = connection.execute(select(audit_entry).order_by(audit_entry.c.sequence.desc())).first()
    assert last is not None
    assert (last.action, last.request_id) == ("sign out", answer.headers["X-Request-Id"])
    assert len(last.request_id) == 16


def test_page__loaded_anew_gives_a_lost_csrf_token_again(oncologist: FlaskClient) -> None:
    session = oncologist.get_cookie("dosegate_session")
    assert session is not None
    oncologist.get("/")
    again = oncologist.get_cookie("_csrf_token")
    assert again is not None
    assert again.value == csrf_token(session.value)
    assert "Set-Cookie" not in oncologist.get("/").headers


@pytest.mark.parametrize("login", ["physicist", "admin"])
def test_form_of_a_new_subject__is_not_shown_to_who_may_add_none(sign_in: Person, login: str) -> None:
    address = {"frame-location.pathname": "/subjects/new"}
    said = str(post_callback(sign_in(login), "..frame-page.children", address).get_json())
    assert "Subject code" not in said
    assert "does not allow you" in said
