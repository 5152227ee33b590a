"""How people like their own pages. No part of the trial's record: it leaves no audit entry."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from trial_core.db.repositories import user_settings
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.services.authorise import require

_LANGUAGE = "language"


class FilteredList(StrEnum):
    """A list whose filter lasts, by the name that it is kept under."""

    WORK_LIST = "work list filter"
    SUBJECTS = "subjects filter"


def list_filter(db: Database, actor: Actor, *, of: FilteredList) -> dict[str, Any]:
    """Give the filter that a person left on a list; empty when they see all of it.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        found = user_settings.find(connection, user_id=actor.user_id, name=of.value)
    return found if isinstance(found, dict) else {}


def keep_list_filter(db: Database, actor: Actor, model: Mapping[str, Any], *, of: FilteredList) -> None:
    """Keep the filter that a person set on a list, in place of the one before.

    Raises
    ------
    NotAuthorised
    """
    if list_filter(db, actor, of=of) == dict(model):
        return
    with db.transaction() as connection:
        user_settings.put(connection, user_id=actor.user_id, name=of.value, value=dict(model))


def language(db: Database, actor: Actor) -> str | None:
    """Give the language that a person chose for their pages; None when they never did."""
    with db.read() as connection:
        found = user_settings.find(connection, user_id=actor.user_id, name=_LANGUAGE)
    return found if isinstance(found, str) else None


def keep_language(db: Database, actor: Actor, chosen: str) -> None:
    """Keep the language of a person's pages, in place of the one before."""
    with db.transaction() as connection:
        user_settings.put(connection, user_id=actor.user_id, name=_LANGUAGE, value=chosen)
