"""What a person saw of a set before it is submitted, and whether it still is what they saw."""

from __future__ import annotations

from sqlalchemy import Connection

from trial_core.db.repositories import files, given_names
from trial_core.db.repositories.submissions import Submission
from trial_core.domain.plan import SubmissionState
from trial_core.domain.precheck import set_sha256
from trial_core.submission_errors import SetChanged, SubmittedOtherwise


def set_sha256_of(connection: Connection, submission_id: str) -> str:
    """Hash the files and names of now, as the receipt of the submission names them."""
    said = given_names.of_submission(connection, submission_id)
    return set_sha256(files.kept(connection, submission_id), [one.name for one in said])


def require_seen(connection: Connection, submission: Submission, seen_sha256: str | None) -> None:
    """Refuse a step on a set whose files or names are not those that the person decided upon.

    Parameters
    ----------
    seen_sha256
        The set's hash as the person's page had it; None where no page stands between, as in a command.

    Raises
    ------
    SetChanged, SubmittedOtherwise
    """
    if seen_sha256 is None or seen_sha256 == set_sha256_of(connection, submission.id):
        return
    if submission.state is SubmissionState.RECEIVING or submission.submitted_at is None:
        raise SetChanged(submission.id, submission.touched_at)
    raise SubmittedOtherwise(submission.id, submission.submitted_at)
