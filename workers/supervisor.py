"""Keeps one worker process alive: start, watch, restart with patience, stop."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from trial_core.system_errors import RecordSilent
from workers.worker_name import VARIABLE, new_worker_name

_log = logging.getLogger(__name__)


def _nothing(_name: str) -> None:
    """Leave it at that."""


@dataclass(frozen=True)
class Told:
    """Who is told of a worker, by its name.

    Attributes
    ----------
    start
        Called before a worker starts.
    end
        Called once one that died by itself is gone, to take back what it held; where that fails, the lease of
        its job runs out by itself.
    stop
        Called once one that the supervisor ended is gone: what it held was no failed attempt.
    """

    start: Callable[[str], object] = _nothing
    end: Callable[[str], object] = _nothing
    stop: Callable[[str], object] = _nothing


@dataclass(frozen=True)
class Patience:
    """How long the supervisor waits.

    Attributes
    ----------
    first_restart_s, longest_restart_s
        Wait before the first restart; it doubles with each death in a row, up to the longest.
    healthy_s
        A worker that lived this long has earned a fresh start: the wait begins anew.
    stop_s
        How long a worker may take to put its job down before it is killed.
    """

    first_restart_s: float = 0.5
    longest_restart_s: float = 30.0
    healthy_s: float = 60.0
    stop_s: float = 8.0


class WorkerSupervisor:
    """Starts the embedded worker and keeps it running until `stop`.

    Parameters
    ----------
    command
        What starts a worker; default: `embedded_worker_command()`.
    environment
        Its environment; default: this process's, with numba's fork-safe threading layer.
    patience
        How long to wait for what.
    told
        Who is told when a worker starts and when it is gone.
    processors
        Where a worker may run; None: wherever this process may.
    """

    def __init__(
        self,
        command: Sequence[str] | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        patience: Patience | None = None,
        told: Told | None = None,
        processors: Collection[int] | None = None,
    ) -> None:
        self._processors = processors
        self._command = list(command or embedded_worker_command())
        self._environment = dict(environment or worker_environment())
        self._patience = patience or Patience()
        self._told = told or Told()
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_alive, name="worker-supervisor", daemon=True)

    def start(self) -> None:
        """Start the worker and watch it from a thread."""
        self._thread.start()

    def tell_to_stop(self) -> None:
        """Let the worker be ended, and wait for nothing."""
        self._stopping.set()

    def stop(self) -> None:
        """Ask the worker to end, kill it when it takes too long, and wait until it is gone."""
        self.tell_to_stop()
        self._thread.join()

    @property
    def worker_id(self) -> int | None:
        """Process id of the worker that runs now, None between two."""
        child = self._child
        return child.pid if child and child.poll() is None else None

    # The kernel ends the worker when the *thread* that started it ends: this thread starts and watches it.
    def _keep_alive(self) -> None:
        wait_s = self._patience.first_restart_s
        while not self._stopping.is_set():
            started_s = time.monotonic()
            name = new_worker_name()
            self._tell(self._told.start, name)
            self._child = self._spawn(name)
            status = self._watch(self._child)
            if status is None:
                self._end(self._child)
                self._tell(self._told.stop, name)
                return
            self._tell(self._told.end, name)
            if time.monotonic() - started_s >= self._patience.healthy_s:
                wait_s = self._patience.first_restart_s
            _log.warning("The worker ended with status %s; a new one starts in %.1f s.", status, wait_s)
            self._stopping.wait(wait_s)
            wait_s = min(2 * wait_s, self._patience.longest_restart_s)

    def _spawn(self, name: str) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which ends the worker.
        child = subprocess.Popen(  # noqa: S603 - our own command, no shell
            self._command,
            env={**self._environment, VARIABLE: name},
            stdin=subprocess.DEVNULL,
            stdout=2,
            start_new_session=True,
        )
        if self._processors is not None:
            with suppress(ProcessLookupError):  # it ended at once: the watch will see
                os.sched_setaffinity(child.pid, self._processors)
        return child

    def _tell(self, listener: Callable[[str], object], name: str) -> None:
        try:
            listener(name)
        except (SQLAlchemyError, RecordSilent, OSError) as problem:
            # The worker goes on, or is gone, all the same; the lease of a job runs out by itself.
            _log.warning("Database or disk did not take note of a worker (%s).", type(problem).__name__)

    def _watch(self, child: subprocess.Popen[bytes]) -> int | None:
        """Give the status of a worker that died by itself, or None when it is to be ended."""
        while child.poll() is None:
            if self._stopping.wait(0.1):
                return None
        return child.returncode

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        child.terminate()
        try:
            child.wait(self._patience.stop_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def embedded_worker_command() -> list[str]:
    """Give the command of a worker that ends with this process."""
    return [sys.executable, "-P", "-m", "workers.worker_process", "--parent", str(os.getpid())]


def worker_environment() -> dict[str, str]:
    """Give this process's environment, with the threading layer that is safe whatever forks."""
    return {"NUMBA_THREADING_LAYER": "workqueue", **os.environ}
