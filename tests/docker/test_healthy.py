"""The image's health check: healthy while the server is ready, or while a worker of this host is heard of."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.workers.installation import Installation, installation
from trial_core.services import presence

SCRIPT = Path(__file__).parents[2] / "docker" / "healthy.py"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("healthy")) as made:
        yield made


def _healthy(home: Installation, *arguments: str) -> tuple[int, str]:
    told = {**os.environ, "DOSEGATE_DATA": str(home.settings.data_folder), "DOSEGATE_PORT": "1"}
    done = subprocess.run(
        [sys.executable, SCRIPT, *arguments], env=told, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.strip()


def _say_present(home: Installation, host: str, ago: timedelta) -> None:
    with home.db.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM worker_presence")
    presence.say_present(
        home.db, name="one", host=host, processors=1, code_version="x", started_at=home.db.now() - ago
    )
    with home.db.transaction() as connection:
        connection.exec_driver_sql("UPDATE worker_presence SET seen_at = started_at")


def test_worker__is_healthy_while_one_of_this_host_is_heard_of(home: Installation) -> None:
    assert _healthy(home, "worker")[0] == 1
    _say_present(home, socket.gethostname(), timedelta(seconds=5))
    assert _healthy(home, "worker") == (0, "healthy")
    _say_present(home, socket.gethostname(), timedelta(minutes=2))
    assert _healthy(home, "worker")[0] == 1
    _say_present(home, "another host", timedelta(seconds=5))
    assert _healthy(home, "worker")[0] == 1


def test_web__that_does_not_answer_is_not_healthy(home: Installation) -> None:
    status, said = _healthy(home, "web")
    assert (status, "does not answer" in said) == (1, True)


def test_arguments__that_are_none_of_these_are_refused(home: Installation) -> None:
    assert _healthy(home)[0] == 2
