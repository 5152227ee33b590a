"""Cycles of systemic therapy: planned and given day, agents with their doses, and why anything differs."""

from __future__ import annotations

from trial_core.db.repositories.forms import FormVersion
from trial_core.db.session import Database
from trial_core.domain.access import Actor
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.conduct import Conduct
from trial_core.domain.systemic import Cycle
from trial_core.services.clinical_entry import Enrolled, Place, put, remove


def enter_cycle(
    db: Database,
    conduct: Conduct,
    actor: Actor,
    *,
    code: str,
    cycle: Cycle,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Plan a cycle, enter that it was given, or that it never will be.

    Raises
    ------
    NotAuthorised, UnknownSubject, NotEnrolled, TextUnusable, EntryImpossible, ReasonMissing,
    FormChangedMeanwhile
    """
    place = Place(
        code=code,
        kind=ClinicalForm.CYCLE,
        occasion=cycle_occasion(cycle.number),
        reason=reason,
        seen_version=seen_version,
    )
    return put(db, conduct, actor, place, cycle, judges=[Enrolled("a cycle")])


def take_back_cycle(
    db: Database, conduct: Conduct, actor: Actor, *, code: str, number: int, reason: str
) -> FormVersion:
    """Take a cycle back that should not have been entered.

    Raises
    ------
    NotAuthorised, UnknownSubject, TextUnusable, EntryImpossible, ReasonMissing, NothingToTakeBack
    """
    place = Place(code=code, kind=ClinicalForm.CYCLE, occasion=cycle_occasion(number), reason=reason)
    return remove(db, conduct, actor, place)


def cycle_occasion(number: int) -> str:
    """Give what the form of a cycle stands under: forms are listed by the text of their occasion."""
    return f"{number:03d}"
