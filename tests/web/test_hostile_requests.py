"""Whatever is posted by hand, by whomever: a refusal in words, never a fault, never a traceback."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.callbacks import dependencies, field_key, payload

Person = Callable[[str], FlaskClient]

VALUES: tuple[Any, ...] = (
    None,
    1,
    -1,
    1.5,
    True,
    "",
    [],
    {},
    ["a"],
    {"a": 1},
    "x" * 100_000,
    "../../etc/passwd",
    "\x00",
    "\ud800",
    [[["a"]]],
)
BODIES = (
    b"",
    b"null",
    b"[]",
    b"{",
    b'"x"',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"output": 1}',
    b'{"output": "a.b"}',
    b'{"output": [], "inputs": {}}',
    b'{"subject": []}',
    b'{"subject": "\\ud800"}',
    b'{"files": [1, 2]}',
    b'{"files": [{"name": 1}]}',
    b'{"files": [{"name": "a", "size": 1e400}]}',
    b'{"files": [{"name": "a", "size": 99999999999999999999999999}]}',
    b'{"files": [{"name": "\\ud800", "size": 1}]}',
    b'{"files": [{"name": "a\\u0000", "size": 1}]}',
    b'{"files": [{"name": "a", "size": 1, "modified": "\\ud800"}]}',
)
PATHS = (
    "/subjects/%00",
    "/subjects/..%2f",
    "/subjects/" + "a" * 5000,
    "/submissions/..",
    "/submissions/x/report.json",
    "/submissions/%2e%2e/report.html",
    "/uploads/x",
    "/uploads?subject=%00",
    "/uploads/x/files/y?offset=99999999999999999999999",
    "/uploads/x/files/y?offset=abc",
    "/assets/../app.py",
    "/assets/%2e%2e/app.py",
    "/assets/",
    "/_dash-component-suites/../x",
    "/_dash-component-suites/nope/x.js",
    "/_dash-component-suites/dash/nope.js",
    "/%ff",
)


def _holds(response: TestResponse, what: object) -> None:
    assert response.status_code < 500, what
    assert "Traceback" not in response.get_data(as_text=True), what


def _callbacks(client: FlaskClient) -> list[dict[str, Any]]:
    return [entry for entry in dependencies(client) if not entry.get("clientside_function")]


@pytest.mark.parametrize("person", ["oncologist", "admin"])
def test_callbacks__with_values_of_wrong_types_are_refused_without_a_fault(
    sign_in: Person, checked: str, person: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = sign_in(person)
    for entry in _callbacks(client):
        for value in VALUES:
            body = payload(entry, dict.fromkeys(_FIELDS, value))
            for part in _parts(body):
                part["value"] = value
            _holds(client.post("/_dash-update-component", json=body), (entry["output"], repr(value)[:40]))
    assert _faults(caplog) == []


def test_callbacks__that_run_in_the_browser_are_none_of_the_servers(oncologist: FlaskClient) -> None:
    found = [entry for entry in dependencies(oncologist) if entry.get("clientside_function")]
    assert found
    for entry in found:
        answer = oncologist.post("/_dash-update-component", json=payload(entry, {}))
        assert answer.status_code == 400, entry["output"]


# One component for each pattern that stands for many.
_FIELDS = tuple(field_key("any", "any", kind=kind) for kind in ("field", "ticks", "tick", "secret"))


def _parts(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Give every value that is sent, those of patterns one by one."""
    given = [*body["inputs"], *body["state"]]
    return [one for part in given for one in (part if isinstance(part, list) else [part])]


def _faults(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def test_callbacks__whose_frame_is_not_dashs_are_refused(sign_in: Person) -> None:
    client = sign_in("oncologist")
    for entry in _callbacks(client):
        whole = payload(entry, {"submission-id.data": "x", "report-submission.data": "x"})
        for missing in ("output", "outputs", "inputs"):
            part = {key: value for key, value in whole.items() if key != missing}
            assert client.post("/_dash-update-component", json=part).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/_dash-update-component", "/uploads", "/uploads/x/files", "/uploads/x/finish", "/sign-out", "/sign-in"],
)
def test_bodies__that_are_no_request_of_ours_are_refused(sign_in: Person, path: str) -> None:
    for client in (sign_in("oncologist"), sign_in("")):
        for body in BODIES:
            _holds(client.post(path, data=body, content_type="application/json"), (path, body[:40]))


def test_files__announced_with_hostile_names_and_sizes_are_refused(oncologist: FlaskClient) -> None:
    submission = oncologist.post("/uploads", json={"subject": "S01-001"}).get_json()["submission"]
    for body in BODIES:
        _holds(oncologist.post(f"/uploads/{submission}/files", data=body), body[:40])


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_addresses__with_path_tricks_lead_nowhere(sign_in: Person, method: str) -> None:
    client = sign_in("oncologist")
    for path in PATHS:
        response = client.open(path, method=method)
        _holds(response, (method, path))
        assert "create_app" not in response.get_data(as_text=True)


def test_answers__to_a_refused_callback_say_what_to_do(oncologist: FlaskClient) -> None:
    answer = oncologist.post("/_dash-update-component", json={"output": "none.such"})
    assert answer.status_code == 400
    assert "Reload the page" in json.dumps(answer.get_json())
