"""Pictures of a checked submission: for whoever may see its report."""

from __future__ import annotations

from trial_core.db.repositories import submissions as rows
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.pictures import PictureSet
from trial_core.domain.plan import SubmissionState
from trial_core.errors import WrongState
from trial_core.picture_store import picture_store
from trial_core.services.authorise import require, submission_in_reach
from trial_core.store import Store


def kept_pictures(db: Database, store: Store, actor: Actor, *, submission_id: str) -> PictureSet | None:
    """Give the pictures of the result that stands; None where none are kept (yet, or of an older check).

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState, StoredBytesChanged
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        submission = submission_in_reach(connection, actor, submission_id)
        report_sha256 = rows.summary(connection, submission_id).report_sha256
    if report_sha256 is None or submission.version is None:
        raise WrongState("submission", submission.state.value, SubmissionState.CHECKED.value)
    return picture_store(store.folder).find(report_sha256)
