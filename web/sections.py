"""The sections of the navigation, and whose role sees which; whatever is shown, the services decide."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trial_core.domain.access import Permission, Role, may
from web.words import Later, later


class Section(StrEnum):
    """Entries of the navigation, in their order."""

    TODAY = "today"
    WORK_LIST = "work list"
    INBOX = "inbox"
    SUBJECTS = "subjects"
    STUDY = "study"
    OUTCOMES = "outcomes"
    OPERATIONS = "operations"
    AUDIT = "audit trail"


@dataclass(frozen=True)
class Entry:
    """What the navigation says of a section, where it leads, and who sees it: any of `seen_with`, or all."""

    title: Later
    href: str
    seen_with: frozenset[Permission] = frozenset()


ENTRIES = {
    Section.TODAY: Entry(later("Today"), "/"),
    Section.WORK_LIST: Entry(later("Work list"), "/plans", frozenset({Permission.SEE_SUBJECTS})),
    Section.INBOX: Entry(later("Inbox"), "/inbox", frozenset({Permission.ASSIGN_RECEIVED})),
    Section.SUBJECTS: Entry(later("Subjects"), "/subjects", frozenset({Permission.SEE_SUBJECTS})),
    Section.STUDY: Entry(
        later("Study"),
        "/study",
        frozenset({Permission.SEE_SUBJECTS, Permission.SEE_STUDY}),
    ),
    Section.OUTCOMES: Entry(
        later("Outcomes"), "/outcomes", frozenset({Permission.SEE_SUBJECTS, Permission.RELEASE_DATA_CUT})
    ),
    Section.OPERATIONS: Entry(
        later("Operations"),
        "/operations",
        frozenset({Permission.MANAGE_ACCOUNTS}),
    ),
    Section.AUDIT: Entry(later("Audit trail"), "/operations/audit", frozenset({Permission.SEE_AUDIT_TRAIL})),
}


def is_for(section: Section, role: Role) -> bool:
    """Tell whether a role sees a section in the navigation."""
    needed = ENTRIES[section].seen_with
    return not needed or any(may(role, permission) for permission in needed)
