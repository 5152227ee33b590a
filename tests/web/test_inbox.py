"""The inbox: people of the site see what waits, never whose it is, and nobody else sees anything."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests.web.callbacks import field_key, pattern_key, post_callback
from tests.web.installation import PATIENT_ID, Installation
from trial_core.domain.access import SYSTEM
from trial_core.domain.identity import PatientIdentity, hash_identity
from trial_core.domain.receiving import Sender, SentObject
from trial_core.services import inbox
from trial_core.services.dicom_senders import register_sender
from trial_core.services.receiving import end_quiet_sets, keep_object
from trial_core.store import Draft

Person = Callable[[str], FlaskClient]


@pytest.fixture(autouse=True)
def sender(installation: Installation) -> Sender:
    found = register_sender(
        installation.db, SYSTEM, ae_title="ECLIPSE", addresses=["10.0.0.0/24"], site_code="S01"
    )
    _receive(installation, found, b"a plan", "1.2.3")
    return found


def _receive(installation: Installation, sender: Sender, data: bytes, uid: str) -> None:
    path = installation.store.draft_path()
    path.write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    identity = hash_identity(PatientIdentity(PATIENT_ID, "", ""), b"k" * 32)
    sent = SentObject("1.2", uid, sha256, len(data), identity, "", "RTPLAN", "Boost <b>", "2026-02-03")
    keep_object(installation.db, installation.store, sender, sent=sent, draft=Draft(path, sha256, len(data)))
    end_quiet_sets(installation.db, quiet=timedelta())


def _page(client: FlaskClient) -> str:
    answer = post_callback(client, "..frame-page.children", {"frame-location.pathname": "/inbox"})
    return json.dumps(answer.get_json(), ensure_ascii=False)


def _send(client: FlaskClient, form: str, values: dict[str, str]) -> str:
    output = ".." + pattern_key("children", form=form, type="form-answer")
    given = {field_key(form, name): value for name, value in values.items()}
    pressed = {pattern_key("n_clicks", form=form, type="form-submit"): 1}
    return post_callback(client, output, {**given, **pressed}).get_data(as_text=True)


def _chosen(client: FlaskClient) -> str:
    """Give the set that waits as the page of now offers it."""
    (found,) = set(re.findall(r"\w{32}@[-\w:.+]+", _page(client)))
    return str(found)


def _waiting(installation: Installation) -> tuple[str, ...]:
    found = inbox.list_inbox(installation.db, installation.people["physicist"])
    return tuple(each.set_id for each in found)


@pytest.mark.parametrize("login", ["oncologist", "physicist", "staff"])
def test_inbox__shows_sender_counts_labels_and_dates(sign_in: Person, login: str) -> None:
    page = _page(sign_in(login))
    for shown in ("ECLIPSE", "1 RTPLAN", "Boost <b>", "2026-02-03", "No confirmed set of a subject"):
        assert shown in page
    assert PATIENT_ID not in page


@pytest.mark.parametrize("login", ["stranger", "investigator", "admin"])
def test_inbox__shows_nothing_to_others_and_takes_nothing_from_them(
    sign_in: Person, installation: Installation, login: str
) -> None:
    client, waiting, shown = sign_in(login), _waiting(installation), _chosen(sign_in("staff"))
    assert "ECLIPSE" not in _page(client)
    _send(client, "discard-received", {"set": shown, "reason_given": "not mine"})
    _send(client, "assign-received", {"set": shown, "subject": "S01-001"})
    assert _waiting(installation) == waiting


def test_inbox__a_person_submits_a_set_for_a_subject(sign_in: Person, installation: Installation) -> None:
    client = sign_in("staff")
    said = _send(client, "assign-received", {"set": _chosen(client), "subject": "S01-001"})
    assert "submissions" in said
    assert _waiting(installation) == ()


def test_inbox__a_person_discards_a_set_with_a_reason(sign_in: Person, installation: Installation) -> None:
    client = sign_in("physicist")
    shown = _chosen(client)
    _send(client, "discard-received", {"set": shown, "reason_given": ""})
    assert len(_waiting(installation)) == 1
    _send(client, "discard-received", {"set": shown, "reason_given": "A phantom"})
    assert _waiting(installation) == ()
    assert "Nothing waits" in _page(client)


def test_inbox__a_set_to_which_more_came_is_not_taken_as_an_older_page_showed_it(
    sign_in: Person, installation: Installation, sender: Sender
) -> None:
    client = sign_in("staff")
    shown = _chosen(client)
    _receive(installation, sender, b"another plan", "1.2.4")
    for form, more in (
        ("assign-received", {"subject": "S01-001"}),
        ("discard-received", {"reason_given": "x"}),
    ):
        assert "Correct what is marked" in _send(client, form, {"set": shown, **more})
    assert len(_waiting(installation)) == 1
    assert "submissions" in _send(client, "assign-received", {"set": _chosen(client), "subject": "S01-001"})
