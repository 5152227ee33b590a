"""PostgreSQL and Redis by two addresses: several web processes on one port, several workers, all drained."""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import pytest

from tests.cli.command import DOSEGATE, dosegate
from tests.integration.real_worker import is_over, wait_for_job
from tests.workers.installation import PASSWORD, Installation, installation, small_cfrt_files
from trial_core.domain.jobs import JobState
from workers.queue import ring


@dataclass(frozen=True)
class Services:
    """An installation on PostgreSQL and Redis, and what its commands need in their environment."""

    home: Installation
    environment: dict[str, str]


@pytest.fixture(scope="module")
def services(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str, postgresql_url: str
) -> Iterator[Services]:
    servers = {"DOSEGATE_BROKER_URL": redis_url, "DOSEGATE_DATABASE_URL": postgresql_url}
    with installation(tmp_path_factory.mktemp("services"), environment=servers) as home:
        yield Services(home, {**servers, "DOSEGATE_DATA": str(home.settings.data_folder)})


@contextmanager
def _running(services: Services, log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as file:
        command = (str(DOSEGATE), *arguments)
        environment = {**os.environ, **services.environment}
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def _wait_for(condition: Callable[[], object], what: str, limit_s: float = 120) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def _children(process: subprocess.Popen[bytes]) -> set[int]:
    children = Path(f"/proc/{process.pid}/task").glob("*/children")
    return {int(child) for path in children for child in path.read_text().split()}


def _free_port() -> int:
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Person:
    """A browser without a window."""

    def __init__(self, port: int) -> None:
        self._home = f"http://127.0.0.1:{port}"
        self._open = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        ).open

    def get(self, path: str) -> str:
        with self._open(f"{self._home}{path}", timeout=30) as answer:
            assert answer.status == 200
            return str(answer.read().decode())

    def sign_in(self, login: str) -> None:
        token = re.search(r'name="form_token" value="([^"]+)"', self.get("/sign-in"))
        assert token is not None
        form = {"login": login, "password": PASSWORD, "form_token": token[1], "next": "/"}
        with self._open(f"{self._home}/sign-in", urllib.parse.urlencode(form).encode(), timeout=30) as answer:
            assert "/sign-in" not in answer.url

    def is_signed_in(self) -> bool:
        with self._open(f"{self._home}/", timeout=30) as answer:
            return "/sign-in" not in str(answer.url)


def _answers(person: _Person) -> bool:
    try:
        return bool(person.get("/sign-in"))
    except OSError:
        return False


def test_serve__answers_from_several_processes_and_replaces_one_that_was_killed(
    services: Services, tmp_path: Path
) -> None:
    port = _free_port()
    log = tmp_path / "log"
    with _running(services, log, "serve", "--processes", "2", "--port", str(port)) as server:
        person = _Person(port)
        _wait_for(lambda: _answers(person), "no answer")
        person.sign_in(services.home.actor.login)
        assert all(person.is_signed_in() for _ in range(12))  # whichever process answers
        first = _children(server)
        assert len(first) == 2
        os.kill(min(first), signal.SIGKILL)
        _wait_for(lambda: len(_children(server) - first) == 1, "no other process")
        assert all(person.is_signed_in() for _ in range(12))
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
    assert "Traceback" not in log.read_text()
    assert f"Serving http://127.0.0.1:{port}" in log.read_text()


def test_workers__do_the_jobs_and_end_with_status_0_leaving_none_behind(
    services: Services, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with _running(services, log, "worker", "--concurrency", "2") as group:
        ticket = services.home.submit(small_cfrt_files())
        assert ring(services.home.settings, ticket.job_id)
        over = wait_for_job(services.home, ticket, is_over)
        assert over.state is JobState.DONE
        _wait_for(lambda: len(_children(group)) == 2, "not two workers")
        (one, other) = (os.sched_getaffinity(each) for each in _children(group))
        if len(os.sched_getaffinity(0)) > 1:
            assert not one & other
        workers = _children(group)
        group.send_signal(signal.SIGTERM)
        assert group.wait(60) == 0
    assert not any(Path(f"/proc/{each}").exists() for each in workers)


def test_serve__with_the_embedded_database_takes_one_process(tmp_path: Path) -> None:
    done = dosegate("serve", "--processes", "2", environment={"DOSEGATE_DATA": str(tmp_path)})
    assert done.returncode == 2
    assert "PostgreSQL" in done.stderr
    assert "import-embedded" in done.stderr


@pytest.mark.parametrize("count", ["0", "x", "1000"])
def test_worker__refuses_a_count_that_is_none(tmp_path: Path, count: str) -> None:
    done = dosegate("worker", "--concurrency", count, environment={"DOSEGATE_DATA": str(tmp_path)})
    assert done.returncode == 2
    assert "--concurrency" in done.stderr
