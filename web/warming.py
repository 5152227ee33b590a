"""What the first pages after a start, or of a day, would wait for: derived beside the server, in a thread."""

from __future__ import annotations

import logging
import threading
from datetime import date

from sqlalchemy.exc import SQLAlchemyError

from trial_core.db.session import Database
from trial_core.errors import TrialError
from trial_core.services.everybody import derive_everybody
from trial_core.services.sums_to_review import read_reports
from trial_core.store import Store
from web.reading.study_protocol import protocol

LOOK_EVERY_S = 60.0
_BREATH_S = 0.001
"""Between two subjects: whoever opens a page goes first."""

_log = logging.getLogger("web.warming")


class Warming:
    """Derives for everybody at the start and whenever a day begins, until it is ended.

    It is no one's gate: a page that comes before it is ready derives what it needs itself.
    """

    def __init__(self, db: Database, store: Store) -> None:
        self._db = db
        self._store = store
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warming", daemon=True)

    def start(self) -> None:
        """Begin, beside whatever the process does."""
        self._thread.start()

    def end(self) -> None:
        """Stop, and wait until the database is left alone."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        done: date | None = None
        while not self._ended.is_set():
            done = self._derived(done)
            self._ended.wait(LOOK_EVERY_S)

    def _derived(self, done: date | None) -> date | None:
        """Derive where a day has begun; give the day for which all is derived."""
        today = self._db.today()
        if today == done:
            return done
        try:
            whole = derive_everybody(self._db, protocol=protocol(), goes_on=self._goes_on)
            read_reports(self._db, self._store, goes_on=self._goes_on)
        except (SQLAlchemyError, TrialError, OSError) as problem:
            # The page that needs it says what is wrong; here it is tried again in a minute.
            _log.warning("deriving ahead was given up: %s", type(problem).__name__)
            return done
        return today if whole else done

    def _goes_on(self) -> bool:
        return not self._ended.wait(_BREATH_S)
