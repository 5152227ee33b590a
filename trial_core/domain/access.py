"""Who may do what and where: roles, permissions, reach, and the person who acts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Roles of the trial."""

    INVESTIGATOR = "investigator"
    RADIATION_ONCOLOGIST = "radiation oncologist"
    SITE_PHYSICIST = "site physicist"
    CENTRAL_REVIEWER = "central reviewer"
    TRIAL_STAFF = "trial staff"
    SAFETY_ADJUDICATOR = "safety adjudicator"
    STATISTICIAN = "statistician"
    MONITOR = "monitor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What can be allowed; the value completes "you are not allowed to ..."."""

    MANAGE_ACCOUNTS = "manage accounts and sites"
    MANAGE_SUBJECTS = "register or enrol subjects"
    SEE_SUBJECTS = "see subjects and their plans"
    SUBMIT_PLAN = "submit plans"
    CONFIRM_IDENTITY = "confirm whose files these are"
    ASSIGN_RECEIVED = "say whose plans are that came over the network"
    REVIEW_PLAN = "review plans, explain a dose or accept a registration"
    DECIDE_PLAN = "decide on plans"
    RECHECK_PLAN = "have a plan that was checked be checked again"
    ACKNOWLEDGE_DEVIATION = "acknowledge protocol deviations"
    SEE_OUTCOME_BY_ARM = "see outcome or toxicity by arm"
    SEE_AUDIT_TRAIL = "read the audit trail"
    ENTER_CLINICAL = "enter clinical data"
    SET_RESPONSE = "set a response by hand"
    MAKE_DATA_CUT = "make data cuts"
    RELEASE_DATA_CUT = "release data cuts"
    IMPORT_TERMS = "import CTCAE terms"
    MANAGE_CONSENT_FORMS = "put versions of the consent form in use"
    SIGN_ELIGIBILITY = "sign that a subject is eligible"
    RANDOMISE = "randomise subjects"
    REPORT_SAFETY = "report adverse events"
    ADJUDICATE = "adjudicate adverse events, judge the toxicity profile or lift a hold"
    CONDUCT_STUDY = "change the study's state"
    SEE_STUDY = "see the conditions of the study's state and its safety rule"
    MANAGE_LISTS = "make, extend or open randomisation lists"
    SEE_LISTS = "see which randomisation lists there are"


_SITE_READER = frozenset({Permission.SEE_SUBJECTS})
_INBOX = frozenset({Permission.ASSIGN_RECEIVED})
_CLINICAL = _SITE_READER | _INBOX | {Permission.SUBMIT_PLAN, Permission.CONFIRM_IDENTITY}
_SITE_RECORD = frozenset(
    {
        Permission.MANAGE_SUBJECTS,
        Permission.RANDOMISE,
        Permission.REPORT_SAFETY,
        Permission.ENTER_CLINICAL,
    }
)
_STUDY = frozenset({Permission.CONDUCT_STUDY, Permission.SEE_STUDY})
_LISTS = frozenset({Permission.MANAGE_LISTS, Permission.SEE_LISTS})

# An administrator sees no clinical data and no allocation. A monitor reads everything of every subject and
# changes nothing; tables by arm are not a subject's data, and are the statistician's until a cut is released.
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.INVESTIGATOR: _SITE_READER
    | _SITE_RECORD
    | {Permission.SIGN_ELIGIBILITY, Permission.SET_RESPONSE, Permission.ACKNOWLEDGE_DEVIATION},
    Role.RADIATION_ONCOLOGIST: _CLINICAL
    | _SITE_RECORD
    | {Permission.SET_RESPONSE, Permission.ACKNOWLEDGE_DEVIATION},
    Role.SITE_PHYSICIST: _CLINICAL,
    # Nobody reviews their own site, and site roles see no other: so the central reviewers do.
    Role.CENTRAL_REVIEWER: frozenset(
        {
            Permission.SEE_SUBJECTS,
            Permission.REVIEW_PLAN,
            Permission.DECIDE_PLAN,
            Permission.RECHECK_PLAN,
        }
    ),
    Role.TRIAL_STAFF: _SITE_READER | _SITE_RECORD | _INBOX,
    Role.SAFETY_ADJUDICATOR: frozenset(
        {Permission.SEE_SUBJECTS, Permission.ADJUDICATE, Permission.SEE_STUDY}
    ),
    Role.STATISTICIAN: frozenset(
        {Permission.SEE_SUBJECTS, Permission.SEE_OUTCOME_BY_ARM, Permission.MAKE_DATA_CUT}
    )
    | _STUDY
    | _LISTS,
    Role.MONITOR: frozenset(
        {
            Permission.SEE_SUBJECTS,
            Permission.SEE_AUDIT_TRAIL,
            Permission.SEE_STUDY,
            Permission.SEE_LISTS,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.MANAGE_ACCOUNTS,
            Permission.MANAGE_CONSENT_FORMS,
            Permission.RELEASE_DATA_CUT,
            Permission.IMPORT_TERMS,
        }
    ),
}

# These work for one site and see nothing of another.
SITE_ROLES = frozenset({Role.INVESTIGATOR, Role.RADIATION_ONCOLOGIST, Role.SITE_PHYSICIST, Role.TRIAL_STAFF})
# These see the subjects of every site.
CENTRAL_ROLES = frozenset({Role.CENTRAL_REVIEWER, Role.SAFETY_ADJUDICATOR, Role.STATISTICIAN, Role.MONITOR})
# Of these, the ones who judge: who comes from a hospital of the trial is known by it, and never judges it.
JUDGES = frozenset({Role.CENTRAL_REVIEWER, Role.SAFETY_ADJUDICATOR})


@dataclass(frozen=True)
class Actor:
    """Who acts, as the audit trail names them.

    `site_code` is None for the roles that belong to no site; of the central roles those that judge may have
    one, their own hospital.
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


def may_see_by_arm(role: Role, *, cut_released: bool) -> bool:
    """Tell whether a role sees outcome or toxicity by arm: the statistician alone, until the cut is released.

    After that, whoever sees subjects does; an administrator, who sees none, never.
    """
    released = cut_released and may(role, Permission.SEE_SUBJECTS)
    return released or may(role, Permission.SEE_OUTCOME_BY_ARM)


def fits_site(role: Role, site_code: str | None) -> bool:
    """Tell whether a role may (or must) have a site: clinical roles one, judges one or none, others none."""
    if role in SITE_ROLES:
        return site_code is not None
    return site_code is None or role in JUDGES
