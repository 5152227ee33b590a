"""The one worker that a data folder's server has: its name is noted before it starts.

Who holds the data folder's lock knows that no worker noted there lives: each dies with its server. So the
next server takes back at once what a killed one held, and need not wait for the lease to run out.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from trial_core.services.jobs import expire_worker

if TYPE_CHECKING:
    from trial_core.db.session import Database

_FILE = "worker-name"
_log = logging.getLogger(__name__)


def note_worker(data_folder: Path, name: str) -> None:
    """Note a worker that is about to start in place of the one before it."""
    draft = data_folder / f"{_FILE}.draft"
    draft.write_text(f"{name}\n", encoding="utf-8")
    draft.replace(data_folder / _FILE)


def take_back_from_killed(data_folder: Path, db: Database) -> tuple[str, ...]:
    """Take back what the noted worker held; only for the holder of the data folder, before it starts another.

    Returns the ids of the jobs that wait again.
    """
    try:
        name = (data_folder / _FILE).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ()
    waiting = expire_worker(db, worker=name) if name else ()
    if waiting:
        _log.warning("An earlier server was killed; its worker's job waits again: %s.", ", ".join(waiting))
    return waiting
