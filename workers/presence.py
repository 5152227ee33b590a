"""Says every few seconds that this worker is there."""

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
    """Keeps this process on the list of workers, from a thread, until `stop`."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._name, self._started_at = worker_name(), db.now()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="presence", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and take the worker off the list."""
        self._over.set()
        self._thread.join()
        self._try(lambda: presence.say_gone(self._db, name=self._name))

    def _go_on(self) -> None:
        while not self._over.is_set():
            self._try(self._say)
            self._over.wait(presence.SAY_EVERY.total_seconds())

    def _say(self) -> None:
        presence.say_present(
            self._db,
            name=self._name,
            host=socket.gethostname(),
            processors=len(os.sched_getaffinity(0)),
            code_version=code_version(),
            started_at=self._started_at,
        )

    def _try(self, say: Callable[[], None]) -> None:
        with suppress(SQLAlchemyError, TrialError, OSError):  # the reconciler beside it says what is wrong
            say()
