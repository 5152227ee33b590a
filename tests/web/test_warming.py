"""What the first pages would wait for is derived beside the server; and a lost report is not forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.a_report import with_a_sum
from tests.web.callbacks import post_callback
from tests.web.installation import Installation
from trial_core.db.session import Database
from trial_core.services import each_subject, everybody
from web import warming
from web.reading.study_protocol import protocol
from web.warming import Warming


def _wait(until: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not until():
        assert time.monotonic() < ends, "nothing was derived"
        time.sleep(0.01)


def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> dict[Hashable, Any]:
    kept: dict[Hashable, Any] = {}
    monkeypatch.setattr(each_subject, "_kept", kept)
    return kept


def test_server__derives_at_the_start_and_again_when_a_day_begins(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "LOOK_EVERY_S", 0.02)
    kept = _nothing_kept(monkeypatch)
    days: list[object] = []
    derive = everybody.derive_everybody

    def noted(db: Database, **how: Any) -> bool:
        days.append(db.today())
        return derive(db, **how)

    monkeypatch.setattr(warming, "derive_everybody", noted)
    now = installation.db.now()
    beside = Warming(installation.db, installation.store)
    beside.start()
    try:
        _wait(lambda: len(days) == 1 and len(kept) >= 3)
        monkeypatch.setattr(installation.db, "now", lambda: now + timedelta(days=1))
        _wait(lambda: len(days) == 2)
    finally:
        beside.end()
    assert len(set(days)) == 2


def test_pages__derive_nothing_once_it_is_done(
    installation: Installation, oncologist: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = _nothing_kept(monkeypatch)
    assert everybody.derive_everybody(installation.db, protocol=protocol(), goes_on=lambda: True)
    derived = dict(kept)
    assert derived
    for path in ("/", "/toxicity", "/study/populations"):
        post_callback(oncologist, "..frame-page.children", {"frame-location.pathname": path})
    assert all(kept[key] is value for key, value in derived.items())
    assert kept.keys() == derived.keys()


def test_deriving__stops_where_the_server_ends(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = _nothing_kept(monkeypatch)
    assert not everybody.derive_everybody(installation.db, protocol=protocol(), goes_on=lambda: False)
    assert len(kept) == 1


def test_work_list__says_that_a_sum_needs_review_once_its_lost_report_is_back(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission_id, job_id = installation.submit("S01-001", {"a.dcm": b"a"})
    installation.check(job_id, report=with_a_sum(needs_review=True))
    installation.confirm(submission_id)

    def listed() -> str:
        sent = post_callback(oncologist, "..frame-page.children", {"frame-location.pathname": "/plans"})
        return sent.get_data(as_text=True)

    reports = [
        each
        for each in installation.store.folder.rglob("*")
        if each.is_file() and b'"needs_review":true' in each.read_bytes()
    ]
    assert reports
    data = {each: each.read_bytes() for each in reports}
    for each in reports:
        each.unlink()
    assert "sum needs review" not in listed()
    for each, bytes_of in data.items():
        each.write_bytes(bytes_of)
    assert "sum needs review" in listed()
