"""Having every plan on record checked again, as an administrator asks for it, and how far that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from trial_core.db.repositories import rechecks, results
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.jobs import JobState
from trial_core.domain.plan import JobTicket
from trial_core.services.authorise import require
from trial_core.services.recheck_many import Which, request_rechecks, to_recheck


@dataclass(frozen=True)
class RecheckProgress:
    """How many plans on record were judged by the protocol and program of now, and what is under way.

    Attributes
    ----------
    plans
        On record, with a result.
    other_protocol
        Those whose standing result another protocol file made.
    other_program
        Those that this protocol file judged, by another version of the program.
    waiting, running
        Re-checks that are asked for and not done.
    failed
        Plans still judged by another protocol or program whose re-check failed: their old results stand.
    over
        Re-checks done or failed since the first of those under way was asked for.
    left
        How long the rest takes at the pace so far; None while nobody can know, or nothing is under way.
    """

    plans: int
    other_protocol: int
    other_program: int
    waiting: int
    running: int
    failed: int
    over: int
    left: timedelta | None

    @property
    def outdated(self) -> int:
        """Plans to be checked again."""
        return self.other_protocol + self.other_program

    @property
    def under_way(self) -> int:
        """Re-checks that wait or run."""
        return self.waiting + self.running


def recheck_progress(
    db: Database, actor: Actor, *, protocol_sha256: str, code_version: str
) -> RecheckProgress:
    """Say how far the plans on record are from being judged by this protocol file and this program.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    with db.read() as connection:
        standing = results.standing(connection)
        states, begun = rechecks.count(connection), rechecks.begun_at(connection)
        over = rechecks.over_since(connection, begun) if begun else 0
        failed = rechecks.failed(connection)
    other = {one.submission_id for one in standing if one.protocol_sha256 != protocol_sha256}
    older = {one.submission_id for one in standing if one.code_version != code_version} - other
    waiting, running = states[JobState.WAITING], states[JobState.RUNNING]
    return RecheckProgress(
        plans=len(standing),
        other_protocol=len(other),
        other_program=len(older),
        waiting=waiting,
        running=running,
        failed=len(failed & (other | older)),
        over=over,
        left=_left(begun, db.now(), over, waiting + running),
    )


def request_every_recheck(
    db: Database, actor: Actor, *, protocol_sha256: str, code_version: str, reason: str
) -> tuple[JobTicket, ...]:
    """Have every plan checked again whose result another protocol file or program made.

    Ring `workers.queue` with each job's id.

    Raises
    ------
    NotAuthorised, MissingReason
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    chosen = to_recheck(db, Which(), protocol_sha256=protocol_sha256, code_version=code_version)
    return tuple(request_rechecks(db, chosen, reason=reason, actor=actor))


def _left(begun: datetime | None, now: datetime, over: int, to_do: int) -> timedelta | None:
    if begun is None or over == 0 or now <= begun:
        return None
    return (now - begun) / over * to_do
