"""Naming structures of a set before it is submitted: a person says which of the protocol's they are."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain
from trial_core.db.repositories import given_names, prechecks
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.given_names import GivenName
from trial_core.domain.naming_rules import naming_problem
from trial_core.domain.plan import JobTicket
from trial_core.domain.protocol import Protocol
from trial_core.domain.set_content import SetContent
from trial_core.services.authorise import own_submission, receiving_submission, require
from trial_core.services.journal import note
from trial_core.services.prechecks import is_current, queue_precheck
from trial_core.services.seen_set import require_seen
from trial_core.submission_errors import ContentUnknown, NameNotGiven


def name_structures(
    db: Database,
    actor: Actor,
    protocol: Protocol,
    *,
    submission_id: str,
    names: Sequence[GivenName],
    seen_sha256: str | None = None,
) -> JobTicket:
    """Give the names of a set's structures, all of them at once, and have it checked anew with them.

    What stays as it was keeps whose word it is; an empty list takes every name back. Ring `workers.queue`
    with the job's id afterwards.

    Parameters
    ----------
    seen_sha256
        The set's hash as the person's page had it: an older page would take back names given since.

    Raises
    ------
    NotAuthorised, UnknownSubmission, UploadOfAnother, WrongState, SetChanged, SubmittedOtherwise,
    ContentUnknown, NameNotGiven
    """
    require(actor, Permission.SUBMIT_PLAN)
    with db.transaction() as connection:
        require_seen(connection, own_submission(connection, actor, submission_id), seen_sha256)
        receiving_submission(connection, actor, submission_id)
        kept = prechecks.find(connection, submission_id)
        if kept is None or kept.content is None or not is_current(connection, kept, submission_id):
            raise ContentUnknown(submission_id)
        found = naming_problem(names, from_plain(kept.content, SetContent).structure_sets, protocol)
        if found is not None:
            name, problem = found
            raise NameNotGiven(name.site_name, name.structure, problem)
        _replace(connection, db, actor, submission_id, names)
        return JobTicket(submission_id, queue_precheck(connection, db, actor, submission_id))


def _replace(
    connection: Connection, db: Database, actor: Actor, submission_id: str, names: Sequence[GivenName]
) -> None:
    before = {
        one.name.site_name: one.name.structure for one in given_names.of_submission(connection, submission_id)
    }
    after = {one.site_name: one.structure for one in names}
    gone = sorted(name for name in before if after.get(name) != before[name])
    new = [one for one in names if before.get(one.site_name) != one.structure]
    given_names.remove(connection, submission_id, gone)
    given_names.add(connection, submission_id, new, user_id=actor.user_id, at=db.now())
    changed = sorted({*gone, *(one.site_name for one in new)})
    if changed:
        note(
            connection,
            db,
            actor,
            action="name structures",
            entity="submission",
            entity_id=submission_id,
            changes={name: [before.get(name), after.get(name)] for name in changed},
        )
