"""Health and figures for whoever watches the server: open where needed, with nothing of the trial."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.web.installation import Installation
from trial_core.domain.jobs import JobKind
from trial_core.errors import SettingError
from trial_core.services.watching import note_stages
from trial_core.settings import Settings, read_settings
from web.app import create_app

TOKEN = "a-token-of-enough-characters"


@pytest.fixture
def watched(installation: Installation) -> FlaskClient:
    settings = replace(installation.settings, metrics_token=TOKEN)
    return _client(settings, installation)


def _client(settings: Settings, home: Installation) -> FlaskClient:
    client: FlaskClient = create_app(settings, home.db, home.store).server.test_client()
    return client


def _figures(client: FlaskClient) -> str:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_health__is_told_without_signing_in(sign_in: Callable[[str], FlaskClient]) -> None:
    client = sign_in("")
    assert client.get("/health/live").json == {"live": True}
    ready = client.get("/health/ready")
    assert ready.status_code == 200
    assert ready.json == {"ready": True, "database": True, "store": True}


def test_server_without_its_database__is_alive_and_not_ready(installation: Installation) -> None:
    app = _client(installation.settings, installation)
    file = installation.settings.data_folder / "dosegate.sqlite"
    installation.db.close()
    file.rename(file.with_suffix(".away"))
    try:
        assert app.get("/health/live").status_code == 200
        answer = app.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json is not None
        assert not answer.json["database"]
    finally:
        installation.db.close()
        file.unlink(missing_ok=True)
        file.with_suffix(".away").rename(file)


def test_figures__are_for_the_bearer_of_the_token_alone(
    watched: FlaskClient, sign_in: Callable[[str], FlaskClient]
) -> None:
    assert sign_in("admin").get("/metrics").status_code == 404
    assert watched.get("/metrics").status_code == 401
    assert watched.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert "dosegate_jobs" in _figures(watched)


def test_figures__count_jobs_stages_and_pages_and_name_nobody(
    watched: FlaskClient, installation: Installation
) -> None:
    installation.submit("S01-001", {"a.dcm": b"a"})
    note_stages(installation.db, JobKind.PLAN_CHECK, {"reading": 1.5, "judging": 0.25})
    note_stages(installation.db, JobKind.PLAN_CHECK, {"reading": 0.5})
    watched.get("/subjects/S01-001")
    said = _figures(watched)
    assert 'dosegate_jobs{state="waiting"} 1.0' in said
    assert 'dosegate_stage_seconds_total{kind="plan_check",stage="reading"} 2.0' in said
    assert 'dosegate_stage_times_total{kind="plan_check",stage="reading"} 2.0' in said
    assert re.search(r'dosegate_request_seconds_count\{address="/subjects/\{code\}",method="GET"', said)
    assert "S01" not in said


@pytest.mark.parametrize("token", ["short", "x" * 23, "with\nline" * 4, "äöü" * 10])
def test_weak_token__is_refused(token: str) -> None:
    with pytest.raises(SettingError, match="DOSEGATE_METRICS_TOKEN"):
        read_settings({"DOSEGATE_METRICS_TOKEN": token})
