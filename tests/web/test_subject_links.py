"""Two sites with one code: a central reader's links lead to the right subject, not to a question."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from flask.testing import FlaskClient

from tests.web.callbacks import post_callback
from tests.web.installation import PASSWORD, Installation
from trial_core.domain.access import SYSTEM, Role
from trial_core.services import accounts, subjects

CODE = "S01-001"


def _page(client: FlaskClient, path: str) -> str:
    answer = post_callback(client, "..frame-page.children", {"frame-location.pathname": path})
    return json.dumps(answer.get_json(), ensure_ascii=False).replace("\\u002f", "/")


def _links_to_subjects(page: str) -> list[str]:
    return re.findall(r'"(?:href|subject_href)": ?"(/subjects/[^"]*S01-001)"', page)


def test_links__of_a_central_reader_name_the_site(
    sign_in: Callable[[str], FlaskClient], installation: Installation, checked: str
) -> None:
    subjects.create_subject(installation.db, installation.people["stranger"], code=CODE)
    accounts.create_user(
        installation.db, SYSTEM, login="monitor", password=PASSWORD, role=Role.MONITOR, full_name="Monitor"
    )
    client = sign_in("monitor")
    assert _links_to_subjects(_page(client, "/subjects")) == [
        f"/subjects/S01:{CODE}",
        f"/subjects/S02:{CODE}",
    ]
    for path in ("/plans", f"/submissions/{checked}", f"/submissions/{checked}/report"):
        assert _links_to_subjects(_page(client, path)) == [f"/subjects/S01:{CODE}"], path
    assert f"/submissions/{checked}" in _page(client, f"/subjects/S01:{CODE}")


def test_links__at_a_site_are_by_code_alone(oncologist: FlaskClient, checked: str) -> None:
    assert f"/subjects/{CODE}" in _links_to_subjects(_page(oncologist, "/subjects"))
    assert _links_to_subjects(_page(oncologist, f"/submissions/{checked}")) == [f"/subjects/{CODE}"]
