"""The real server of an installation, as its own process, and how much memory it takes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

_READY_WITHIN_S = 120
_LOOK_EVERY_S = 1.0


@dataclass
class Server:
    """A running server: where, and its resident memory over time, in MiB by seconds since the start."""

    port: int
    pid: int
    memory: list[tuple[float, float]] = field(default_factory=list)

    def watch(self, ended: threading.Event) -> None:
        """Note the resident memory every second until the end."""
        began = time.monotonic()
        while not ended.wait(_LOOK_EVERY_S):
            self.memory.append((time.monotonic() - began, resident_mib(self.pid)))


@contextmanager
def served(folder: Path, port: int) -> Iterator[Server]:
    """Serve an installation by `dosegate serve`, without a worker, until the block ends."""
    command = [sys.executable, "-m", "cli.main", "serve", "--no-worker", "--port", str(port)]
    environment = {**os.environ, "DOSEGATE_DATA": str(folder)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    try:
        _wait(process, port)
        yield Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def resident_mib(pid: int) -> float:
    """Give the resident memory of a process, as Linux tells it."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(each for each in status.splitlines() if each.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"dosegate serve ended with {process.returncode}; what it said stands above.")
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/sign-in")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError(f"dosegate serve did not answer within {_READY_WITHIN_S} s.")
