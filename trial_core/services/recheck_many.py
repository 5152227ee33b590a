"""Having many plans checked again, as after an amendment, by whoever runs the installation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trial_core.db.repositories import jobs, results
from trial_core.db.repositories.results import StandingResult
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Permission
from trial_core.domain.jobs import JobKind, JobState
from trial_core.domain.plan import JobTicket
from trial_core.errors import MissingReason
from trial_core.services.authorise import require
from trial_core.services.recheck import queue_recheck

_AT_ONCE = 50
"""So many wait for a worker with one transaction: nobody else who writes waits long."""


@dataclass(frozen=True)
class Which:
    """Whose plans: of a site, of a subject's code, or all; `anew` takes those that are up to date, too."""

    site_code: str | None = None
    subject_code: str | None = None
    anew: bool = False


@dataclass(frozen=True)
class Course:
    """How far re-checks are."""

    waiting: int
    running: int
    done: int
    failed: int

    @property
    def over(self) -> bool:
        """Tell whether nothing more will happen."""
        return not self.waiting and not self.running


def to_recheck(db: Database, which: Which, *, protocol_sha256: str, code_version: str) -> tuple[str, ...]:
    """List the submissions whose standing result another protocol file or program made, oldest first."""
    with db.read() as connection:
        standing = results.standing(connection, site_code=which.site_code, subject_code=which.subject_code)
    return tuple(
        each.submission_id
        for each in standing
        if which.anew or _is_outdated(each, protocol_sha256, code_version)
    )


def request_rechecks(
    db: Database, submissions: Sequence[str], *, reason: str, actor: Actor = SYSTEM
) -> Iterator[JobTicket]:
    """Let re-checks wait for a worker; ring `workers.queue` with each job's id afterwards.

    On the command line of the server whoever reaches the database needs no leave, and the audit trail names
    the system.

    Parameters
    ----------
    actor
        Who asks; the administrator, or the system.

    Raises
    ------
    NotAuthorised, MissingReason
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    if not reason.strip():
        raise MissingReason("have plans checked again")
    return _queued(db, actor, submissions, reason.strip())


def course_of(db: Database, submissions: Sequence[str]) -> Course:
    """Say how far the re-checks of submissions are."""
    with db.read() as connection:
        states = jobs.states_of(connection, submissions, JobKind.RECHECK)
    return Course(*(states.count(each) for each in _IN_ORDER))


_IN_ORDER = (JobState.WAITING, JobState.RUNNING, JobState.DONE, JobState.FAILED)


def _queued(db: Database, actor: Actor, submissions: Sequence[str], reason: str) -> Iterator[JobTicket]:
    for start in range(0, len(submissions), _AT_ONCE):
        with db.transaction() as connection:
            tickets = [
                JobTicket(each, queue_recheck(connection, db, actor, each, reason))
                for each in submissions[start : start + _AT_ONCE]
            ]
        yield from tickets


def _is_outdated(found: StandingResult, protocol_sha256: str, code_version: str) -> bool:
    return found.protocol_sha256 != protocol_sha256 or found.code_version != code_version
