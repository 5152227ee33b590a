"""Looks every moment for sets that are quiet: matched and submitted, or left in the inbox."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from trial_core.errors import TrialError
from trial_core.services.receiving import EndedSet, end_quiet_sets, waiting_bytes
from workers.queue import ring

if TYPE_CHECKING:
    from trial_core.db.session import Database
    from trial_core.settings import Settings
    from workers.receiver.spool import Room

_log = logging.getLogger(__name__)

_MOST_BETWEEN_S = 5.0


class Keeper:
    """Ends quiet sets from a thread, until `stop`.

    Parameters
    ----------
    busy
        Names the senders whose sets are not quiet.
    """

    def __init__(
        self,
        settings: Settings,
        db: Database,
        room: Room,
        *,
        quiet_s: float,
        busy: Callable[[], Collection[str]],
    ) -> None:
        self._settings, self._db, self._room, self._busy = settings, db, room, busy
        self._quiet = timedelta(seconds=quiet_s)
        self._every_s = min(quiet_s / 4, _MOST_BETWEEN_S)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_round, name="keeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for it."""
        self._over.set()
        self._thread.join()

    def look(self) -> tuple[EndedSet, ...]:
        """End what is quiet now, and ring for its checks."""
        ended = end_quiet_sets(self._db, quiet=self._quiet, busy=self._busy())
        for one in ended:
            _say(one)
            if one.ticket is not None:
                ring(self._settings, one.ticket.job_id)
        self._room.set_waiting(waiting_bytes(self._db))
        return ended

    def _go_round(self) -> None:
        while not self._over.is_set():
            try:
                self.look()
            except (SQLAlchemyError, TrialError, OSError) as problem:
                _log.warning("Database or disk did not answer (%s); trying again.", type(problem).__name__)
            self._over.wait(self._every_s)


def _say(one: EndedSet) -> None:
    if one.problem is not None:
        _log.warning(
            "Set %s of %s could not be ended (%s); trying again.", one.set_id, one.ae_title, one.problem
        )
        return
    if one.ticket is not None:
        words = f"submitted as {one.ticket.submission_id}, job {one.ticket.job_id}"
    else:
        words = f"it waits in the inbox: {one.waits_because}"
    _log.info("Set %s of %s is quiet with %d objects: %s.", one.set_id, one.ae_title, one.objects, words)
