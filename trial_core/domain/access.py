"""Who may do what: roles, permissions and the person who acts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Roles of the trial."""

    RADIATION_ONCOLOGIST = "radiation oncologist"
    PHYSICIST = "physicist"
    TRIAL_STAFF = "trial staff"
    ADMINISTRATOR = "administrator"
    STATISTICIAN = "statistician"
    MONITOR = "monitor"


class Permission(StrEnum):
    """What can be allowed; the value completes "you are not allowed to ..."."""

    MANAGE_ACCOUNTS = "manage accounts and sites"
    MANAGE_SUBJECTS = "register or enrol subjects"
    SEE_SUBJECTS = "see subjects and their plans"
    SUBMIT_PLAN = "submit plans"
    CONFIRM_IDENTITY = "confirm whose files these are"


_CLINICAL = frozenset({Permission.SEE_SUBJECTS, Permission.SUBMIT_PLAN, Permission.CONFIRM_IDENTITY})

# An administrator sees no clinical data. Statisticians and monitors get theirs with their own pages.
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.RADIATION_ONCOLOGIST: _CLINICAL | {Permission.MANAGE_SUBJECTS},
    Role.PHYSICIST: _CLINICAL,
    Role.TRIAL_STAFF: frozenset({Permission.SEE_SUBJECTS, Permission.MANAGE_SUBJECTS}),
    Role.ADMINISTRATOR: frozenset({Permission.MANAGE_ACCOUNTS}),
    Role.STATISTICIAN: frozenset(),
    Role.MONITOR: frozenset(),
}

# These work for one site and see nothing of another.
SITE_ROLES = frozenset({Role.RADIATION_ONCOLOGIST, Role.PHYSICIST, Role.TRIAL_STAFF})


@dataclass(frozen=True)
class Actor:
    """Who acts, as the audit trail names them.

    `site_code` is None for the roles that belong to no site.
    """

    user_id: str
    login: str
    role: Role
    site_code: str | None = None
    full_name: str = ""


# The program itself: first set-up, workers, clean-up. It manages accounts and sees no clinical data.
SYSTEM = Actor(user_id="system", login="system", role=Role.ADMINISTRATOR, full_name="Dosegate")


def may(role: Role, permission: Permission) -> bool:
    """Tell whether a role has a permission."""
    return permission in PERMISSIONS[role]
