"""Signing in and out, and what a session's cookies are worth."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.installation import PASSWORD, Installation
from trial_core.services import account_changes, failed_sign_ins
from trial_core.services.passwords import MOST_CHARACTERS
from web.door.security import local_path

Person = Callable[[str], FlaskClient]


def _post_form(
    client: FlaskClient,
    login: str,
    password: str,
    next_path: str = "/",
    *,
    new_password: str | None = None,
    again: str = "",
) -> TestResponse:
    page = client.get("/sign-in").get_data(as_text=True)
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token
    form = {"form_token": token[1], "login": login, "password": password, "next": next_path}
    if new_password is not None:
        form |= {"new_password": new_password, "new_password_again": again}
    return client.post("/sign-in", data=form)


def test_sign_in__opens_a_session_and_goes_where_one_was_going(sign_in: Person) -> None:
    client = sign_in("")
    response = _post_form(client, "oncologist", PASSWORD, "/subjects")
    assert (response.status_code, response.headers["Location"]) == (303, "/subjects")
    assert client.get("/subjects").status_code == 200


def test_sign_in__cookies_are_strict_and_the_session_is_hidden_from_scripts(sign_in: Person) -> None:
    cookies = _post_form(sign_in(""), "oncologist", PASSWORD).headers.getlist("Set-Cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("dosegate_session="))
    assert "HttpOnly" in session
    assert all("SameSite=Strict" in cookie for cookie in cookies)


def test_sign_in__wrong_password_is_said_without_saying_which_part(sign_in: Person) -> None:
    known = _post_form(sign_in(""), "oncologist", "not the password")
    unknown = _post_form(sign_in(""), "nobody", "not the password")
    assert known.status_code == unknown.status_code == 401
    assert "user name or the password is not right" in known.get_data(as_text=True)


def test_sign_in__locks_after_too_many_failures_and_says_for_how_long(sign_in: Person) -> None:
    client = sign_in("")
    for _ in range(failed_sign_ins.FAILURES_BEFORE_LOCK):
        _post_form(client, "physicist", "not the password")
    response = _post_form(client, "physicist", PASSWORD)
    assert response.status_code == 429
    assert "Wait 15 minutes" in response.get_data(as_text=True)


def test_sign_in__a_form_of_another_site_is_refused(sign_in: Person) -> None:
    response = sign_in("").post("/sign-in", data={"login": "oncologist", "password": PASSWORD})
    assert response.status_code == 403


def test_sign_in__an_attackers_login_text_is_shown_as_text(sign_in: Person) -> None:
    page = _post_form(sign_in(""), '"><img src=x>', "wrong password").get_data(as_text=True)
    assert "<img" not in page


def test_sign_in__with_a_one_time_password_asks_for_one_of_their_own(
    sign_in: Person, installation: Installation
) -> None:
    once = account_changes.reset_password(
        installation.db, installation.people["admin"], login="staff", reason="forgotten"
    )
    client = sign_in("")
    asked = _post_form(client, "staff", once)
    assert asked.status_code == 401
    assert 'name="new_password"' in asked.get_data(as_text=True)
    assert client.get_cookie("dosegate_session") is None
    differ = _post_form(client, "staff", once, new_password="a new password 1", again="a new password 2")
    assert "differ" in differ.get_data(as_text=True)
    weak = _post_form(client, "staff", once, new_password="short", again="short")
    assert (weak.status_code, "12 to" in weak.get_data(as_text=True)) == (400, True)
    done = _post_form(client, "staff", once, new_password="a new password 1", again="a new password 1")
    assert done.status_code == 303
    assert client.get("/").status_code == 200


def test_sign_out__revokes_the_session_on_the_server(sign_in: Person, installation: Installation) -> None:
    client = sign_in("oncologist")
    stolen = client.get_cookie("dosegate_session")
    assert stolen is not None
    assert client.post("/sign-out").headers["Location"] == "/sign-in"
    client.set_cookie("dosegate_session", stolen.value)
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "/\n/evil",
        "",
        None,
    ],
)
def test_local_path__never_leaves_the_site(wanted: str | None) -> None:
    assert local_path(wanted) == "/"


def test_local_path__keeps_a_path_of_the_site() -> None:
    assert local_path("/submissions/abc/report") == "/submissions/abc/report"


def test_password_fields__cut_nothing_off_that_the_service_takes(sign_in: Person) -> None:
    page = sign_in("").get("/sign-in").get_data(as_text=True)
    (limit,) = re.findall(r'<input id="password"[^>]* maxlength="(\d+)"', page)
    assert int(limit) >= 2 * MOST_CHARACTERS  # a browser counts a character beyond the basic plane as two
