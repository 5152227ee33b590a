"""An installation with people of two sites and subjects, made and used through the real services."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from tests.web.a_report import a_report
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Role
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.report import CourseReport
from trial_core.domain.subject import Arm, Phase
from trial_core.services import accounts, jobs, results, sites, subjects, submissions, uploads
from trial_core.settings import Settings, read_settings
from trial_core.store import Store

PASSWORD = "correct horse battery"
PATIENT_ID = "PID-1"
PEOPLE = {
    "oncologist": (Role.RADIATION_ONCOLOGIST, "S01"),
    "physicist": (Role.SITE_PHYSICIST, "S01"),
    "staff": (Role.TRIAL_STAFF, "S01"),
    "stranger": (Role.RADIATION_ONCOLOGIST, "S02"),
    "admin": (Role.ADMINISTRATOR, None),
}
SUBJECTS = {
    "S01-001": (Phase.IIA, None),
    "S01-002": (Phase.IIB, Arm.B),
    "S01-003": (None, None),
}


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
        """Register and enrol one more subject of the run-in."""
        subjects.create_subject(self.db, self.people["oncologist"], code=code)
        subjects.enrol_subject(self.db, self.people["oncologist"], code=code, phase=Phase.IIA)


def build(folder: Path) -> dict[str, Actor]:
    """Make an installation in a folder, and give its people."""
    settings = read_settings({"DOSEGATE_DATA": str(folder)})
    settings.secrets()
    db = Database(settings.database_url, audit=settings.audit_outside())
    migrate(db)
    for code in ("S01", "S02"):
        sites.create_site(db, SYSTEM, code=code, name=f"Hospital {code}")
    people = {login: _person(db, login) for login in PEOPLE}
    for code, (phase, arm) in SUBJECTS.items():
        subjects.create_subject(db, people["oncologist"], code=code)
        if phase is not None:
            subjects.enrol_subject(db, people["oncologist"], code=code, phase=phase, arm=arm)
    db.close()
    return people


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
