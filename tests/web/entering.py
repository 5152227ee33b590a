"""Send the forms of a subject's pages as a browser would: what stands in them, and what a person changed."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient

from tests.web.callbacks import dependencies, field_key, pattern_key, payload
from tests.web.page_values import values_of


def page_text(client: FlaskClient, path: str) -> str:
    """Give a page as text."""
    body = payload(_page_callback(client), {"frame-location.pathname": path})
    answer = client.post("/_dash-update-component", json=body)
    return answer.get_data(as_text=True).replace("\\u002f", "/")


def send(client: FlaskClient, path: str, form: str, **typed: Any) -> str:
    """Send a form of a page with what is typed; gives the answer as text.

    What stands in the form is sent, too; fields of patterns are named with `_` for `-`.
    """
    values = {
        **values_of(client, path, typed=False),
        **{_key(form, name, value): value for name, value in typed.items()},
    }
    output = pattern_key("children", type="form-answer", form=form)
    entry = next(each for each in dependencies(client) if output in each["output"])
    answer = client.post("/_dash-update-component", json=payload(entry, values))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True).replace("\\u002f", "/")


def went_to(answer: str) -> str:
    """Give the address that a saved form went on to."""
    found = re.search(r'"href": ?"(/subjects/[^"]+)"', answer)
    assert found, answer
    return found.group(1)


def _page_callback(client: FlaskClient) -> dict[str, Any]:
    return next(each for each in dependencies(client) if each["output"].startswith("..frame-page.children"))


def _key(form: str, name: str, value: Any) -> str:
    field = name.replace("_", "-")
    if "password" in field:
        return field_key(form, field, kind="secret")
    if isinstance(value, bool):
        return field_key(form, field, kind="tick", prop="checked")
    return field_key(form, field, kind="ticks" if isinstance(value, list) else "field")
