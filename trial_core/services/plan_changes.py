"""What changed since the last version of a subject's plans, or since the last check of one version."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from trial_core.db.repositories import results, submissions
from trial_core.db.repositories.results import CheckResult
from trial_core.db.repositories.submissions import Submission
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.plan_changes import Change, plan_changes
from trial_core.domain.report import CourseReport
from trial_core.domain.report_json import report_from_json
from trial_core.services.authorise import require, submission_in_reach
from trial_core.services.plan_review import standing_result
from trial_core.store import Store


@dataclass(frozen=True, kw_only=True)
class ChangesSince:
    """Changes against an earlier version (`version`) or an earlier result of this one (`number`)."""

    version: int
    number: int
    changes: tuple[Change, ...]


def changes_of(db: Database, store: Store, actor: Actor, *, submission_id: str) -> tuple[ChangesSince, ...]:
    """Compare the result that stands with the last version's, and with the one it replaced.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState, StoredBytesChanged
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        submission = submission_in_reach(connection, actor, submission_id)
        now = standing_result(connection, submission)
        earlier = _earlier(connection, submission)
    report = _report(store, now)
    return tuple(
        ChangesSince(
            version=version, number=result.number, changes=plan_changes(_report(store, result), report)
        )
        for version, result in earlier
    )


def _earlier(connection: Connection, submission: Submission) -> list[tuple[int, CheckResult]]:
    version = submission.version or 0
    own = results.of_submission(connection, submission.id)
    before = [
        each
        for each in submissions.checked_of(connection, submission.subject_id)
        if (each.version or 0) < version
    ]
    found = [(each.version or 0, standing_result(connection, each)) for each in before[-1:]]
    return [*found, *((version, result) for result in own[:-1][-1:])]


def _report(store: Store, result: CheckResult) -> CourseReport:
    return report_from_json(store.read(result.report_sha256))
