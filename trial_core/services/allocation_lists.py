"""Randomisation lists: made and sealed, committed to in public, extended, opened after closure."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass

from sqlalchemy import Connection

from trial_core.db.repositories import accounts as site_rows
from trial_core.db.repositories import allocations, study
from trial_core.db.repositories.allocations import StoredList
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.protocol import Protocol
from trial_core.domain.screening import all_strata
from trial_core.domain.study_state import StudyState
from trial_core.enrolment_errors import NoAllocationList, StudyForbids
from trial_core.errors import MissingReason, WrongState
from trial_core.services.authorise import require
from trial_core.services.conduct_of import conduct_of, randomised_arms
from trial_core.services.journal import note
from trial_core.services.readable import require_readable
from trial_core.services.sealing import open_list, seal_list, seal_slots
from trial_core.statistics.randomisation import draw_list, open_sealed, seal, slots_out_of_order

MOST_SLOTS = 2_000
_OVER = (StudyState.CLOSED, StudyState.TERMINATED)


@dataclass(frozen=True, kw_only=True)
class ListState:
    """What everybody may know of a list: its commitment, how many slots are used, whether there are more."""

    stratum: str
    part: int
    commitment: str
    used: int
    exhausted: bool


@dataclass(frozen=True, kw_only=True)
class OpenedList:
    """An opened list: what was sealed, for everybody to hash, and which reveals are not what it says.

    Attributes
    ----------
    content
        Salt and list, in base64: its SHA-256 is the commitment.
    out_of_order
        Slots, from 0, that were revealed as another arm; empty in an honest trial.
    """

    stratum: str
    part: int
    commitment: str
    content: str
    allocations: tuple[str, ...]
    revealed: tuple[str, ...]
    out_of_order: tuple[int, ...]


def make_lists(
    db: Database, actor: Actor, *, protocol: Protocol, key: bytes, slots: int
) -> tuple[ListState, ...]:
    """Make a list for each stratum that has none: at the start, and for a site that is opened later.

    Parameters
    ----------
    key
        `Secrets.randomisation_key` of the settings.
    slots
        How many each list has at least.

    Raises
    ------
    NotAuthorised, WrongState, StudyForbids
    """
    require(actor, Permission.MANAGE_LISTS)
    _check_slots(slots)
    with db.transaction() as connection:
        _refuse_after_closure(connection, "make a randomisation list")
        sites = [code for code, _ in site_rows.sites(connection)]
        have = {each.stratum for each in allocations.lists(connection)}
        for stratum in all_strata(conduct_of(protocol).strata, sites):
            if stratum not in have:
                _make(connection, db, actor, protocol=protocol, key=key, place=(stratum, 1), slots=slots)
        return _states(connection)


def extend_list(
    db: Database, actor: Actor, *, stratum: str, protocol: Protocol, key: bytes, slots: int, reason: str
) -> tuple[ListState, ...]:
    """Add another part to a stratum whose list is exhausted.

    Raises
    ------
    NotAuthorised, NoAllocationList, WrongState, StudyForbids, MissingReason, TextUnusable
    """
    require(actor, Permission.MANAGE_LISTS)
    _check_slots(slots)
    require_readable("reason", reason)
    if not reason.strip():
        raise MissingReason("extend a randomisation list")
    with db.transaction() as connection:
        _refuse_after_closure(connection, "extend a randomisation list")
        known = allocations.lists(connection, stratum)
        if not known:
            raise NoAllocationList(stratum)
        if not known[-1].is_exhausted:
            raise WrongState("randomisation list", "not used up", "exhausted")
        place = (stratum, known[-1].part + 1)
        _make(
            connection, db, actor, protocol=protocol, key=key, place=place, slots=slots, reason=reason.strip()
        )
        return _states(connection)


def list_states(db: Database, actor: Actor) -> tuple[ListState, ...]:
    """List every list by its commitment and use; nothing of what they hold.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_LISTS)
    with db.read() as connection:
        return _states(connection)


def open_lists(db: Database, actor: Actor, *, protocol: Protocol, key: bytes) -> tuple[OpenedList, ...]:
    """Open every list after closure and compare it with its commitment and with what was revealed.

    Raises
    ------
    NotAuthorised, StudyForbids, SealBroken, CommitmentBrokenError, SealedContentError
    """
    require(actor, Permission.MANAGE_LISTS)
    with db.transaction() as connection:
        now = study.current(connection)
        if now.state not in _OVER:
            missing = ("recruitment goes on; lists are opened after closure",)
            raise StudyForbids("open the randomisation lists", now.state.value, missing)
        opened = allocations.openings(connection)
        fresh = [each for each in allocations.lists(connection) if each.id not in opened]
        for stored in fresh:
            _open(connection, db, actor, stored, protocol=protocol, key=key)
        return _opened(connection)


def opened_lists(db: Database, actor: Actor) -> tuple[OpenedList, ...]:
    """Give the lists that were opened; no key is needed any more.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_LISTS)
    with db.read() as connection:
        return _opened(connection)


def _make(
    connection: Connection,
    db: Database,
    actor: Actor,
    *,
    protocol: Protocol,
    key: bytes,
    place: tuple[str, int],
    slots: int,
    reason: str | None = None,
) -> None:
    stratum, part = place
    drawn = seal(draw_list(protocol.id, stratum, arms=randomised_arms(protocol), slots=slots))
    new = StoredList(
        id=uuid.uuid4().hex,
        stratum=stratum,
        part=part,
        slots=len(drawn.allocation_list.allocations),
        commitment=drawn.commitment(),
        created_at=db.now(),
        used=0,
    )
    allocations.add_list(
        connection,
        new,
        sealed=seal_list(key, drawn, part=part),
        sealed_slots=seal_slots(key, drawn, part=part),
    )
    note(
        connection,
        db,
        actor,
        action="make randomisation list",
        entity="randomisation list",
        entity_id=new.id,
        stratum=stratum,
        part=part,
        commitment=new.commitment,
        reason=reason,
        at=new.created_at,
    )


def _open(
    connection: Connection, db: Database, actor: Actor, stored: StoredList, *, protocol: Protocol, key: bytes
) -> None:
    sealed = allocations.sealed_list(connection, stored.id)
    content = open_list(key, sealed, study=protocol.id, stratum=stored.stratum, part=stored.part)
    open_sealed(content, stored.commitment)
    text = base64.b64encode(content).decode()
    at = db.now()
    allocations.add_opening(connection, list_id=stored.id, content=text, user_id=actor.user_id, at=at)
    note(
        connection,
        db,
        actor,
        action="open randomisation list",
        entity="randomisation list",
        entity_id=stored.id,
        stratum=stored.stratum,
        part=stored.part,
        commitment=stored.commitment,
        at=at,
    )


def _opened(connection: Connection) -> tuple[OpenedList, ...]:
    contents = allocations.openings(connection)
    found = []
    for stored in allocations.lists(connection):
        if stored.id not in contents:
            continue
        listed = open_sealed(base64.b64decode(contents[stored.id]), stored.commitment)
        revealed = tuple(each.arm.value for each in allocations.of_list(connection, stored.id))
        found.append(
            OpenedList(
                stratum=stored.stratum,
                part=stored.part,
                commitment=stored.commitment,
                content=contents[stored.id],
                allocations=listed.allocations,
                revealed=revealed,
                out_of_order=slots_out_of_order(listed, revealed),
            )
        )
    return tuple(found)


def _states(connection: Connection) -> tuple[ListState, ...]:
    return tuple(
        ListState(
            stratum=each.stratum,
            part=each.part,
            commitment=each.commitment,
            used=each.used,
            exhausted=each.is_exhausted,
        )
        for each in allocations.lists(connection)
    )


def _check_slots(slots: int) -> None:
    if not 1 <= slots <= MOST_SLOTS:
        raise WrongState("number of slots", str(slots), f"1 to {MOST_SLOTS}")


def _refuse_after_closure(connection: Connection, step: str) -> None:
    now = study.current(connection)
    if now.state in _OVER:
        raise StudyForbids(step, now.state.value, ("recruitment is over",))
