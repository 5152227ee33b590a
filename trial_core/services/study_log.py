"""A change of the study's state and its audit entry, in the transaction of whatever caused it."""

from __future__ import annotations

from sqlalchemy import Connection

from trial_core.db.form_content import content_sha256
from trial_core.db.repositories import study
from trial_core.db.repositories.study import Transition
from trial_core.db.session import Database
from trial_core.domain.access import Actor
from trial_core.domain.study_state import Study
from trial_core.services.journal import note

ENTITY = "study"
ONLY_STUDY = "study"
STEP = "study step"
"""What a signature on one change of the state is on; its id is the change's number."""


def change_state(connection: Connection, db: Database, actor: Actor, *, before: Study, after: Study) -> None:
    """Put the transition and its audit entry on record; the same state again is none."""
    if before == after:
        return
    at = db.now()
    study.add(connection, before=before, after=after, at=at, user_id=actor.user_id)
    note(
        connection,
        db,
        actor,
        action="change the study's state",
        entity=ENTITY,
        entity_id=ONLY_STUDY,
        before=before.state.value,
        after=after.state.value,
        reason=after.reason,
        at=at,
    )


def step_sha256(step: Transition) -> str:
    """Hash one change as it is on record: what its signature is bound to."""
    return content_sha256(
        {
            "sequence": step.sequence,
            "from": step.from_state.value,
            "to": step.to_state.value,
            "at": step.at.isoformat(),
            "reason": step.reason,
        }
    )
