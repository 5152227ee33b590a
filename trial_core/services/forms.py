"""Forms: enter a version, correct it with a reason, take it back; each in its use case's own transaction."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from trial_core.db.form_content import content_sha256, to_plain
from trial_core.db.repositories import forms
from trial_core.db.repositories.forms import FormVersion
from trial_core.db.session import Database
from trial_core.domain.access import Actor
from trial_core.errors import FormChangedMeanwhile, NothingToTakeBack, ReasonMissing
from trial_core.services.journal import note
from trial_core.services.readable import require_readable


def enter(
    connection: Connection,
    db: Database,
    actor: Actor,
    *,
    subject_id: str,
    kind: str,
    occasion: str,
    content: object,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Put a form on record; entering the same content again changes nothing.

    Parameters
    ----------
    kind, occasion
        Which form, and which one of them ("cycle 2", the id of an event).
    content
        A frozen dataclass of the domain, already judged by it.
    reason
        Why it is corrected; needed from the second version on.
    seen_version
        The version that the person had before their eyes; None where they saw none.

    Raises
    ------
    ReasonMissing, FormChangedMeanwhile
    """
    plain = to_plain(content)
    before = forms.latest(connection, subject_id=subject_id, kind=kind, occasion=occasion)
    if before and not before.void and before.content == plain:
        return before
    if (before.version if before and not before.void else None) != seen_version:
        raise FormChangedMeanwhile(kind, occasion)
    place = _Place(subject_id, kind, occasion)
    return _write(connection, db, actor, place, before=before, plain=plain, void=False, reason=reason)


def take_back(
    connection: Connection,
    db: Database,
    actor: Actor,
    *,
    subject_id: str,
    kind: str,
    occasion: str,
    reason: str,
) -> FormVersion:
    """Take a form back that should not have been entered; all its versions stay to be read.

    Raises
    ------
    ReasonMissing, NothingToTakeBack
    """
    before = forms.latest(connection, subject_id=subject_id, kind=kind, occasion=occasion)
    if before is None or before.void:
        raise NothingToTakeBack(kind, occasion)
    place = _Place(subject_id, kind, occasion)
    return _write(connection, db, actor, place, before=before, plain=before.content, void=True, reason=reason)


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """Tell what differs: field -> [old, new], None where a side lacks it."""
    fields = sorted({*before, *after})
    return {
        name: [before.get(name), after.get(name)] for name in fields if before.get(name) != after.get(name)
    }


@dataclass(frozen=True)
class _Place:
    """Which form of which subject."""

    subject_id: str
    kind: str
    occasion: str


def _write(
    connection: Connection,
    db: Database,
    actor: Actor,
    place: _Place,
    *,
    before: FormVersion | None,
    plain: dict[str, Any],
    void: bool,
    reason: str | None,
) -> FormVersion:
    if before and not (reason and reason.strip()):
        raise ReasonMissing(place.kind, place.occasion)
    require_readable("reason", reason or "")
    new = FormVersion(
        id=uuid.uuid4().hex,
        subject_id=place.subject_id,
        kind=place.kind,
        occasion=place.occasion,
        version=before.version + 1 if before else 1,
        content=plain,
        content_sha256=content_sha256(plain),
        void=void,
        reason=reason,
        entered_by=actor.login,
        entered_at=db.now(),
    )
    forms.add(connection, new, user_id=actor.user_id)
    _note(connection, db, actor, new, before=before)
    return new


def _note(
    connection: Connection, db: Database, actor: Actor, new: FormVersion, *, before: FormVersion | None
) -> None:
    action = "take back" if new.void else "correct" if before else "enter"
    note(
        connection,
        db,
        actor,
        action=f"{action} {new.kind}",
        entity="form",
        entity_id=new.id,
        subject=new.subject_id,
        occasion=new.occasion,
        version=new.version,
        content_sha256=new.content_sha256,
        changes=changes(
            before.content if before and not before.void else {}, {} if new.void else new.content
        ),
        reason=new.reason,
        at=new.entered_at,
    )
