"""The inbox: sets that came over the network and wait for a person, who says whose each is or discards it."""

from __future__ import annotations

from sqlalchemy import Connection

from trial_core.db.repositories import receiving as rows
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.names import is_id
from trial_core.domain.plan import JobTicket
from trial_core.domain.receiving import ReceivedSet, ReceivedState
from trial_core.errors import MissingReason, WrongState
from trial_core.receiving_errors import UnknownReceivedSet
from trial_core.services.authorise import require, site_of, subject_at_site
from trial_core.services.journal import note
from trial_core.services.kept_bytes import remove_unreferenced
from trial_core.services.receiving import submit_set
from trial_core.store import Store


def list_inbox(db: Database, actor: Actor) -> tuple[ReceivedSet, ...]:
    """List the sets of the actor's site that arrive or wait, oldest first.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.ASSIGN_RECEIVED)
    with db.read() as connection:
        return rows.open_sets(connection, site_of(actor))


def assign_set(db: Database, actor: Actor, *, set_id: str, subject_code: str) -> JobTicket:
    """Say whose a waiting set is: it is submitted for that subject, and its check runs.

    "Whose files?" is judged as for any set: a first one waits for a person who types the PatientID.

    Raises
    ------
    NotAuthorised, UnknownReceivedSet, WrongState, UnknownSubject, SubjectNotEligibleForPlan,
    SubjectWithoutRecords
    """
    require(actor, Permission.ASSIGN_RECEIVED)
    with db.transaction() as connection:
        _waiting(connection, actor, set_id)
        subject_at_site(connection, actor, subject_code)
        ticket = submit_set(
            connection, db, set_id=set_id, subject_code=subject_code, decided_by=actor.user_id
        )
        note(
            connection,
            db,
            actor,
            action="assign received set",
            entity="received set",
            entity_id=set_id,
            submission=ticket.submission_id,
        )
    return ticket


def discard_set(db: Database, store: Store, actor: Actor, *, set_id: str, reason: str) -> None:
    """Discard a waiting set with its bytes: it is no subject's.

    Raises
    ------
    NotAuthorised, UnknownReceivedSet, WrongState, MissingReason
    """
    require(actor, Permission.ASSIGN_RECEIVED)
    if not reason.strip():
        raise MissingReason("discard a set")
    with db.transaction() as connection:
        found = _waiting(connection, actor, set_id)
        hashes = [one.sha256 for one in rows.objects(connection, set_id)]
        rows.change_set(
            connection,
            set_id,
            ReceivedState.DISCARDED,
            ended_at=db.now(),
            decided_by=actor.user_id,
            reason=reason.strip(),
            content=dict(found.counts),
        )
        rows.forget_objects(connection, set_id)
        remove_unreferenced(connection, store, hashes)
        note(
            connection,
            db,
            actor,
            action="discard received set",
            entity="received set",
            entity_id=set_id,
            reason=reason.strip(),
            objects=sum(found.counts.values()),
            sender=found.ae_title,
        )


def _waiting(connection: Connection, actor: Actor, set_id: str) -> ReceivedSet:
    found = rows.find_set(connection, set_id) if is_id(set_id) else None
    if found is None or found.site_code != site_of(actor):
        raise UnknownReceivedSet(set_id)
    if found.state is not ReceivedState.WAITING:
        raise WrongState("received set", found.state.value, ReceivedState.WAITING.value)
    return found
