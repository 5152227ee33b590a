"""The signed statement that the run-in's toxicity is acceptable, void once any of its events changes."""

from __future__ import annotations

from sqlalchemy import Connection

from trial_core.db.form_content import content_sha256
from trial_core.db.repositories import forms, subjects
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.signing import Meaning, Signature, SignedState
from trial_core.domain.subject import Phase
from trial_core.services import signatures
from trial_core.services.authorise import require
from trial_core.services.study_log import ONLY_STUDY

_ENTITY = "toxicity profile"


def state_toxicity_acceptable(db: Database, actor: Actor, *, password: str) -> Signature:
    """Sign the statement on the run-in's subjects and adverse events as they are at this moment.

    Raises
    ------
    NotAuthorised, SignInRefused, AccountLocked
    """
    require(actor, Permission.ADJUDICATE)
    signatures.confirm_password(db, actor, password=password)
    with db.transaction() as connection:
        return signatures.sign(
            connection,
            db,
            actor,
            entity=_ENTITY,
            entity_id=ONLY_STUDY,
            content_sha256=profile_sha256(connection),
            meaning=Meaning.TOXICITY_ACCEPTABLE,
        )


def toxicity_statements(db: Database, actor: Actor) -> tuple[SignedState, ...]:
    """List the statements, each valid or void.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_STUDY)
    with db.read() as connection:
        return _states(connection)


def is_signed(connection: Connection) -> bool:
    """Tell whether a valid signature states it for the profile as it is now."""
    return signatures.is_signed(_states(connection), Meaning.TOXICITY_ACCEPTABLE)


def profile_sha256(connection: Connection) -> str:
    """Hash the run-in's subjects and every version of their adverse events that stands."""
    run_in = dict(subjects.of_phase(connection, Phase.IIA))
    events = [
        [form.subject_id, form.occasion, form.version, content_sha256(form.content)]
        for form in forms.standing_of_some(connection, ClinicalForm.ADVERSE_EVENT, run_in)
    ]
    return content_sha256({"subjects": sorted(run_in), "events": sorted(events)})


def _states(connection: Connection) -> tuple[SignedState, ...]:
    return signatures.signed_states(
        connection, entity=_ENTITY, entity_id=ONLY_STUDY, content_sha256=profile_sha256(connection)
    )
