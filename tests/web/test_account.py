"""A person's own account: a new password, refused or taken; every session ends with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.entering import page_text, send
from tests.web.installation import PASSWORD, Installation
from trial_core.errors import SignInRefused
from trial_core.services import accounts

Person = Callable[[str], FlaskClient]
NEW = "a new one of some length"


def _change(client: FlaskClient, **typed: str) -> str:
    given = {"password": PASSWORD, "new_password": NEW, "new_password_again": NEW} | typed
    return send(client, "/account", "own-password", **given)


@pytest.mark.parametrize("login", ["oncologist", "admin", "statistician"])
def test_account__shows_who_is_signed_in_to_every_role(sign_in: Person, login: str) -> None:
    seen = page_text(sign_in(login), "/account")
    assert "Change your password" in seen
    assert login in seen


def test_new_password__ends_every_session_and_is_the_one_that_signs_in(
    sign_in: Person, installation: Installation
) -> None:
    here, elsewhere = sign_in("oncologist"), sign_in("oncologist")
    assert "/sign-in" in _change(here).replace("\\u002f", "/")
    for client in (here, elsewhere):
        assert client.get("/").status_code in (302, 303)
    with pytest.raises(SignInRefused):
        accounts.sign_in(installation.db, login="oncologist", password=PASSWORD)
    assert accounts.sign_in(installation.db, login="oncologist", password=NEW)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"password": "not-the-password"}, "Not saved"),
        ({"new_password": "short", "new_password_again": "short"}, "Use a password of 12 to 1024"),
        ({"new_password_again": "another one of some length"}, "The two new passwords differ"),
        ({"new_password": PASSWORD, "new_password_again": PASSWORD}, "The new password is the old one"),
        ({"new_password": ""}, "Correct what is marked"),
    ],
)
def test_new_password__that_is_refused_leaves_the_old_one(
    sign_in: Person, installation: Installation, typed: dict[str, str], why: str
) -> None:
    client = sign_in("oncologist")
    assert why in _change(client, **typed)
    assert client.get("/").status_code == 200
    assert accounts.sign_in(installation.db, login="oncologist", password=PASSWORD)
