"""The audit trail's page and file: searched by the monitor, the installation's part by the administrator."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.trial_core.enrolling import add_person
from tests.web.callbacks import post_callback
from tests.web.installation import Installation
from trial_core.domain.access import Role
from trial_core.services import account_changes

Person = Callable[[str], FlaskClient]
ADDRESS = "/operations/audit"
FOUND = (
    "..audit-found.children...audit-ends.data...audit-newer.disabled...audit-older.disabled..."
    "audit-file.href...audit-from.error...audit-to.error.."
)
HOSTILE = '=HYPERLINK("http://x") <img src=x onerror=alert(1)>'


@pytest.fixture
def monitor(sign_in: Person, installation: Installation) -> FlaskClient:
    add_person(installation.db, Role.MONITOR)
    return sign_in("monitor")


def _page(client: FlaskClient) -> str:
    answer = post_callback(client, "..frame-page.children", {"frame-location.pathname": ADDRESS})
    return json.dumps(answer.get_json(), ensure_ascii=False)


def _search(client: FlaskClient, **typed: str) -> Any:
    values = {
        f"audit-{name}.value": typed.get(name, "") for name in ("login", "action", "subject", "from", "to")
    }
    pressed = {"audit-search.n_clicks": 1, "audit-newer.n_clicks": None, "audit-older.n_clicks": None}
    answer = post_callback(client, FOUND, {**pressed, "audit-ends.data": {}, **values})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()["response"]


def _file(client: FlaskClient, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"{ADDRESS}.csv{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def test_monitor__finds_a_subjects_entries_with_what_changed(
    monitor: FlaskClient, installation: Installation
) -> None:
    installation.submit("S01-001", {"a.dcm": b"a"})
    assert '"/operations/audit"' in _page(monitor)
    found = _search(monitor, subject="S01-001")
    shown = json.dumps(found["audit-found"], ensure_ascii=False)
    for words in ("register subject", "submit plan", "/subjects/S01:S01-001", "enter: "):
        assert words in shown
    assert "create user" not in shown
    assert "subject=S01-001" in found["audit-file"]["href"]
    assert "No entry fits" in json.dumps(_search(monitor, subject="S01-404"))


def test_search__refuses_days_at_their_field(monitor: FlaskClient) -> None:
    for typed, field in (
        ({"from": "2026-13-01"}, "audit-from"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "audit-to"),
    ):
        found = _search(monitor, **typed)
        assert "2026-01-31" in found[field]["error"]
        assert "audit-found" not in found
    assert monitor.get(f"{ADDRESS}.csv?to_on=x").status_code == 400


def test_administrator__sees_nothing_clinical_on_page_or_in_file(
    sign_in: Person, installation: Installation
) -> None:
    installation.submit("S01-001", {"a.dcm": b"a"})
    admin = sign_in("admin")
    page, rows = _page(admin), _file(admin)
    for words in ("register subject", "enter consent", "S01-001"):
        assert words not in page
        assert not any(words in cell for row in rows for cell in row.values())
    assert "create user" in page
    assert {row["about"] for row in rows} <= {"user", "site", "job", "consent form", "audit trail"}
    assert _file(admin, "?subject=S01-001") == []
    assert "No entry fits" in json.dumps(_search(admin, subject="S01-001"))


def test_file__holds_all_that_fits_and_no_cell_that_a_spreadsheet_computes(
    sign_in: Person, installation: Installation
) -> None:
    account_changes.deactivate_user(
        installation.db, installation.people["admin"], login="stranger", reason=HOSTILE
    )
    (row,) = _file(sign_in("admin"), "?action=deactivate+user")
    assert row["reason"] == f"'{HOSTILE}"
    assert (row["user"], row["about"]) == ("admin", "user")
    assert json.loads(row["changes"])
    assert row["at_utc"].endswith("Z")
    assert HOSTILE.replace('"', '\\"') in _page(sign_in("admin"))


@pytest.mark.parametrize("wrong", ["oncologist", "statistician", "staff"])
def test_trail__is_refused_to_others(sign_in: Person, wrong: str) -> None:
    client = sign_in(wrong)
    assert "does not allow" in _page(client)
    assert client.get(f"{ADDRESS}.csv").status_code == 403
    assert '"/operations/audit"' not in json.dumps(
        post_callback(client, "..frame-page.children", {"frame-location.pathname": "/"}).get_json()
    )


def test_chain__is_verified_by_the_monitor(monitor: FlaskClient) -> None:
    pressed = {"audit-check.n_clicks": 1}
    said = post_callback(monitor, "audit-chain.children", pressed).get_data(as_text=True)
    assert "The chain is whole. " in said
