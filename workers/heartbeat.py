"""The heartbeat of a job: renews its lease from a thread while the work goes on, with stage and progress."""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sqlalchemy.exc import SQLAlchemyError

from trial_core.domain.jobs import LEASE, Claim
from trial_core.errors import LeaseLost
from trial_core.services import jobs
from trial_core.system_errors import RecordSilent

if TYPE_CHECKING:
    from trial_core.db.session import Database

BEAT_S = LEASE.total_seconds() / 6
WRITE_EVERY_S = 1.0

_log = logging.getLogger(__name__)


class StoppedError(Exception):
    """The worker was asked to end while the job ran; the job goes back to the table."""


class Heartbeat:
    """Keeps a claim alive; use as a context manager around the work.

    Parameters
    ----------
    db, claim
        Whose lease to renew.
    stop
        Set when the worker is asked to end: the next `note` raises `StoppedError`.
    beat_s
        Time between two renewals; far below the lease.
    """

    def __init__(self, db: Database, claim: Claim, stop: threading.Event, *, beat_s: float = BEAT_S) -> None:
        self._db = db
        self._stop = stop
        self._beat_s = beat_s
        self._claim = claim
        self._progress: tuple[str, int, int] | None = None
        self._stage_began_s = time.monotonic()
        self._stage_seconds: dict[str, float] = {}
        self._renewing = threading.Lock()
        self._written_at_s = -WRITE_EVERY_S
        self._lost = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    @property
    def claim(self) -> Claim:
        """The claim as it was last renewed."""
        return self._claim

    def note(self, stage: str, done: int, total: int) -> None:
        """Take the pipeline's progress; a new stage is written at once, steps once a second.

        Raises
        ------
        LeaseLost
            the job belongs to someone else by now: all further work would be for nothing.
        StoppedError
            this worker was asked to end.
        """
        if self._lost:
            raise LeaseLost(self._claim.job_id)
        if self._stop.is_set():
            raise StoppedError
        new_stage = self._progress is None or self._progress[0] != stage
        if new_stage:
            self._end_stage()
        self._progress = (stage, done, total)
        if new_stage or time.monotonic() - self._written_at_s >= WRITE_EVERY_S:
            try:
                self._renew()
            except RecordSilent:
                _log.warning("Job %s goes on while the record does not answer.", self._claim.job_id)

    def stage_seconds(self) -> dict[str, float]:
        """How long each stage took so far, the one under way among them."""
        self._end_stage()
        return dict(self._stage_seconds)

    def _end_stage(self) -> None:
        now_s = time.monotonic()
        if self._progress is not None:
            stage = self._progress[0]
            self._stage_seconds[stage] = self._stage_seconds.get(stage, 0.0) + now_s - self._stage_began_s
        self._stage_began_s = now_s

    def _beat(self) -> None:
        while not self._over.wait(self._beat_s):
            try:
                self._renew()
            except LeaseLost:
                self._lost = True
                return
            except (SQLAlchemyError, RecordSilent) as problem:
                # A database away for a moment is no reason to drop the work; the lease covers several beats.
                _log.warning("Heartbeat of job %s missed: %s", self._claim.job_id, type(problem).__name__)

    def _renew(self) -> None:
        with self._renewing:
            stage, done, total = self._progress or (None, 0, 0)
            self._claim = jobs.renew(self._db, claim=self._claim, stage=stage, done=done, total=total)
            self._written_at_s = time.monotonic()
