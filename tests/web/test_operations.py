"""Operations: what the administrator is shown and may change, and that nobody else is or may."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.trial_core.enrolling import add_person
from tests.web.callbacks import field_key, pattern_key, post_callback
from tests.web.installation import PASSWORD, Installation
from trial_core.domain.access import Role
from trial_core.errors import SignInRefused
from trial_core.services import account_changes, accounts, jobs, presence

Person = Callable[[str], FlaskClient]
PAGES = ("/operations", "/operations/accounts")
NEW = {"login": "new.staff", "full_name": "<b>New</b>", "role": "trial staff", "site": "S02"}
REASON = {"reason_given": "left the hospital"}


def _page(client: FlaskClient, path: str) -> str:
    answer = post_callback(client, "..frame-page.children", {"frame-location.pathname": path})
    assert answer.status_code == 200
    return json.dumps(answer.get_json(), ensure_ascii=False)


def _send(client: FlaskClient, form: str, values: dict[str, str]) -> str:
    output = ".." + pattern_key("children", form=form, type="form-answer")
    given = {field_key(form, name): value for name, value in values.items()}
    pressed = {pattern_key("n_clicks", form=form, type="form-submit"): 1}
    return post_callback(client, output, {**given, **pressed}).get_data(as_text=True)


def _account(installation: Installation, login: str) -> account_changes.UserAccount | None:
    found = account_changes.list_users(installation.db, installation.people["admin"])
    return next((each for each in found if each.login == login), None)


@pytest.mark.parametrize("wrong", ["oncologist", "monitor", "statistician"])
def test_operations__are_refused_to_everyone_but_the_administrator(
    sign_in: Person, installation: Installation, wrong: str
) -> None:
    if wrong == "monitor":
        add_person(installation.db, Role.MONITOR)
    client = sign_in(wrong)
    for path in PAGES:
        assert "does not allow" in _page(client, path)
    assert '"/operations"' not in _page(client, "/")
    assert "does not allow" in _send(client, "create-account", {**NEW, "role": "monitor"})
    pressed = {"operations-check-trail.n_clicks": 1}
    assert "entries hold" not in post_callback(client, "operations-trail.children", pressed).get_data(True)
    assert _account(installation, "new.staff") is None


def test_operations__show_jobs_with_error_and_attempts_and_no_clinical_data(
    sign_in: Person, installation: Installation
) -> None:
    admin = sign_in("admin")
    assert "There is no job yet" in _page(admin, "/operations")
    assert '"/operations"' in _page(admin, "/")
    for data in (b"a", b"b"):
        _, job_id = installation.submit("S01-001", {"a.dcm": data})
        claim = jobs.claim(installation.db, job_id=job_id, worker="host:1")
        assert claim is not None
        if data == b"a":
            jobs.fail(installation.db, claim=claim, error="The disk was away.", again=False)
    for name in ("host:1", "host:2"):
        presence.say_present(
            installation.db,
            name=name,
            host="host",
            processors=2,
            code_version="1+abc",
            started_at=installation.db.now(),
        )
    page = _page(admin, "/operations")
    running = f"At job {job_id[:8]}"
    for words in ("The disk was away.", "1 of 3", "Failed", "Running", "host:1", running, "Idle", "GiB"):
        assert words in page
    assert page.count("last heard ") == 1  # of the one that runs
    assert "S01" not in page


def test_audit_trail__is_verified_on_click(sign_in: Person) -> None:
    pressed = {"operations-check-trail.n_clicks": 1}
    said = post_callback(sign_in("admin"), "operations-trail.children", pressed).get_data(as_text=True)
    assert "The chain is whole. " in said


def test_account__that_is_made_is_on_record_and_signs_in_after_its_one_time_password(
    sign_in: Person, installation: Installation
) -> None:
    admin = sign_in("admin")
    said = _send(admin, "create-account", NEW)
    drawn = re.search(r"one-time password (\S+) ", said)
    assert drawn is not None, said
    assert "already" in _send(admin, "create-account", NEW)
    accounts.replace_one_time_password(
        installation.db, login="new.staff", password=drawn[1], new_password=PASSWORD
    )
    client = sign_in("new.staff")
    assert "Subjects" in _page(client, "/")
    made = _account(installation, "new.staff")
    assert made is not None
    assert (made.role, made.site_code, made.in_use) == (Role.TRIAL_STAFF, "S02", True)


def test_account__of_a_site_role_without_site_is_refused(sign_in: Person, installation: Installation) -> None:
    assert "Not saved" in _send(sign_in("admin"), "create-account", {**NEW, "site": ""})
    assert _account(installation, "new.staff") is None


def test_account__is_moved_locked_unlocked_and_given_a_new_password(
    sign_in: Person, installation: Installation
) -> None:
    admin = sign_in("admin")
    whom = {"login": "stranger", **REASON}
    _send(admin, "change-site", {**whom, "site": "S01"})
    _send(admin, "change-role", {**whom, "role": "monitor"})
    moved = _account(installation, "stranger")
    assert moved is not None
    assert (moved.role, moved.site_code) == (Role.MONITOR, None)
    assert "missing" in _send(admin, "lock-account", {"login": "stranger"})
    _send(admin, "lock-account", whom)
    with pytest.raises(SignInRefused):
        accounts.sign_in(installation.db, login="stranger", password=PASSWORD)
    assert "Locked" in _page(admin, "/operations/accounts")
    _send(admin, "unlock-account", whom)
    accounts.sign_in(installation.db, login="stranger", password=PASSWORD)
    assert "one-time password" in _send(admin, "reset-password", whom)
    with pytest.raises(SignInRefused):
        accounts.sign_in(installation.db, login="stranger", password=PASSWORD)


def test_own_account__is_not_among_those_to_be_changed(sign_in: Person, installation: Installation) -> None:
    said = _send(sign_in("admin"), "lock-account", {"login": "admin", **REASON})
    assert "Not saved" in said
    mine = _account(installation, "admin")
    assert mine is not None
    assert mine.in_use


def test_site__is_added_and_offered(sign_in: Person) -> None:
    admin = sign_in("admin")
    _send(admin, "create-site", {"code": "S03", "name": "Hospital <S03>"})
    assert "Hospital <S03>" in _page(admin, "/operations/accounts")
