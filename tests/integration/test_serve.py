"""`dosegate serve` and `dosegate worker`: one command that starts, watches, restarts and ends its worker."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.command import DOSEGATE, dosegate
from tests.integration.real_worker import is_over, wait_for_job
from tests.workers.installation import installation, small_cfrt_files
from trial_core.domain.jobs import LEASE, JobState
from trial_core.services import jobs
from web.submitting.uploads import REQUEST_BYTES


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _server(data: Path, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "DOSEGATE_DATA": str(data), "DOSEGATE_PORT": str(port)}
    with log.open("wb") as file:
        process = subprocess.Popen([DOSEGATE, "serve"], env=environment, stdout=file, stderr=file)
        try:
            _wait_for(lambda: _answers(port), f"no answer: {log}")
            yield process
        finally:
            process.kill()
            process.wait()


def _wait_for(condition: Callable[[], object], what: str, limit_s: float = 120) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:  # refused, reset or silent
        return False


def _workers_of(process_id: int) -> list[int]:
    children = Path(f"/proc/{process_id}/task").glob("*/children")
    return [int(child) for path in children for child in path.read_text().split()]


def _is_gone(process_id: int) -> bool:
    status = Path(f"/proc/{process_id}/status")
    return not status.exists() or re.search(r"^State:\s+Z", status.read_text(), re.MULTILINE) is not None


@dataclass(frozen=True)
class _Running:
    """A server that nobody disturbs."""

    process_id: int
    port: int
    data: Path


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Running]:
    folder, port = tmp_path_factory.mktemp("running"), _free_port()
    with _server(folder / "data", port, folder / "log") as server:
        yield _Running(server.pid, port, folder / "data")


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_serve__ends_in_order_and_leaves_no_process(tmp_path: Path, sign: signal.Signals) -> None:
    port = _free_port()
    with _server(tmp_path / "data", port, tmp_path / "log") as server:
        _wait_for(lambda: _workers_of(server.pid), "no worker")
        (worker,) = _workers_of(server.pid)
        server.send_signal(sign)
        assert server.wait(60) == 0
        assert _is_gone(worker)
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_serve__ends_at_sigint_also_when_a_script_started_it_in_the_background(tmp_path: Path) -> None:
    port = _free_port()
    environment = {**os.environ, "DOSEGATE_DATA": str(tmp_path / "data"), "DOSEGATE_PORT": str(port)}
    command = f"{DOSEGATE} serve 2>/dev/null & echo $!; wait"  # sh starts it with SIGINT ignored
    with subprocess.Popen(["sh", "-c", command], env=environment, stdout=subprocess.PIPE, text=True) as shell:
        assert shell.stdout is not None
        server = int(shell.stdout.readline())
        _wait_for(lambda: _answers(port), "no answer")
        os.kill(server, signal.SIGINT)
        assert shell.wait(60) == 0


def test_serve__starts_another_worker_and_dies_with_its_worker(tmp_path: Path) -> None:
    with _server(tmp_path / "data", _free_port(), tmp_path / "log") as server:
        _wait_for(lambda: _workers_of(server.pid), "no worker")
        (first,) = _workers_of(server.pid)
        os.kill(first, signal.SIGKILL)
        _wait_for(lambda: set(_workers_of(server.pid)) - {first}, "no second worker")
        (second,) = _workers_of(server.pid)
        server.kill()
        server.wait()
        _wait_for(lambda: _is_gone(second), "the worker outlived its server", limit_s=60)


def test_serve__does_jobs_that_were_waiting(tmp_path: Path) -> None:
    with installation(tmp_path) as home:
        ticket = home.submit({"plan.dcm": b"this is no DICOM file"})
        with _server(home.settings.data_folder, _free_port(), tmp_path / "log"):
            over = wait_for_job(home, ticket, is_over, limit_s=120)
    assert over.state is JobState.DONE


def test_serve__gives_the_job_of_a_killed_worker_to_the_next_long_before_its_lease_ends(
    tmp_path: Path,
) -> None:
    with installation(tmp_path) as home:
        ticket = home.submit(small_cfrt_files())
        with _server(home.settings.data_folder, _free_port(), tmp_path / "log") as server:
            wait_for_job(home, ticket, lambda job: job.stage is not None)
            (worker,) = _workers_of(server.pid)
            os.kill(worker, signal.SIGKILL)
            killed_s = time.monotonic()
            wait_for_job(home, ticket, lambda job: job.attempts == 2)
            assert time.monotonic() - killed_s < LEASE.total_seconds() / 2
            server.send_signal(signal.SIGTERM)  # in the middle of the second attempt
            assert server.wait(60) == 0
        progress = jobs.job_progress(home.db, job_id=ticket.job_id)
        assert (progress.state, progress.attempts) in ((JobState.WAITING, 1), (JobState.DONE, 2))


def test_serve__goes_on_at_once_with_the_job_of_a_server_that_was_killed(tmp_path: Path) -> None:
    with installation(tmp_path) as home:
        ticket = home.submit(small_cfrt_files())
        with _server(home.settings.data_folder, _free_port(), tmp_path / "first.log") as server:
            wait_for_job(home, ticket, lambda job: job.stage is not None)
            server.kill()
            server.wait()
        killed_s = time.monotonic()
        with _server(home.settings.data_folder, _free_port(), tmp_path / "second.log"):
            wait_for_job(home, ticket, lambda job: job.attempts == 2)
            assert time.monotonic() - killed_s < LEASE.total_seconds() / 2


def test_serve__says_that_a_port_is_in_use_and_how_to_choose_another(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = dosegate("serve", "--port", str(port), environment={"DOSEGATE_DATA": str(tmp_path / "data")})
    assert done.returncode == 2
    assert f"Port {port}" in done.stderr
    assert f"--port {port + 1}" in done.stderr
    assert f"DOSEGATE_PORT={port + 1}" in done.stderr


def test_serve__refuses_a_data_folder_that_another_one_serves(running: _Running) -> None:
    done = dosegate("serve", "--port", str(_free_port()), environment={"DOSEGATE_DATA": str(running.data)})
    assert done.returncode == 2
    assert f"process {running.process_id}" in done.stderr
    assert "DOSEGATE_DATA" in done.stderr
    assert _answers(running.port)


def test_serve__listens_on_the_loopback_alone(running: _Running) -> None:
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    assert f"0100007F:{running.port:04X}" in listening
    assert f"00000000:{running.port:04X}" not in listening


def _has_ipv6_loopback() -> bool:
    try:
        with closing(socket.socket(socket.AF_INET6)) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_ipv6_loopback(), reason="this machine has no IPv6 loopback")
def test_serve__on_the_ipv6_loopback_prints_an_address_that_opens(tmp_path: Path) -> None:
    port = _free_port()
    environment = {**os.environ, "DOSEGATE_DATA": str(tmp_path), "DOSEGATE_HOST": "::1"}
    command = (DOSEGATE, "serve", "--no-worker", "--port", str(port))
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        said = server.stderr.readline()
        address = re.search(r"http://\[::1\]:[0-9]+", said)
        assert address is not None, said
        with urllib.request.urlopen(f"{address[0]}/sign-in", timeout=20) as answer:  # noqa: S310
            assert answer.status == 200
        server.terminate()


@pytest.mark.parametrize("host", ["203.0.113.5", "no-such-host.invalid"])
def test_serve__says_that_a_host_is_no_address_of_this_machine(tmp_path: Path, host: str) -> None:
    environment = {"DOSEGATE_DATA": str(tmp_path), "DOSEGATE_HOST": host}
    done = dosegate("serve", "--port", str(_free_port()), environment=environment)
    assert done.returncode == 2
    assert f"DOSEGATE_HOST={host} is no address of this machine" in done.stderr
    assert "--port" not in done.stderr


def test_serve__takes_a_whole_chunk_and_nothing_longer(running: _Running) -> None:
    said = [_answer_to_a_body_of(running.port, size) for size in (REQUEST_BYTES, REQUEST_BYTES + 1)]
    assert "401" in said[0]  # read, and refused because nobody is signed in
    assert "413" in said[1]


def _answer_to_a_body_of(port: int, size_bytes: int) -> str:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as line:
        lines = (
            "PUT /uploads/x/files/y HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Content-Length: {size_bytes}",
        )
        line.sendall("\r\n".join((*lines, "", "")).encode())
        with suppress(ConnectionError):
            line.sendall(bytes(size_bytes))
        return line.recv(64).decode(errors="replace").partition("\r\n")[0]


def test_worker__names_a_setting_that_cannot_be_used(tmp_path: Path) -> None:
    done = dosegate("worker", environment={"DOSEGATE_DATA": str(tmp_path), "DOSEGATE_BROKER_URL": "amqp://x"})
    assert done.returncode == 2
    assert "DOSEGATE_BROKER_URL" in done.stderr
