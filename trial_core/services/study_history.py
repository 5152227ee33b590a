"""How the study came to its state: every change, by whom and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trial_core.db.repositories import accounts, study
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Permission
from trial_core.domain.signing import SignedState
from trial_core.domain.study_state import StudyState
from trial_core.services.authorise import require
from trial_core.services.signatures import signed_states
from trial_core.services.study_log import STEP, step_sha256


@dataclass(frozen=True, kw_only=True)
class StudyStep:
    """One change of the study's state; `by` is the login of whoever caused it, signed or not."""

    from_state: StudyState
    to_state: StudyState
    at: datetime
    by: str
    reason: str
    signatures: tuple[SignedState, ...]


def study_history(db: Database, actor: Actor) -> tuple[StudyStep, ...]:
    """List every change of the study's state, oldest first; reasons name subjects.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_STUDY)
    with db.read() as connection:
        names = {each.actor.user_id: each.actor.login for each in accounts.every_account(connection)}
        return tuple(
            StudyStep(
                from_state=each.from_state,
                to_state=each.to_state,
                at=each.at,
                by=names.get(each.user_id, SYSTEM.login),
                reason=each.reason,
                signatures=signed_states(
                    connection,
                    entity=STEP,
                    entity_id=str(each.sequence),
                    content_sha256=step_sha256(each),
                ),
            )
            for each in study.transitions(connection)
        )
