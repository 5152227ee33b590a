"""A database that is killed under the web and a worker: told in words, and both go on once it is back."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.integration.real_worker import is_over, real_worker, wait_for_job
from tests.trial_core.postgres import running_postgres
from tests.workers.installation import PASSWORD, Installation, installation, small_cfrt_files
from trial_core.domain.jobs import JobState
from trial_core.services import accounts
from web.app import create_app
from web.door.security import SESSION_COOKIE

_WITHIN_S = 30.0


class Server:
    """A PostgreSQL of this test's own, that can be killed and started again as it was."""

    def __init__(self, url: str) -> None:
        self.url = url.format(name="postgres")
        self._folder = Path(str(make_url(self.url).query["host"]))
        self._again: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        """End it and every connection at once, without a word to anybody."""
        lines = (self._folder / "data" / "postmaster.pid").read_text().splitlines()
        os.kill(int(lines[0]), signal.SIGQUIT)
        _wait(lambda: not _answers(self.url))

    def start(self) -> None:
        """Start it with the options that it had."""
        command = shlex.split((self._folder / "data" / "postmaster.opts").read_text())
        self._again = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self._who()
        )
        _wait(lambda: _answers(self.url))

    def _who(self) -> dict[str, Any]:
        owner = self._folder.stat()
        return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}

    def stop(self) -> None:
        """End what was started again."""
        if self._again is not None:
            self._again.send_signal(signal.SIGQUIT)
            self._again.wait(30)


@pytest.fixture
def server() -> Iterator[Server]:
    with running_postgres() as url:
        own = Server(url)
        yield own
        own.stop()


def test_database_that_is_killed__is_told_in_words_and_web_and_worker_go_on(
    tmp_path: Path, server: Server
) -> None:
    with installation(tmp_path, environment={"DOSEGATE_DATABASE_URL": server.url}) as home:
        client = _client(home)
        assert client.get("/subjects").status_code == 200
        environment = {"DOSEGATE_DATA": str(home.settings.data_folder), "DOSEGATE_DATABASE_URL": server.url}
        with real_worker(environment, tmp_path / "worker.log"):
            server.kill()
            page, program = client.get("/subjects"), client.get("/uploads?subject=S01-001")
            server.start()
            _says_so(page)
            assert program.status_code == 503
            assert client.get("/subjects").status_code == 200
            ticket = home.submit(small_cfrt_files())
            assert wait_for_job(home, ticket, is_over).state is JobState.DONE


def _says_so(answer: Any) -> None:
    words = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "The database cannot be reached" in words
    assert "quote" not in words


def _client(home: Installation) -> FlaskClient:
    client: FlaskClient = create_app(home.settings, home.db, home.store).server.test_client()
    token = accounts.sign_in(home.db, login=home.actor.login, password=PASSWORD)
    client.set_cookie(SESSION_COOKIE, token)
    return client


def _answers(url: str) -> bool:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        return True
    except Exception:  # noqa: BLE001 - whatever the driver says: it does not answer
        return False
    finally:
        engine.dispose()


def _wait(until: Any) -> None:
    end = time.monotonic() + _WITHIN_S
    while not until():
        assert time.monotonic() < end
        time.sleep(0.05)
