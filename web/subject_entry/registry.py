"""Every kind of form of a subject's record, found by its slug or by the kind on record."""

from __future__ import annotations

from trial_core.domain.access import may
from trial_core.domain.subject import SubjectStatus
from web.house import actor
from web.subject_entry import (
    baseline,
    delivery,
    delivery_week,
    follow_up,
    responses,
    systemic,
    toxicity,
    visits,
)
from web.subject_entry.entry import Entry, Group

ENTRIES: tuple[Entry, ...] = (
    *delivery.ENTRIES,
    *delivery_week.ENTRIES,
    *systemic.ENTRIES,
    *toxicity.ENTRIES,
    *baseline.ENTRIES,
    *visits.ENTRIES,
    *responses.ENTRIES,
    *follow_up.ENTRIES,
)
_IN_RECORD = (SubjectStatus.ENROLLED, SubjectStatus.WITHDRAWN)


def entry_of_kind(kind: str) -> Entry | None:
    """Give the entry of a form on record; None for those that have pages of their own."""
    return next((each for each in ENTRIES if each.kind == kind), None)


def entries_for(status: SubjectStatus) -> dict[Group, list[Entry]]:
    """Give what the person who asks may enter of a subject of that state, by group."""
    found: dict[Group, list[Entry]] = {group: [] for group in Group}
    for each in ENTRIES:
        if may_enter(each, status):
            found[each.group].append(each)
    return {group: entries for group, entries in found.items() if entries}


def may_enter(entry: Entry, status: SubjectStatus) -> bool:
    """Tell whether the person who asks may enter a form of a subject of that state."""
    in_time = status in _IN_RECORD or (entry.before_enrolment and status is SubjectStatus.SCREENING)
    return in_time and may(actor().role, entry.permission)
