"""A full disk is said as such, wherever it is met."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from tests.web.callbacks import field_key, pattern_key, post_callback
from tests.web.installation import Installation
from trial_core.system_errors import is_full_disk

Person = Callable[[str], FlaskClient]
ROW = {"files": [{"name": f"{i:0200}.dcm", "size": 1} for i in range(500)]}
"""More than fits into the pages that the database has left."""


def _no_more_pages(connection: Any, _record: Any) -> None:
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")


def test_database_without_room__is_a_507_in_words(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission = oncologist.post("/uploads", json={"subject": "S01-001"}).get_json()["submission"]
    installation.db.engine.dispose()
    event.listen(installation.db.engine, "connect", _no_more_pages)
    answer = oncologist.post(f"/uploads/{submission}/files", json=ROW)
    assert answer.status_code == 507
    assert "disk is full" in answer.get_json()["message"]


def test_callback_without_room__says_that_the_disk_is_full(
    oncologist: FlaskClient, installation: Installation
) -> None:
    oncologist.get("/_dash-dependencies")
    installation.db.engine.dispose()
    event.listen(installation.db.engine, "connect", _no_more_pages)
    said = [
        post_callback(
            oncologist,
            '..{"form":"new-subject"',
            {
                pattern_key("n_clicks", type="form-submit", form="new-subject"): 1,
                field_key("new-subject", "code"): f"S01-9{i:02}",
            },
        ).get_data(as_text=True)
        for i in range(40)
    ]
    assert any("disk is full" in one for one in said)
    assert not any("Something went wrong" in one for one in said)


def test_full_disk__is_known_by_its_number_alone() -> None:
    assert is_full_disk(OSError(errno.ENOSPC, "no space"))
    assert not is_full_disk(OSError(errno.EACCES, "no space"))
    assert not is_full_disk(ValueError("no space"))
