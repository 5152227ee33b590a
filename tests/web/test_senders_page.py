"""Senders on the DICOM network: added and retired by the administrator alone, with a reason."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.callbacks import field_key, pattern_key, post_callback
from tests.web.installation import Installation
from trial_core.services.dicom_senders import account_of, list_senders

Person = Callable[[str], FlaskClient]
NEW = {
    "ae_title": "MONACO",
    "site": "S01",
    "addresses": "10.1.2.3, 10.2.0.0/28",
    "reason_given": "new planning system",
}


def _page(client: FlaskClient, path: str = "/operations/senders") -> str:
    answer = post_callback(client, "..frame-page.children", {"frame-location.pathname": path})
    return json.dumps(answer.get_json(), ensure_ascii=False)


def _send(client: FlaskClient, form: str, values: dict[str, str]) -> str:
    output = ".." + pattern_key("children", form=form, type="form-answer")
    given = {field_key(form, name): value for name, value in values.items()}
    pressed = {pattern_key("n_clicks", form=form, type="form-submit"): 1}
    return post_callback(client, output, {**given, **pressed}).get_data(as_text=True)


def test_sender__is_added_retired_and_taken_back(sign_in: Person, installation: Installation) -> None:
    admin = sign_in("admin")
    assert "No system may send yet" in _page(admin)
    assert "form-add-sender-saved" in _send(admin, "add-sender", NEW)
    page = _page(admin)
    for words in ("MONACO", "May send", "10.1.2.3/32", "10.2.0.0/28", "Retire the sender"):
        assert words in page
    assert "missing" in _send(admin, "retire-sender", {"sender": "MONACO"})
    _send(admin, "retire-sender", {"sender": "MONACO", "reason_given": "replaced"})
    page = _page(admin)
    assert "Retired on" in page
    assert "Retire the sender" not in page
    _send(admin, "add-sender", {**NEW, "addresses": "10.9.9.9"})
    (known,) = list_senders(installation.db, installation.people["admin"])
    assert (known.addresses, known.retired_at) == (("10.9.9.9/32",), None)
    login = account_of(known).login
    assert login not in _page(admin, "/operations/accounts")
    said = _send(admin, "unlock-account", {"login": login, "reason_given": "to get in"})
    assert "Not saved" in said


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"addresses": "anywhere"}, "addresses", "use IP addresses"),
        ({"ae_title": "a\\\\b"}, "ae_title", "use 1 to 16 letters"),
        ({"reason_given": ""}, "reason_given", "missing"),
        ({"site": "S99"}, "site", "that are offered"),
    ],
)
def test_sender__that_cannot_be_is_refused_at_its_field(
    sign_in: Person, installation: Installation, wrong: dict[str, str], field: str, words: str
) -> None:
    answer = json.loads(_send(sign_in("admin"), "add-sender", {**NEW, **wrong}))
    at_fields = {json.loads(key)["field"]: props.get("error") for key, props in answer["sideUpdate"].items()}
    assert words in str(at_fields[field]), at_fields
    assert list_senders(installation.db, installation.people["admin"]) == ()


@pytest.mark.parametrize("login", ["oncologist", "physicist", "staff"])
def test_senders__are_the_administrators(sign_in: Person, installation: Installation, login: str) -> None:
    client = sign_in(login)
    assert "does not allow" in _page(client)
    _send(client, "add-sender", NEW)
    assert list_senders(installation.db, installation.people["admin"]) == ()
