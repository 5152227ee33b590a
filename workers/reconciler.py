"""Rings again for what nobody heard; gives up uploads that nobody goes on with, and sessions that expired;
removes what killed workers left on disk; notes every hour outside the database how far the audit trail
has come.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from trial_core.services import accounts, audit_trail, jobs, uploads
from trial_core.system_errors import RecordSilent
from workers.plan_check_job import SCRATCH
from workers.queue import ring
from workers.scratch import sweep

if TYPE_CHECKING:
    from trial_core.db.session import Database
    from trial_core.settings import Settings
    from trial_core.store import Store

PERIOD_S = 2.0
TIDY_EVERY_S = 3600.0
RING_AGAIN_S = 30.0
"""A job that waits behind a long one is not rung for at each round: the queue would fill with copies."""

_log = logging.getLogger(__name__)


class Reconciler:
    """Looks at the job table every few seconds from a thread of the worker, until `stop`."""

    def __init__(self, settings: Settings, db: Database, store: Store) -> None:
        self._settings = settings
        self._db = db
        self._store = store
        self._tidied_at_s = -TIDY_EVERY_S
        self._rung_at_s: dict[str, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_round, name="reconciler", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for it."""
        self._over.set()
        self._thread.join()

    def reconcile(self) -> tuple[str, ...]:
        """Take expired jobs back, ring for every due one that was not rung for lately, and name those."""
        jobs.expire(self._db)
        due = jobs.due(self._db)
        now_s = time.monotonic()
        self._rung_at_s = {job: at for job, at in self._rung_at_s.items() if job in due}
        silent = [job for job in due if now_s - self._rung_at_s.get(job, -RING_AGAIN_S) >= RING_AGAIN_S]
        return tuple(job for job in silent if self._ring(job, now_s))

    def tidy(self) -> tuple[str, ...]:
        """Give up uploads that nobody has sent to for a day, and expired sessions, once an hour.

        Returns the ids of the submissions that were given up.
        """
        if time.monotonic() - self._tidied_at_s < TIDY_EVERY_S:
            return ()
        self._tidied_at_s = time.monotonic()
        accounts.expire_sessions(self._db)
        return uploads.expire_uploads(self._db, self._store)

    def sweep(self) -> int:
        """Remove the patient files that killed workers left in their scratch folders, and say of how many."""
        return sweep(self._settings.data_folder / SCRATCH, jobs.workers_at_work(self._db))

    def _ring(self, job_id: str, now_s: float) -> bool:
        if not ring(self._settings, job_id):
            return False
        self._rung_at_s[job_id] = now_s
        return True

    def _go_round(self) -> None:
        while not self._over.is_set():
            self.look_at_all()
            self._over.wait(PERIOD_S)

    def look_at_all(self) -> None:
        """Go round once: what one look meets keeps the others from nothing, as long as the record answers."""
        for look in (self.reconcile, self.sweep, self.tidy, lambda: audit_trail.add_anchor_if_due(self._db)):
            try:
                look()
            except RecordSilent as problem:
                _log.warning("The record did not answer (%s); trying again.", type(problem).__name__)
                return
            except (SQLAlchemyError, OSError) as problem:
                _log.warning("Database or disk refused (%s); trying again.", type(problem).__name__)
            except Exception as problem:  # noqa: BLE001 - a thread that ends leaves rings and leases to nobody
                _log.error("A look at the jobs broke off (%s); trying again.", type(problem).__name__)
