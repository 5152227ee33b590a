"""`dosegate clear-names`: replace names of files on record that tell whose they are."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from cli.errors import CommandError, RefusalCode
from cli.installation import settings_of_an_installation
from cli.output import say
from cli.progress import StageLog

if TYPE_CHECKING:
    from trial_core.settings import Settings
    from workers.names_on_record import ClearedRecord

UNREADABLE = 1


def run(_arguments: Namespace) -> int:
    """Clear and say; 0 where every set could be read, 1 where the bytes of one are lost."""
    found = _cleared(settings_of_an_installation())
    _say(found)
    return UNREADABLE if found.unreadable else 0


def _cleared(settings: Settings) -> ClearedRecord:
    from trial_core.db.migrate import migrate
    from trial_core.db.session import Database
    from trial_core.errors import TrialError
    from trial_core.store import Store
    from workers.names_on_record import clear_record
    from workers.workplace import Workplace

    log = StageLog()
    try:
        db = Database(settings.database_url, audit=settings.audit_outside(), zone=settings.zone)
        try:
            migrate(db, settings.database_owner_url)
            workplace = Workplace(settings, db, Store(settings.store_folder))
            return clear_record(
                workplace, lambda done, total: log.note("reading sets on record", done, total)
            )
        finally:
            log.end()
            db.close()
    except TrialError as problem:
        raise CommandError(problem.message, code=RefusalCode.INPUT_UNUSABLE) from problem


def _say(found: ClearedRecord) -> None:
    files = sum(each.renamed for each in found.cleared.values())
    again = sum(each.job_id is not None for each in found.cleared.values())
    print(f"{found.looked_at} sets on record, {len(found.cleared)} with names that told whose they are.")
    print(f"{files} files renamed; {again} sets are checked again by the next worker, for their reports.")
    for submission_id in (key for key, each in found.cleared.items() if each.waits):
        say(f"{submission_id}: its report tells a name until it is confirmed; then run this once more.")
    for submission_id in found.unreadable:
        say(f"{submission_id}: its bytes are missing or changed; restore the data folder from its backup.")
