"""What backup, restore, import-embedded and migrate share: progress shown, refusals as exit status 2."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.errors import CommandError, RefusalCode
from cli.output import say
from cli.progress import StageLog

if TYPE_CHECKING:
    from trial_core.installation.restore import Restored

BROKEN = 1


@contextmanager
def shown() -> Iterator[Callable[[str, int, int], None]]:
    """Show progress; what is refused ends the command in words.

    Raises
    ------
    CommandError
    """
    from sqlalchemy.exc import DatabaseError

    from trial_core.errors import TrialError

    log = StageLog()
    try:
        yield log.note
    except TrialError as problem:
        raise CommandError(problem.message, code=RefusalCode.INPUT_UNUSABLE) from problem
    except DatabaseError as problem:
        # The driver's own words may hold the address with its password, or what is on record.
        words = f"The database refused ({type(problem.orig).__name__}). Look whether it runs and has room."
        raise CommandError(words, code=RefusalCode.INPUT_UNUSABLE) from problem
    finally:
        log.end()


def say_restored(done: Restored) -> int:
    """Say what was put in; 0 where the audit trail is whole."""
    head = done.trail.head
    say(f"{done.rows} rows and {done.files} files are there, each compared with what was taken out.")
    if done.begun_anew:
        say(f"{done.begun_anew} uploads were unfinished: their files have to be sent again.")
    if done.trail.whole:
        say(f"The audit trail is whole: {head.count} entries, head {head.hash}.")
        return 0
    if done.trail.only_rows_differ:
        flaw = (
            f"is whole ({head.count} entries), and the record is not what it tells: it was so when taken out"
        )
    else:
        flaw = f"is broken; it holds up to entry {head.count}"
    say(f"The audit trail {flaw}. `dosegate verify-audit` says where.")
    return BROKEN
