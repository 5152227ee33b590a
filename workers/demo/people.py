"""Sites and accounts of the demo study, one account at least for every role."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trial_core.domain.access import SYSTEM, Role
from trial_core.domain.plan_review import Discipline
from trial_core.errors import AlreadyExists
from trial_core.services import accounts, sites

if TYPE_CHECKING:
    from trial_core.db.session import Database

LOGIN = "demo"
OFFICE = "demo-office"
REVIEWERS = {Discipline.ONCOLOGY: "demo-reviewer", Discipline.PHYSICS: "demo-reviewer-two"}
STATISTICIAN = "demo-statistician"
ADJUDICATORS = ("demo-adjudicator", "demo-adjudicator-two")
SITES = {
    "D01": "Demo hospital one (synthetic)",
    "D02": "Demo hospital two (synthetic)",
    "D03": "Demo hospital three (synthetic)",
    "D04": "Demo hospital four (synthetic)",
}


@dataclass(frozen=True)
class Account:
    """One account of the demo study."""

    login: str
    role: Role
    full_name: str
    site: str | None = None


def _of_site(site: str, suffix: str, words: str) -> tuple[Account, ...]:
    return (
        Account(f"demo{suffix}", Role.RADIATION_ONCOLOGIST, f"Demo oncologist{words}", site),
        Account(f"demo-investigator{suffix}", Role.INVESTIGATOR, f"Demo investigator{words}", site),
    )


ACCOUNTS = (
    *_of_site("D01", "", ""),
    Account("demo-physicist", Role.SITE_PHYSICIST, "Demo physicist", "D01"),
    Account("demo-staff", Role.TRIAL_STAFF, "Demo study nurse", "D01"),
    *_of_site("D02", "-two", " of hospital two"),
    *_of_site("D03", "-three", " of hospital three"),
    *_of_site("D04", "-four", " of hospital four"),
    Account(REVIEWERS[Discipline.ONCOLOGY], Role.CENTRAL_REVIEWER, "Demo reviewer, oncologist"),
    Account(REVIEWERS[Discipline.PHYSICS], Role.CENTRAL_REVIEWER, "Demo reviewer, physicist"),
    *(Account(login, Role.SAFETY_ADJUDICATOR, "Demo safety adjudicator") for login in ADJUDICATORS),
    Account(STATISTICIAN, Role.STATISTICIAN, "Demo statistician"),
    Account("demo-monitor", Role.MONITOR, "Demo monitor"),
    Account(OFFICE, Role.ADMINISTRATOR, "Demo trial office"),
)
STAFF = {each.site: each.login for each in ACCOUNTS if each.role is Role.RADIATION_ONCOLOGIST and each.site}
INVESTIGATORS = {each.site: each.login for each in ACCOUNTS if each.role is Role.INVESTIGATOR and each.site}


def create_sites_and_accounts(db: Database, passwords: Mapping[str, str]) -> None:
    """Create what is not there, with drawn passwords; one that somebody changed stays as it is."""
    for code, name in SITES.items():
        with suppress(AlreadyExists):
            sites.create_site(db, SYSTEM, code=code, name=name)
    for each in ACCOUNTS:
        with suppress(AlreadyExists):
            accounts.create_user(
                db,
                SYSTEM,
                login=each.login,
                password=passwords[each.login],
                role=each.role,
                full_name=each.full_name,
                site_code=each.site,
                drawn=True,
            )
