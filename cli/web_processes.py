"""Several web processes on one port, by gunicorn: for an installation whose record lies with PostgreSQL."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from typing import TYPE_CHECKING, Any, NoReturn

from gunicorn.app.base import BaseApplication

from cli.output import say

if TYPE_CHECKING:
    from trial_core.settings import Settings

SEVERAL_PROCESSES = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder where processes keep their counts together; prometheus_client reads it when imported."""
THREADS = 8
_FEWEST, _MOST = 2, 8
_REQUEST_S = 120
"""A process that is silent for so long is replaced; requests are shorter, for uploads come in parts."""
_END_S = 30
"""Requests under way may take so long to end once the server is told to."""


class _WebProcesses(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self._settings = settings
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Build the application; called in each process, which opens the database for itself."""
        from trial_core.db.session import Database
        from trial_core.store import Store
        from web.app import create_app
        from web.warming import Warming

        db = Database(
            self._settings.database_url, audit=self._settings.audit_outside(), zone=self._settings.zone
        )
        store = Store(self._settings.store_folder)
        server = create_app(self._settings, db, store).server
        Warming(db, store).start()  # it ends with the process
        return server


def serve_from_processes(
    settings: Settings, listener: socket.socket, processes: int | None, *, said: str
) -> NoReturn:
    """Serve on an open port until Ctrl-C or SIGTERM, then end this process; one that dies is replaced.

    Parameters
    ----------
    processes
        How many; None: one a processor, 2 to 8.
    said
        What to say once the port answers.
    """
    counts = tempfile.mkdtemp(prefix="dosegate-counts-")
    os.environ[SEVERAL_PROCESSES] = counts
    options = {
        "bind": f"fd://{listener.detach()}",
        "workers": processes or min(max(len(os.sched_getaffinity(0)), _FEWEST), _MOST),
        "worker_class": "gthread",
        "threads": THREADS,
        "timeout": _REQUEST_S,
        "graceful_timeout": _END_S,
        "control_socket_disable": True,
        "loglevel": "warning",
        "when_ready": lambda _server: say(said),
        "child_exit": lambda _server, worker: _forget_counts(worker.pid),
        "on_exit": lambda _server: _end(counts),
        # Whose address and scheme a request has is told by DOSEGATE_PUBLIC_URL, never by a header.
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
    }
    _WebProcesses(settings, options).run()
    raise SystemExit


def _forget_counts(process_id: int) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(process_id)  # type: ignore[no-untyped-call]


def _end(counts: str) -> None:
    shutil.rmtree(counts, ignore_errors=True)
    say("Stopped.")
