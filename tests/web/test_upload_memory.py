"""A large upload through the real server: its memory stays flat."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.web.installation import PASSWORD, build, open_installation
from trial_core.services import accounts
from web.door.security import CSRF_HEADER, SESSION_COOKIE, csrf_token
from web.submitting.uploads import CHUNK_BYTES

SMALL_BYTES = 96 * 1024**2
LARGE_BYTES = 500 * 1000**2
ROOM_BYTES = 40 * 1024**2


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, requests.Session, int]]:
    """A server without worker: its address, a signed-in session, its process id."""
    home = open_installation(tmp_path, build(tmp_path))
    session = requests.Session()
    token = accounts.sign_in(home.db, login="oncologist", password=PASSWORD)
    session.cookies.set(SESSION_COOKIE, token)
    session.headers[CSRF_HEADER] = csrf_token(token)
    home.db.close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = (sys.executable, "-m", "cli.main", "serve", "--no-worker", "--port", str(port))
    process = subprocess.Popen(
        command, env={**os.environ, "DOSEGATE_DATA": str(tmp_path)}, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url)
        yield url, session, process.pid
    finally:
        session.close()
        process.terminate()
        process.wait(30)


def test_memory__stays_flat_while_a_zip_arrives(server: tuple[str, requests.Session, int]) -> None:
    assert _growth_bytes(server, SMALL_BYTES) < ROOM_BYTES


@pytest.mark.long
def test_memory__stays_flat_while_500_mb_arrive(server: tuple[str, requests.Session, int]) -> None:
    assert _growth_bytes(server, LARGE_BYTES) < ROOM_BYTES


def _growth_bytes(server: tuple[str, requests.Session, int], total: int) -> int:
    """Upload `total` bytes; give how much the process's highest memory rose over its start."""
    url, session, pid = server
    _upload(url, session, "warm-up.bin", CHUNK_BYTES)
    before, begun = _memory_bytes(pid, "VmRSS"), time.monotonic()
    _upload(url, session, "course.zip", total)
    rate = total / (time.monotonic() - begun) / 1e6
    peak = _memory_bytes(pid, "VmHWM")
    print(
        f"{total / 1e6:.0f} MB at {rate:.0f} MB/s; memory {before / 1e6:.0f} MB, {peak / 1e6:.0f} MB at most"
    )
    return peak - before


def _upload(url: str, session: requests.Session, name: str, total: int) -> None:
    submission = session.post(f"{url}/uploads", json={"subject": "S01-001"}).json()["submission"]
    files = {"files": [{"name": name, "size": total}]}
    upload = session.post(f"{url}/uploads/{submission}/files", json=files).json()["files"][0]["upload"]
    chunk = os.urandom(CHUNK_BYTES)
    for offset in range(0, total, CHUNK_BYTES):
        body = chunk[: min(CHUNK_BYTES, total - offset)]
        answer = session.put(
            f"{url}/uploads/{submission}/files/{upload}", params={"offset": offset}, data=body
        )
        assert answer.status_code == 200, answer.text
    assert answer.json()["complete"]


def _memory_bytes(pid: int, field: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


def _wait(url: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            assert requests.get(f"{url}/sign-in", timeout=30).ok
            return
        except requests.ConnectionError:
            assert time.monotonic() < end, "the server did not answer"
            time.sleep(0.2)
