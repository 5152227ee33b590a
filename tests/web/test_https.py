"""Behind a proxy that speaks https: cookies with the `__Host-` prefix, the public name, nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.web.installation import PASSWORD, Installation
from trial_core.errors import SettingError
from trial_core.settings import read_settings
from web.app import create_app
from web.door.security import CSRF_HEADER

PUBLIC = "https://dosegate.example"
AT = {"base_url": "http://dosegate.example"}  # as a proxy hands it on


@pytest.fixture
def behind_https(installation: Installation) -> FlaskClient:
    settings = replace(installation.settings, public_url=PUBLIC)
    server = create_app(settings, installation.db, installation.store).server
    client: FlaskClient = server.test_client(use_cookies=False)
    return client


def _signed_in(client: FlaskClient) -> list[str]:
    page = client.get("/sign-in", **AT)
    token = re.search(r'name="form_token" value="([^"]+)"', page.get_data(as_text=True))
    assert token
    form = {"form_token": token[1], "login": "oncologist", "password": PASSWORD, "next": "/"}
    headers = {"Cookie": page.headers["Set-Cookie"].partition(";")[0], "Origin": PUBLIC}
    return client.post("/sign-in", data=form, headers=headers, **AT).headers.getlist("Set-Cookie")


def test_cookies__bear_the_prefix_and_go_by_https_alone(behind_https: FlaskClient) -> None:
    cookies = [each for each in _signed_in(behind_https) if "Max-Age=0" not in each]
    assert {each.partition("=")[0] for each in cookies} == {"__Host-dosegate_session", "__Host-_csrf_token"}
    for each in cookies:
        assert "Secure" in each
        assert "Path=/" in each
        assert "Domain" not in each
        assert "SameSite=Strict" in each


def test_session__is_taken_from_the_cookie_with_the_prefix_alone(behind_https: FlaskClient) -> None:
    held = "; ".join(each.partition(";")[0] for each in _signed_in(behind_https))
    assert behind_https.get("/", headers={"Cookie": held}, **AT).status_code == 200
    planted = held.replace("__Host-", "")
    assert behind_https.get("/", headers={"Cookie": planted}, **AT).status_code == 302


def test_sign_out__takes_both_cookies_away(behind_https: FlaskClient) -> None:
    held = dict(each.partition(";")[0].split("=", 1) for each in _signed_in(behind_https))
    cookies = "; ".join(f"{name}={value}" for name, value in held.items())
    headers = {"Cookie": cookies, CSRF_HEADER: held["__Host-_csrf_token"], "Origin": PUBLIC}
    gone = behind_https.post("/sign-out", headers=headers, **AT).headers.getlist("Set-Cookie")
    assert {each.partition("=")[0] for each in gone} == {"__Host-dosegate_session", "__Host-_csrf_token"}
    assert all("Secure" in each for each in gone)


def test_page__tells_the_scripts_which_cookie_to_send_back(behind_https: FlaskClient) -> None:
    held = "; ".join(each.partition(";")[0] for each in _signed_in(behind_https))
    answer = behind_https.get("/", headers={"Cookie": held}, **AT)
    assert '"csrf_token_name":"__Host-_csrf_token"' in answer.get_data(as_text=True)
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_host__that_is_neither_public_nor_loopback_is_refused(behind_https: FlaskClient) -> None:
    assert behind_https.get("/sign-in", base_url="http://evil.example").status_code == 400
    assert behind_https.get("/sign-in", base_url="http://127.0.0.1:8050").status_code == 200


def test_without_a_public_url__no_prefix_that_a_plain_page_could_not_set(
    sign_in: Callable[[str], FlaskClient],
) -> None:
    answer = sign_in("").get("/sign-in")
    assert answer.headers["Set-Cookie"].startswith("dosegate_form=")
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize(
    "url",
    ["dosegate.example", "ftp://a", "https://", "https://a/b", "https://u@a", "https://a:x", "https://a?b"],
)
def test_public_url__that_is_none_is_refused(url: str, installation: Installation) -> None:
    env = {"DOSEGATE_DATA": str(installation.settings.data_folder), "DOSEGATE_PUBLIC_URL": url}
    with pytest.raises(SettingError, match="DOSEGATE_PUBLIC_URL"):
        read_settings(env)
