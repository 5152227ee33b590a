"""Data cuts: the statistician freezes what stands, somebody else releases it, and it is opened again."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from trial_core.anchor_lines import printed
from trial_core.db.repositories import audit
from trial_core.db.repositories import data_cuts as rows
from trial_core.db.repositories.data_cuts import DataCut
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission, may, may_see_by_arm
from trial_core.domain.audit_chain import Anchor
from trial_core.domain.names import LABEL_RULE, is_label
from trial_core.domain.protocol import Protocol
from trial_core.errors import AlreadyExists, MissingReason, NotAName, NotAuthorised
from trial_core.follow_up_errors import (
    CutAlreadyReleased,
    CutDayImpossible,
    OwnCutReleased,
    UnknownDataCut,
)
from trial_core.services.authorise import require
from trial_core.services.cut_content import Cut, freeze, thaw
from trial_core.services.journal import note
from trial_core.store import Store

_CUT, _MADE = "data cut", "make data cut"


def make_data_cut(
    db: Database, store: Store, protocol: Protocol, actor: Actor, *, label: str, cut_on: date
) -> DataCut:
    """Freeze the forms that stand now, by version and hash, for all figures as of a day.

    Parameters
    ----------
    cut_on
        What happened later counts for nothing, whenever it was entered.

    Raises
    ------
    NotAuthorised, NotAName, CutDayImpossible, AlreadyExists, FormUnreadable
    """
    require(actor, Permission.MAKE_DATA_CUT)
    if not is_label(label):
        raise NotAName("data cut", label, LABEL_RULE)
    if cut_on > db.today():
        raise CutDayImpossible(cut_on)
    with db.transaction() as connection:
        if rows.find(connection, label):
            raise AlreadyExists("data cut", label)
        manifest = freeze(connection, store, protocol, label=label, cut_on=cut_on)
        new = DataCut(
            id=uuid.uuid4().hex,
            label=label,
            cut_on=cut_on,
            manifest_sha256=store.put(manifest),
            made_by=actor.user_id,
            maker=actor.login,
            made_at=db.now(),
        )
        rows.add(connection, new)
        _note(connection, db, actor, new, _MADE, at=new.made_at)
        return new


def release_data_cut(db: Database, actor: Actor, *, label: str, reason: str) -> DataCut:
    """Let those who see subjects see the figures of a cut; never by whoever made it.

    Raises
    ------
    NotAuthorised, UnknownDataCut, CutAlreadyReleased, OwnCutReleased, MissingReason
    """
    require(actor, Permission.RELEASE_DATA_CUT)
    if not reason.strip():
        raise MissingReason("release a data cut")
    with db.transaction() as connection:
        cut = _known(connection, label)
        if cut.released:
            raise CutAlreadyReleased(label)
        if cut.made_by == actor.user_id:
            raise OwnCutReleased(label)
        at = db.now()
        rows.release(connection, cut_id=cut.id, user_id=actor.user_id, at=at)
        _note(connection, db, actor, cut, "release data cut", at=at, reason=reason)
        return _known(connection, label)


def list_data_cuts(db: Database, actor: Actor) -> tuple[DataCut, ...]:
    """List the cuts, which says nothing of what is in them, to whoever makes, releases or may read them.

    Raises
    ------
    NotAuthorised
    """
    wanted = (Permission.SEE_SUBJECTS, Permission.MAKE_DATA_CUT, Permission.RELEASE_DATA_CUT)
    if not any(may(actor.role, each) for each in wanted):
        raise NotAuthorised("see data cuts", actor.role.value)
    with db.read() as connection:
        return rows.every(connection)


def readable_cut(db: Database, actor: Actor, *, cut_id: str) -> DataCut:
    """Give a cut whose figures the actor may see now, without opening it.

    Raises
    ------
    NotAuthorised, UnknownDataCut
    """
    with db.read() as connection:
        known = next((each for each in rows.every(connection) if each.id == cut_id), None)
    _require_by_arm(actor, known)
    if known is None:
        raise UnknownDataCut(cut_id)
    return known


def open_cut(connection: Connection, store: Store, actor: Actor, *, label: str) -> Cut:
    """Open a cut for figures by arm: the statistician's alone until it is released.

    Raises
    ------
    NotAuthorised, UnknownDataCut, StoredBytesMissing, StoredBytesChanged, CutBroken
    """
    known = rows.find(connection, label) if is_label(label) else None
    _require_by_arm(actor, known)
    if known is None:
        raise UnknownDataCut(label)
    head = audit.head_of(connection, action=_MADE, entity=_CUT, entity_id=known.id)
    anchor = "" if head is None else printed(Anchor(head.count, head.hash))
    return replace(thaw(connection, store, known.manifest_sha256), anchor=anchor)


def _require_by_arm(actor: Actor, known: DataCut | None) -> None:
    released = known is not None and known.released
    if not may_see_by_arm(actor.role, cut_released=released):
        raise NotAuthorised(Permission.SEE_OUTCOME_BY_ARM.value, actor.role.value)


def _known(connection: Connection, label: str) -> DataCut:
    found = rows.find(connection, label) if is_label(label) else None
    if found is None:
        raise UnknownDataCut(label)
    return found


def _note(
    connection: Connection,
    db: Database,
    actor: Actor,
    cut: DataCut,
    action: str,
    *,
    at: datetime,
    reason: str | None = None,
) -> None:
    note(
        connection,
        db,
        actor,
        action=action,
        entity=_CUT,
        entity_id=cut.id,
        label=cut.label,
        cut_on=cut.cut_on.isoformat(),
        manifest_sha256=cut.manifest_sha256,
        reason=reason,
        at=at,
    )
