"""An installation with people of two sites and subjects, made and used through the real services."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from tests.trial_core import enrolling
from tests.web.a_report import a_report
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Role
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.report import CourseReport
from trial_core.domain.subject import Arm
from trial_core.services import accounts, jobs, results, sites, submissions, uploads
from trial_core.settings import Settings, read_settings
from trial_core.store import Store

PASSWORD = "correct horse battery"
PATIENT_ID = "PID-1"
PEOPLE = {
    "oncologist": (Role.RADIATION_ONCOLOGIST, "S01"),
    "investigator": (Role.INVESTIGATOR, "S01"),
    "physicist": (Role.SITE_PHYSICIST, "S01"),
    "staff": (Role.TRIAL_STAFF, "S01"),
    "stranger": (Role.RADIATION_ONCOLOGIST, "S02"),
    "admin": (Role.ADMINISTRATOR, None),
}
# Whoever is added later is in arm A: the order of the site's list is known here, and sealed all the same.
ARMS = (Arm.B, *(Arm.A,) * 60)


@dataclass(frozen=True)
class Installation:
    """One installation with its people."""

    settings: Settings
    db: Database
    store: Store
    people: dict[str, Actor]

    def submit(self, code: str, files: dict[str, bytes]) -> tuple[str, str]:
        """Submit files for a subject through the services; gives submission and job."""
        who = self.people["oncologist"]
        submission_id = uploads.begin_submission(self.db, who, subject_code=code)
        for name, data in files.items():
            upload = uploads.begin_file(
                self.db, self.store, who, submission_id=submission_id, name=name, size_bytes=len(data)
            )
            uploads.append_chunk(
                self.db, self.store, who, upload_id=upload.upload_id, offset_bytes=0, stream=io.BytesIO(data)
            )
        ticket = uploads.complete_submission(self.db, who, submission_id=submission_id)
        return submission_id, ticket.job_id

    def check(
        self, job_id: str, *, seed: str = "a", patient: str = PATIENT_ID, report: CourseReport | None = None
    ) -> None:
        """Do the job as a worker would, with a hand-made report for its result."""
        claim = jobs.claim(self.db, job_id=job_id, worker="test")
        assert claim is not None
        results.finish_plan_check(
            self.db,
            self.store,
            identity_key=self.settings.secrets().identity_key,
            claim=claim,
            report=report or a_report(seed=seed),
            identities=[PatientIdentity(patient, f"Doe^{patient}", "19500101")],
            sop_instance_uids=[f"1.2.3.{int.from_bytes(seed.encode())}"],
        )

    def confirm(self, submission_id: str, *, patient: str = PATIENT_ID) -> None:
        """Confirm a first set as the oncologist."""
        submissions.confirm_identity(
            self.db,
            self.people["oncologist"],
            submission_id=submission_id,
            identity_key=self.settings.secrets().identity_key,
            patient_id=patient,
        )

    def add_subject(self, code: str) -> None:
        """Register, enrol and randomise one more subject, in arm A."""
        _randomise(self.db, self.people, self.settings, code)

    def reviewer(self, login: str, site: str | None = None) -> Actor:
        """Add a central reviewer; of a hospital of the trial where `site` is given."""
        return accounts.create_user(
            self.db,
            self.people["admin"],
            login=login,
            password=PASSWORD,
            role=Role.CENTRAL_REVIEWER,
            full_name=login.title(),
            site_code=site,
        )

    def screen_subject(self, code: str) -> None:
        """Bring one more subject to the eve of enrolment."""
        staff, signer = self.people["oncologist"], self.people["investigator"]
        enrolling.screen(self.db, staff, signer, code, enrolling.SHORT)


def build(folder: Path) -> dict[str, Actor]:
    """Make an installation in a folder whose study is in phase IIb, and give its people."""
    people = build_in_run_in(folder)
    settings = read_settings({"DOSEGATE_DATA": str(folder)})
    db = Database(settings.database_url, audit=settings.audit_outside())
    _walk(db, people, settings)
    db.close()
    return people


def build_in_run_in(folder: Path) -> dict[str, Actor]:
    """Make an installation in a folder whose run-in recruits, without a subject, and give its people."""
    settings = read_settings({"DOSEGATE_DATA": str(folder)})
    settings.secrets()
    db = Database(settings.database_url, audit=settings.audit_outside())
    migrate(db)
    for code in ("S01", "S02"):
        sites.create_site(db, SYSTEM, code=code, name=f"Hospital {code}")
    people = {login: _person(db, login) for login in PEOPLE}
    enrolling.use_consent_form(db, people["admin"])
    db.close()
    return people


def _walk(db: Database, people: dict[str, Actor], settings: Settings) -> None:
    """Subject 001 in the run-in, 002 in arm B of phase IIb, 003 in screening and ready to be enrolled."""
    staff, signer = people["oncologist"], people["investigator"]
    enrolling.enrol(db, staff, signer, "S01-001", enrolling.SHORT)
    enrolling.open_iib(
        db,
        staff=staff,
        run_in=["S01-001"],
        adjudicator=enrolling.add_person(db, Role.SAFETY_ADJUDICATOR),
        statistician=enrolling.add_person(db, Role.STATISTICIAN),
    )
    key = settings.secrets().randomisation_key
    enrolling.seal_known_list(db, "site=S01", [arm.value for arm in ARMS], key=key)
    _randomise(db, people, settings, "S01-002")
    enrolling.screen(db, staff, signer, "S01-003", enrolling.SHORT)


def _randomise(db: Database, people: dict[str, Actor], settings: Settings, code: str) -> None:
    staff = people["oncologist"]
    enrolling.enrol(db, staff, people["investigator"], code, enrolling.SHORT)
    enrolling.randomise(db, staff, code, key=settings.secrets().randomisation_key)


def open_installation(folder: Path, people: dict[str, Actor]) -> Installation:
    """Open an installation that was built; the caller closes its database."""
    settings = read_settings({"DOSEGATE_DATA": str(folder)})
    return Installation(
        settings,
        Database(settings.database_url, audit=settings.audit_outside()),
        Store(settings.store_folder),
        people,
    )


def _person(db: Database, login: str) -> Actor:
    role, site = PEOPLE[login]
    return accounts.create_user(
        db, SYSTEM, login=login, password=PASSWORD, role=role, full_name=login.title(), site_code=site
    )
