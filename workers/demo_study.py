"""A demo study with synthetic subjects, put on record through services only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trial_core.domain.access import SYSTEM, Role
from trial_core.domain.plan import SubmissionState
from trial_core.domain.subject import SubjectStatus
from trial_core.errors import AccountLocked, AlreadyExists, SignInRefused
from trial_core.services import accounts, jobs, sites, subjects, submissions, uploads
from workers.demo_subjects import PlannedSubject, Site, bring_on, use_consent_form
from workers.own_worker import note_worker
from workers.worker_name import new_worker_name
from workers.workplace import Tell, Workplace

if TYPE_CHECKING:
    from trial_core.db.session import Database
    from trial_core.domain.access import Actor
    from trial_core.domain.plan import SubmissionSummary
    from trial_core.domain.report import CourseReport
    from trial_core.settings import Settings
    from trial_core.store import Store

LOGIN = "demo"
PASSWORD_FILE = "demo-sign-in.txt"  # noqa: S105 - a file name
PASSWORD_BYTES = 12
CHECKED_SUBJECT = "D01-001"


@dataclass(frozen=True)
class SignIn:
    """The demo account; `password` lies in `password_file` (mode 0600) from the first run on.

    `password` is None when it was changed since: the file then tells an old one.
    """

    user_name: str
    password: str | None
    password_file: Path


_SITES = (("D01", "Demo hospital one"), ("D02", "Demo hospital two"))
_USERS = (
    (LOGIN, Role.RADIATION_ONCOLOGIST, "Demo oncologist", "D01"),
    ("demo-two", Role.RADIATION_ONCOLOGIST, "Demo oncologist of the other hospital", "D02"),
    ("demo-physicist", Role.SITE_PHYSICIST, "Demo physicist", "D01"),
    ("demo-office", Role.ADMINISTRATOR, "Demo trial office", None),
    ("demo-investigator", Role.INVESTIGATOR, "Demo investigator", "D01"),
    ("demo-investigator-two", Role.INVESTIGATOR, "Demo investigator of the other hospital", "D02"),
)
_STAFF = ((LOGIN, "demo-investigator"), ("demo-two", "demo-investigator-two"))
_SUBJECTS = {
    LOGIN: (
        PlannedSubject(CHECKED_SUBJECT, SubjectStatus.ENROLLED),
        PlannedSubject("D01-002", SubjectStatus.ENROLLED),
        PlannedSubject("D01-003", SubjectStatus.SCREENING_FAILURE),
        PlannedSubject("D01-004", SubjectStatus.SCREENING),
    ),
    "demo-two": (
        PlannedSubject("D02-001", SubjectStatus.ENROLLED),
        PlannedSubject("D02-002", SubjectStatus.SCREENING),
    ),
}


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
        Told of the check's progress.
    """
    password_file = settings.data_folder / PASSWORD_FILE
    passwords = _passwords(password_file)
    _create_sites_and_users(db, passwords)
    try:
        with _signed_in(db, "demo-office", passwords["demo-office"]) as office:
            use_consent_form(db, office)
        for login, investigator in _STAFF:
            with (
                _signed_in(db, login, passwords[login]) as staff,
                _signed_in(db, investigator, passwords[investigator]) as signer,
            ):
                for planned in _SUBJECTS[login]:
                    bring_on(db, Site(staff, signer, passwords[investigator]), planned)
        with _signed_in(db, LOGIN, passwords[LOGIN]) as actor:
            _check_course(Workplace(settings, db, store), actor, course_folder, patient_id, tell)
    except (SignInRefused, AccountLocked):
        # Somebody has taken the account over; what was loaded stays as it is.
        return SignIn(LOGIN, None, password_file)
    return SignIn(LOGIN, passwords[LOGIN], password_file)


def demo_report(db: Database, store: Store, sign_in: SignIn) -> CourseReport | None:
    """Give the report of the demo course from the record, None while there is none (or no way to sign in)."""
    if sign_in.password is None:
        return None
    with _signed_in(db, LOGIN, sign_in.password) as actor:
        latest = _latest(db, actor)
        if latest is None or latest.report_sha256 is None:
            return None
        return submissions.report_of(db, store, actor, submission_id=latest.submission_id)


def _create_sites_and_users(db: Database, passwords: dict[str, str]) -> None:
    for code, name in _SITES:
        with suppress(AlreadyExists):
            sites.create_site(db, SYSTEM, code=code, name=name)
    for login, role, full_name, site in _USERS:
        with suppress(AlreadyExists):
            accounts.create_user(
                db,
                SYSTEM,
                login=login,
                password=passwords[login],
                role=role,
                full_name=full_name,
                site_code=site,
            )


def _check_course(
    workplace: Workplace, actor: Actor, course: Path, patient_id: str, tell: Tell | None
) -> None:
    """Bring the first subject's submission to its end, from wherever an earlier run was cut off."""
    db, store = workplace.db, workplace.store
    latest = _latest(db, actor)
    if latest and latest.state is SubmissionState.RECEIVING:
        uploads.abandon_submission(db, store, actor, submission_id=latest.submission_id)
        latest = None
    if latest is None or latest.state is SubmissionState.ABANDONED:
        _submit(workplace, actor, course)
    if latest and latest.state is SubmissionState.FAILED:
        jobs.check_again(db, actor, submission_id=latest.submission_id)
    latest = _latest(db, actor)
    if latest and latest.state is SubmissionState.SUBMITTED and latest.job:
        _run(workplace, latest.job.job_id, tell)
        latest = _latest(db, actor)
    if latest and latest.state is SubmissionState.AWAITING_CONFIRMATION:
        submissions.confirm_identity(
            db,
            actor,
            submission_id=latest.submission_id,
            identity_key=workplace.settings.secrets().identity_key,
            patient_id=patient_id,
        )


def _run(workplace: Workplace, job_id: str, tell: Tell | None) -> None:
    from workers.jobs import run_job  # noqa: PLC0415 - the dose engine is loaded at the first run alone

    jobs.expire(workplace.db)
    name = new_worker_name()
    note_worker(workplace.settings.data_folder, name)
    run_job(workplace, job_id, tell=tell, worker=name)


def _submit(workplace: Workplace, actor: Actor, course: Path) -> None:
    db, store = workplace.db, workplace.store
    submission = uploads.begin_submission(db, actor, subject_code=CHECKED_SUBJECT)
    for path in sorted(path for path in course.rglob("*") if path.is_file()):
        name = path.relative_to(course).as_posix()
        upload = uploads.begin_file(
            db, store, actor, submission_id=submission, name=name, size_bytes=path.stat().st_size
        )
        with path.open("rb") as file:
            uploads.append_chunk(db, store, actor, upload_id=upload.upload_id, offset_bytes=0, stream=file)
    uploads.complete_submission(db, actor, submission_id=submission)


def _latest(db: Database, actor: Actor) -> SubmissionSummary | None:
    record = subjects.subject_record(db, actor, code=CHECKED_SUBJECT)
    return record.submissions[0] if record.submissions else None


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
    missing = [login for login, *_ in _USERS if login not in known]
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
