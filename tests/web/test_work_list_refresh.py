"""The work list while it is looked at: what has changed is sent at once, what has not is not sent again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.web.callbacks import post_callback
from tests.web.installation import Installation


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, installation: Installation) -> list[datetime]:
    """Hold the clock at the moment that the list holds."""
    held = [datetime.now(UTC).replace(second=0, microsecond=0)]
    monkeypatch.setattr(installation.db, "now", lambda: held[0])
    return held


def _refresh(client: FlaskClient, shown: str | None) -> tuple[str | None, str]:
    """Give the name of what is shown now, None where nothing was sent, and all that was."""
    values = {"plans-refresh.n_intervals": 1, "plans-shown.data": shown}
    answer = post_callback(client, "..plans-grid.rowData", values)
    if answer.status_code == 204:
        return None, ""
    assert answer.status_code == 200
    return answer.get_json()["response"]["plans-shown"]["data"], answer.get_data(as_text=True)


def test_list_that_did_not_change__is_not_sent_again(
    oncologist: FlaskClient, checked: str, clock: list[datetime]
) -> None:
    page = post_callback(oncologist, "..frame-page.children", {"frame-location.pathname": "/plans"})
    shown, sent = _refresh(oncologist, None)
    assert checked in sent
    assert json.dumps(shown) in page.get_data(as_text=True)
    assert _refresh(oncologist, shown) == (None, "")
    clock[0] += timedelta(seconds=59)
    assert _refresh(oncologist, shown) == (None, "")


def test_ages__are_sent_once_a_minute(oncologist: FlaskClient, checked: str, clock: list[datetime]) -> None:
    shown, _ = _refresh(oncologist, None)
    clock[0] += timedelta(minutes=1)
    assert checked in _refresh(oncologist, shown)[1]


def test_new_submission_and_new_state__are_sent_at_once(
    oncologist: FlaskClient, installation: Installation, checked: str, clock: list[datetime]
) -> None:
    assert clock
    shown, _ = _refresh(oncologist, None)
    added, job_id = installation.submit("S01-001", {"b.dcm": b"b"})
    shown, sent = _refresh(oncologist, shown)
    assert added in sent
    installation.check(job_id, seed="b")
    assert added in _refresh(oncologist, shown)[1]
    shown, _ = _refresh(oncologist, None)
    installation.confirm(checked)
    after, sent = _refresh(oncologist, shown)
    assert checked in sent
    assert _refresh(oncologist, after) == (None, "")


def test_another_persons_list__is_not_taken_for_ones_own(
    oncologist: FlaskClient, sign_in: Callable[[str], FlaskClient], checked: str, clock: list[datetime]
) -> None:
    assert clock
    shown, _ = _refresh(oncologist, None)
    own, sent = _refresh(sign_in("stranger"), shown)
    assert own not in (None, shown)
    assert checked not in sent
