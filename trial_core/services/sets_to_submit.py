"""Sets that wait for a person of their site to submit them: checked and not submitted, or in the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trial_core.db.repositories import drafts, prechecks, receiving
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.plan import SubmissionState
from trial_core.domain.receiving import ReceivedSet, ReceivedState
from trial_core.services.authorise import require, site_of
from trial_core.services.prechecks import is_current


@dataclass(frozen=True)
class CheckedSet:
    """A set that was checked before submitting; only who began it can submit it (`is_own`).

    `expected_state` is what submitting would come to.
    """

    submission_id: str
    code: str
    records_only: bool
    begun_by: str
    is_own: bool
    expected_state: SubmissionState
    checked_at: datetime


@dataclass(frozen=True)
class SetsToSubmit:
    """What waits at a site: one's own checked sets before those of others, the longest first."""

    checked: tuple[CheckedSet, ...]
    received: tuple[ReceivedSet, ...]


def sets_to_submit(db: Database, actor: Actor) -> SetsToSubmit:
    """List the sets of the actor's site that wait to be submitted.

    A set whose files or names changed since its check is left out: its check is to be done anew first.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SUBMIT_PLAN)
    site = site_of(actor)
    with db.read() as connection:
        found = drafts.finished(connection, site)
        kept = {one.submission_id: prechecks.find(connection, one.submission_id) for one in found}
        current = [
            one
            for one in found
            if (row := kept[one.submission_id]) is not None and is_current(connection, row, one.submission_id)
        ]
        inbox = receiving.open_sets(connection, site)
    checked = (_checked(one, actor) for one in current)
    return SetsToSubmit(
        checked=tuple(sorted(checked, key=lambda one: not one.is_own)),
        received=tuple(one for one in inbox if one.state is ReceivedState.WAITING),
    )


def _checked(one: drafts.Draft, actor: Actor) -> CheckedSet:
    return CheckedSet(
        submission_id=one.submission_id,
        code=one.code,
        records_only=one.records_only,
        begun_by=one.begun_by,
        is_own=one.user_id == actor.user_id,
        expected_state=one.expected_state,
        checked_at=one.finished_at,
    )
