"""The demo study says on every page and report that all of it is made up; no other installation does."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.web.installation import Installation
from web.house import SYNTHETIC

Person = Callable[[str], FlaskClient]


def _sign_in_page(client: FlaskClient) -> str:
    return client.get("/sign-in").get_data(as_text=True)


def test_demo_study__says_that_it_is_synthetic_before_and_after_sign_in(
    installation: Installation, sign_in: Person
) -> None:
    installation.settings.mark_as_demo()
    assert SYNTHETIC.text in _sign_in_page(sign_in(""))
    client = sign_in("oncologist")
    assert SYNTHETIC.text in client.get("/_dash-layout").get_data(as_text=True)
    assert SYNTHETIC.text in client.get("/no-such-page").get_data(as_text=True)


def test_demo_study__says_so_in_its_reports(
    installation: Installation, sign_in: Person, checked: str
) -> None:
    address = f"/submissions/{checked}/report.html"
    client = sign_in("oncologist")
    assert SYNTHETIC.text not in client.get(address).get_data(as_text=True)
    installation.settings.mark_as_demo()
    assert SYNTHETIC.text in client.get(address).get_data(as_text=True)


def test_another_study__is_not_called_synthetic(sign_in: Person) -> None:
    assert SYNTHETIC.text not in _sign_in_page(sign_in(""))
    assert SYNTHETIC.text not in sign_in("oncologist").get("/_dash-layout").get_data(as_text=True)
