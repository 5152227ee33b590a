"""A demo study with synthetic subjects, put on record through services only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM
from trial_core.errors import AccountLocked, SettingError, SignInRefused
from trial_core.services import accounts, sites, submissions
from workers.demo.calendar import DemoClock
from workers.demo.courses import DemoCourse, bring_on_course, own_submission
from workers.demo.people import (
    ACCOUNTS,
    ADJUDICATORS,
    INVESTIGATORS,
    LOGIN,
    OFFICE,
    REVIEWERS,
    STAFF,
    STATISTICIAN,
    create_sites_and_accounts,
)
from workers.demo.planning import DemoPlans
from workers.demo.reviewing import ReviewBoard
from workers.demo.subjects import CHECKED_SUBJECT
from workers.demo.walk import CUT, Cast, DemoWalk, has_data_cut
from workers.workplace import Tell, Workplace

if TYPE_CHECKING:
    from trial_core.domain.access import Actor
    from trial_core.domain.report import CourseReport
    from trial_core.settings import Settings
    from trial_core.store import Store

__all__ = ["CHECKED_SUBJECT", "LOGIN", "SignIn", "demo_report", "load_demo_study"]

PASSWORD_FILE = "demo-sign-in.txt"  # noqa: S105 - a file name
PASSWORD_BYTES = 12
_ACTORS = (
    *STAFF.values(),
    *INVESTIGATORS.values(),
    *ADJUDICATORS,
    *REVIEWERS.values(),
    STATISTICIAN,
    OFFICE,
)


@dataclass(frozen=True)
class SignIn:
    """The demo account; `password` lies in `password_file` (mode 0600) from the first run on.

    `password` is None when it was changed since: the file then tells an old one.
    """

    user_name: str
    password: str | None
    password_file: Path


def load_demo_study(
    settings: Settings,
    db: Database,
    store: Store,
    course_folder: Path,
    *,
    patient_id: str,
    tell: Tell | None = None,
) -> SignIn:
    """Put the demo study on record, once: a second call changes nothing and returns the same sign-in.

    Parameters
    ----------
    settings, db, store
        The installation.
    course_folder
        The synthetic course that the first subject has submitted.
    patient_id
        PatientID of that course: what the demo oncologist confirms it by.
    tell
        Told of the progress.

    Raises
    ------
    SettingError
        The data folder holds another study already.
    """
    workplace = Workplace(settings, db, store)
    password_file = settings.data_folder / PASSWORD_FILE
    mine = _claim(settings, db, password_file)
    passwords = _passwords(password_file)
    course = DemoCourse(CHECKED_SUBJECT, patient_id)
    try:
        if mine and not has_data_cut(db, CUT):
            _walk(workplace, passwords, course, course_folder, tell)
        with _signed_in(db, LOGIN, passwords[LOGIN]) as actor:
            bring_on_course(workplace, actor, course, course_folder, tell)
    except (SignInRefused, AccountLocked):
        # Somebody has taken the account over; what was loaded stays as it is.
        return SignIn(LOGIN, None, password_file)
    return SignIn(LOGIN, passwords[LOGIN], password_file)


def _claim(settings: Settings, db: Database, password_file: Path) -> bool:
    """Mark an empty installation as the demo's; tell whether it is one that the walk may write in."""
    if settings.is_demo:
        return True
    if sites.list_sites(db, SYSTEM):
        if password_file.exists():
            return False  # the smaller demo study of an earlier version: it stays as it is
        raise SettingError(
            "DOSEGATE_DATA",
            f"{settings.data_folder} holds a study already, and the demo study is not added to it. "
            "Use `dosegate serve` for that study, or choose another folder for the demo.",
        )
    settings.mark_as_demo()
    return True


def _walk(
    workplace: Workplace, passwords: dict[str, str], course: DemoCourse, folder: Path, tell: Tell | None
) -> None:
    """Enter the demo study by a clock of its own: its subjects' years cannot wait for ours."""
    settings, clock = workplace.settings, DemoClock()
    db = Database(settings.database_url, audit=settings.audit_outside(), zone=settings.zone, now=clock)
    try:
        create_sites_and_accounts(db, passwords)
        with ExitStack() as stack:
            actors = {
                login: stack.enter_context(_signed_in(db, login, passwords[login])) for login in _ACTORS
            }
            cast = Cast(actors, passwords)
            own = Workplace(settings, db, workplace.store, workplace.stop)
            board = ReviewBoard(db, workplace.store, cast)
            plans = DemoPlans(own, board, folder, course.patient_id, tell)
            DemoWalk(db, workplace.store, clock, cast, settings.secrets(), tell, plans).run()
    finally:
        db.close()


def demo_report(db: Database, store: Store, sign_in: SignIn) -> CourseReport | None:
    """Give the report of the demo course from the record, None while there is none (or no way to sign in)."""
    if sign_in.password is None:
        return None
    with _signed_in(db, LOGIN, sign_in.password) as actor:
        own = own_submission(db, actor, DemoCourse(CHECKED_SUBJECT, ""))
        if own is None or own.report_sha256 is None:
            return None
        return submissions.report_of(db, store, actor, submission_id=own.submission_id)


@contextmanager
def _signed_in(db: Database, login: str, password: str) -> Iterator[Actor]:
    token = accounts.sign_in(db, login=login, password=password)
    try:
        yield accounts.actor_of(db, token=token)
    finally:
        accounts.sign_out(db, token=token)


def _passwords(path: Path) -> dict[str, str]:
    """Read the demo accounts' passwords; each is drawn before its account exists."""
    known = _read_passwords(path) if path.exists() else {}
    missing = [login for login in (each.login for each in ACCOUNTS) if login not in known]
    if missing:
        known |= {login: secrets.token_urlsafe(PASSWORD_BYTES) for login in missing}
        _write_passwords(path, known)
    return known


def _read_passwords(path: Path) -> dict[str, str]:
    pairs = (line.split(maxsplit=1) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return {login: password.strip() for login, password in pairs}


def _write_passwords(path: Path, passwords: dict[str, str]) -> None:
    lines = [f"{login} {password}\n" for login, password in passwords.items()]
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.writelines(lines)
    draft.rename(path)
