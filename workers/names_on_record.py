"""Clears the names of files on record: only the files themselves say who the patient is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trial_core.errors import StoredBytesChanged, StoredBytesMissing
from trial_core.services import names_on_record
from workers.pipelines.cleared_names import identities_of
from workers.plan_check_job import SCRATCH, read_stored
from workers.scratch import scratch_folder

if TYPE_CHECKING:
    from trial_core.services.names_on_record import ClearedSet
    from workers.workplace import Workplace


@dataclass(frozen=True)
class ClearedRecord:
    """What was done: sets looked at, those that told a name, and those whose bytes could not be read."""

    looked_at: int
    cleared: dict[str, ClearedSet]
    unreadable: tuple[str, ...]


def clear_record(workplace: Workplace, tell: Callable[[int, int], None]) -> ClearedRecord:
    """Look at every set on record, one after the other; `tell` takes those done and all."""
    cleared: dict[str, ClearedSet] = {}
    unreadable: list[str] = []
    sets = names_on_record.sets_with_files(workplace.db)
    for done, submission_id in enumerate(sets):
        tell(done, len(sets))
        try:
            found = _clear(workplace, submission_id)
        except (StoredBytesMissing, StoredBytesChanged):
            unreadable.append(submission_id)
            continue
        if found.is_touched:
            cleared[submission_id] = found
    tell(len(sets), len(sets))
    return ClearedRecord(len(sets), cleared, tuple(unreadable))


def _clear(workplace: Workplace, submission_id: str) -> ClearedSet:
    sent = names_on_record.files_of(workplace.db, submission_id=submission_id)
    with scratch_folder(workplace.settings.data_folder / SCRATCH) as scratch:
        course = read_stored(workplace.store, sent, scratch, lambda *_: None)
    return names_on_record.clear_names(
        workplace.db, workplace.store, submission_id=submission_id, identities=identities_of(course)
    )
