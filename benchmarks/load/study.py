"""A large study, entered through the services: the demo study with more subjects and more plans.

The demo's own plans are really checked. The others hand in one file each, of their own, and get a copy of a
report that a real check made, with that file among its inputs: pages read as much as they would of checks of
their own. Left out of them are the hundreds of files of a set, and its pictures.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path

from imaging.synthetic.course import write_course
from imaging.synthetic.identity import Patient
from trial_core.db.session import Database
from trial_core.domain.access import Actor
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.plan import SubmissionState
from trial_core.domain.report import CourseReport, InputFile
from trial_core.services import accounts, allocation_lists, jobs, results, submissions, uploads
from trial_core.settings import Settings
from trial_core.store import Store
from workers.demo.calendar import DEMO_DAY, FIRST_IIB_SUBJECT_ON, DemoClock, working_day
from workers.demo.courses import DemoCourse, own_submission
from workers.demo.people import ACCOUNTS, SITES, STATISTICIAN, create_sites_and_accounts
from workers.demo.planning import DemoPlans, Step
from workers.demo.reviewing import ReviewBoard
from workers.demo.subjects import CHECKED_SUBJECT, DemoSubject, Fate, demo_subjects
from workers.demo.walk import Cast, DemoWalk
from workers.workplace import Tell, Workplace

_SLOTS = 400
"""Of each site's list: the demo's 20 would be used up."""
_FATES = (Fate.FOLLOWED, Fate.PROGRESSED, Fate.DIED_OF_DISEASE, Fate.FOLLOWED, Fate.LOST)
"""Those that hold the study's recruiting back are the demo's alone."""
_NAME = "RP.copied.dcm"
_FIRST_NUMBER = 101
_LAST_SCREENED_DAYS = 60
"""So long before the end of the study the last of them is screened."""


@dataclass(frozen=True)
class Size:
    """How many subjects, and how many submissions of two plans each beside the demo's own."""

    subjects: int = 500
    submissions: int = 1000


@dataclass
class CopiedPlans:
    """Submissions of the further subjects, with copies of a checked report, until there are enough."""

    workplace: Workplace
    cast: Cast
    left: int
    for_each: int
    _report: CourseReport | None = None
    _number: count[int] = field(default_factory=lambda: count(1))

    def steps(self, subject: DemoSubject, *, start: date, radiotherapy: bool) -> Iterator[tuple[date, Step]]:
        """Give the steps of one subject with their days."""
        if radiotherapy:
            for number in range(self.for_each):
                yield working_day(start + timedelta(days=2 + number)), partial(self._submit, subject)

    def _submit(self, subject: DemoSubject) -> None:
        if self.left == 0:
            return
        self.left -= 1
        db, store, staff = self.workplace.db, self.workplace.store, self.cast.staff(subject.site)
        number, data = next(self._number), f"{subject.code} {self.left}".encode()
        submission = uploads.begin_submission(db, staff, subject_code=subject.code)
        upload = uploads.begin_file(
            db, store, staff, submission_id=submission, name=_NAME, size_bytes=len(data)
        )
        uploads.append_chunk(
            db, store, staff, upload_id=upload.upload_id, offset_bytes=0, stream=io.BytesIO(data)
        )
        ticket = uploads.complete_submission(db, staff, submission_id=submission)
        state = self._finish(ticket.job_id, subject, number, data)
        if state is SubmissionState.AWAITING_CONFIRMATION:
            key = self.workplace.settings.secrets().identity_key
            submissions.confirm_identity(
                db, staff, submission_id=submission, identity_key=key, patient_id=subject.code
            )

    def _finish(self, job_id: str, subject: DemoSubject, number: int, data: bytes) -> SubmissionState:
        db = self.workplace.db
        claim = jobs.claim(db, job_id=job_id, worker="load")
        if claim is None:
            raise RuntimeError("A worker of another server took the job. Stop that server.")
        return results.finish_plan_check(
            db,
            self.workplace.store,
            identity_key=self.workplace.settings.secrets().identity_key,
            claim=claim,
            report=_with_input(self._real_report(), data),
            identities=[PatientIdentity(subject.code, f"{subject.code}^LOAD", "19600101")],
            sop_instance_uids=[f"1.2.826.0.1.3680043.10.{number}"],
        )

    def _real_report(self) -> CourseReport:
        if self._report is None:
            db, staff = self.workplace.db, self.cast.staff(CHECKED_SUBJECT.partition("-")[0])
            own = own_submission(db, staff, DemoCourse(CHECKED_SUBJECT, ""))
            if own is None:
                raise RuntimeError("The demo's own course has no report to copy.")
            self._report = submissions.report_of(
                db, self.workplace.store, staff, submission_id=own.submission_id
            )
        return self._report


@dataclass
class LoadWalk(DemoWalk):
    """The demo study's way with more subjects on it."""

    further: tuple[DemoSubject, ...] = ()
    copied: CopiedPlans | None = None

    def _plan(self) -> None:
        super()._plan()
        for subject in self.further:
            self._at(subject.screened_on, partial(self._screen_further, subject))

    def _screen_further(self, subject: DemoSubject) -> None:
        own, self.plans = self.plans, self.copied  # type: ignore[assignment]
        self._screen(subject)
        self.plans = own

    def _set_up(self) -> None:
        allocation_lists.make_lists(
            self.db,
            self.cast.actors[STATISTICIAN],
            protocol=self.protocol,
            key=self.secrets.randomisation_key,
            slots=_SLOTS,
        )


def _with_input(report: CourseReport, data: bytes) -> CourseReport:
    sha256 = hashlib.sha256(data).hexdigest()
    given = InputFile(
        name=_NAME, sha256=sha256, size_bytes=len(data), kind="RTPLAN", used=False, reason="a copied report"
    )
    return replace(report, inputs=(*report.inputs, given))


def further_subjects(wanted: int) -> tuple[DemoSubject, ...]:
    """Give the subjects beside the demo's own, spread evenly over phase IIb."""
    many = max(0, wanted - len(demo_subjects()))
    days = (DEMO_DAY - FIRST_IIB_SUBJECT_ON).days - _LAST_SCREENED_DAYS
    sites = list(SITES)
    found = []
    for index in range(many):
        site, fate = sites[index % len(sites)], _FATES[index // len(sites) % len(_FATES)]
        on = working_day(FIRST_IIB_SUBJECT_ON + timedelta(days=index * days // many))
        code = f"{site}-{_FIRST_NUMBER + index // len(sites)}"
        found.append(DemoSubject(code=code, site=site, screened_on=on, fate=fate))
    return tuple(found)


def make_study(settings: Settings, size: Size, tell: Tell) -> None:
    """Enter the study into an empty installation; all accounts have the password of `password_file`."""
    settings.mark_as_demo()
    password = secrets.token_urlsafe(12)
    file = password_file(settings.data_folder)
    file.touch(mode=0o600)
    file.write_text(password, encoding="utf-8")
    course, clock, further = settings.data_folder / "course", DemoClock(), further_subjects(size.subjects)
    write_course(course)
    db = Database(settings.database_url, audit=settings.audit_outside(), now=clock)
    store = Store(settings.store_folder)
    try:
        passwords = {each.login: password for each in ACCOUNTS}
        create_sites_and_accounts(db, passwords)
        with ExitStack() as stack:
            cast = Cast(_actors(db, password, stack), passwords)
            own = Workplace(settings, db, store)
            each = -(-size.submissions // max(1, len(further) // 2 - len(further) // 20))
            copied = CopiedPlans(own, cast, left=size.submissions, for_each=each)
            plans = DemoPlans(own, ReviewBoard(db, store, cast), course, Patient().patient_id)
            LoadWalk(
                db, store, clock, cast, settings.secrets(), tell, plans, further=further, copied=copied
            ).run()
    finally:
        db.close()


def _actors(db: Database, password: str, stack: ExitStack) -> dict[str, Actor]:
    found = {}
    for each in ACCOUNTS:
        token = accounts.sign_in(db, login=each.login, password=password)
        stack.callback(accounts.sign_out, db, token=token)
        found[each.login] = accounts.actor_of(db, token=token)
    return found


def password_file(folder: Path) -> Path:
    """Give the file that tells the password of a study that was made."""
    return folder / "load-sign-in.txt"
