"""An installation in a temporary folder and clients that are signed in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Response, request
from flask.testing import FlaskClient

from tests.web.installation import PASSWORD, Installation, build, open_installation
from tests.web.rendered import lists_in_lists
from trial_core.domain.access import Actor
from trial_core.services import accounts
from web.app import create_app
from web.door.security import CSRF_HEADER, SESSION_COOKIE, csrf_token


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Actor]]:
    """An installation with its people, built once; each test works on a copy."""
    folder = tmp_path_factory.mktemp("installation")
    return folder, build(folder)


@pytest.fixture
def installation(built: tuple[Path, dict[str, Actor]], tmp_path: Path) -> Iterator[Installation]:
    folder, people = built
    shutil.copytree(folder, tmp_path / "data")
    home = open_installation(tmp_path / "data", people)
    yield home
    home.db.close()


@pytest.fixture
def sign_in(installation: Installation) -> Iterator[Callable[[str], FlaskClient]]:
    """Give a client of a person; of a stranger without session for "". No answer may break a browser off."""
    server = create_app(installation.settings, installation.db, installation.store).server
    broken: list[object] = []

    @server.after_request
    def look(response: Response) -> Response:
        if request.path == "/_dash-update-component" and response.is_json:
            broken.extend(lists_in_lists(response.get_json()))
        return response

    def as_person(login: str) -> FlaskClient:
        client: FlaskClient = server.test_client()
        if login:
            token = accounts.sign_in(installation.db, login=login, password=PASSWORD)
            client.set_cookie(SESSION_COOKIE, token)
            client.environ_base[f"HTTP_{CSRF_HEADER.upper().replace('-', '_')}"] = csrf_token(token)
        return client

    yield as_person
    assert broken == []


@pytest.fixture
def oncologist(sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    return sign_in("oncologist")


@pytest.fixture
def checked(installation: Installation) -> str:
    """A submission whose check is done and whose identity waits for a person."""
    submission_id, job_id = installation.submit("S01-001", {"a.dcm": b"a"})
    installation.check(job_id)
    return submission_id
