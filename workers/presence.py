"""Says every few seconds that this worker, or this listener, is there."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from trial_core.code_version import code_version
from trial_core.errors import TrialError
from trial_core.services import presence
from workers.worker_name import worker_name

if TYPE_CHECKING:
    from trial_core.db.session import Database


class Presence:
    """Calls `say` from a thread until `stop`, which calls `say_gone`."""

    def __init__(self, say: Callable[[], object], say_gone: Callable[[], object]) -> None:
        self._say, self._say_gone = say, say_gone
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="presence", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and be taken off the list."""
        self._over.set()
        self._thread.join()
        _try(self._say_gone)

    def _go_on(self) -> None:
        while not self._over.is_set():
            _try(self._say)
            self._over.wait(presence.SAY_EVERY.total_seconds())


def worker_presence(db: Database) -> Presence:
    """Keep this process on the list of workers."""
    name, started_at = worker_name(), db.now()

    def say() -> None:
        presence.say_present(
            db,
            name=name,
            host=socket.gethostname(),
            processors=len(os.sched_getaffinity(0)),
            code_version=code_version(),
            started_at=started_at,
        )

    return Presence(say, lambda: presence.say_gone(db, name=name))


def _try(say: Callable[[], object]) -> None:
    with suppress(
        SQLAlchemyError, TrialError, OSError
    ):  # the reconciler or keeper beside it says what is wrong
        say()
