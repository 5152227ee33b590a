"""`dosegate recheck`: have the plans on record checked again, as after an amendment, and watch it."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from cli.installation import settings_of_an_installation
from cli.keeping import shown
from cli.output import say

if TYPE_CHECKING:
    from trial_core.db.session import Database
    from trial_core.services.recheck_many import Course
    from trial_core.settings import Settings

FAILED = 1
_LOOK_EVERY_S = 1.0
_STOP = "Stop the workers, start them with this program, and ask again."


def run(arguments: Namespace) -> int:
    """Let the re-checks wait for the workers; with --wait until they are done, 1 where one failed."""
    settings = settings_of_an_installation()
    from trial_core.db.session import Database

    with (
        shown(),
        closing(Database(settings.database_url, audit=settings.audit_outside(), zone=settings.zone)) as db,
    ):
        asked = _ask(settings, db, arguments)
        if asked:
            _say_who_works(db)
        return _wait(db, arguments, asked) if arguments.wait and asked else 0


def _chosen(db: Database, arguments: Namespace, *, anew: bool) -> tuple[str, ...]:
    from trial_core.code_version import code_version
    from trial_core.protocols.reader import read_protocol
    from trial_core.services.recheck_many import Which, to_recheck

    which = Which(arguments.site, arguments.subject, anew)
    return to_recheck(db, which, protocol_sha256=read_protocol().sha256, code_version=code_version())


def _ask(settings: Settings, db: Database, arguments: Namespace) -> Sequence[str]:
    from trial_core.code_version import code_version
    from trial_core.protocols.reader import read_protocol
    from trial_core.services.recheck_many import request_rechecks
    from workers.queue import ring

    protocol, chosen = read_protocol(), _chosen(db, arguments, anew=arguments.all)
    for ticket in request_rechecks(db, chosen, reason=arguments.reason):
        ring(settings, ticket.job_id)
    by = f"{protocol.id} {protocol.version}, {code_version()}"
    say(f"{len(chosen)} plans are checked again by {by}." if chosen else f"All plans were checked by {by}.")
    return chosen


def _say_who_works(db: Database) -> None:
    """Say it where nobody will do the re-checks, or where a worker would do them by another program."""
    from trial_core.code_version import code_version
    from trial_core.services import presence

    at = presence.time_told(db)
    alive = [each for each in presence.present(db) if not presence.is_silent(each, at)]
    others = [each for each in alive if each.code_version != code_version()]
    if not alive:
        say("No worker is alive: nothing is checked until one is. Start one: dosegate worker.")
    for each in others:
        say(f"Worker {each.name} is of another program ({each.code_version}) and checks by that one. {_STOP}")


def _wait(db: Database, arguments: Namespace, asked: Sequence[str]) -> int:
    from trial_core.services.recheck_many import course_of

    began_s = time.monotonic()
    with shown() as progress:
        while not (course := course_of(db, asked)).over:
            progress("checking again", course.done + course.failed, len(asked))
            time.sleep(_LOOK_EVERY_S)
    left = set(_chosen(db, arguments, anew=False)) & set(asked)
    return _said(course, time.monotonic() - began_s, by_others=len(left) - course.failed)


def _said(course: Course, took_s: float, *, by_others: int) -> int:
    say(f"{course.done} done in {took_s:.0f} s ({course.done / max(took_s, 1e-9):.2f} a second).")
    if course.failed:
        say(f"{course.failed} failed: Operations in the web application says why. The old results stand.")
    if by_others > 0:
        say(f"{by_others} were not checked by this program and protocol but by a worker's own. {_STOP}")
    return FAILED if course.failed or by_others > 0 else 0
