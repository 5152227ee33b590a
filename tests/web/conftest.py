"""An installation in a temporary folder, people of two sites, and clients that are signed in."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.a_report import a_report
from trial_core.db.migrate import migrate
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Role
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.subject import Arm, Phase
from trial_core.services import accounts, jobs, results, sites, subjects, uploads
from trial_core.settings import Settings, read_settings
from trial_core.store import Store
from web.app import create_app
from web.security import CSRF_HEADER, csrf_token

PASSWORD = "correct horse battery"
PATIENT_ID = "PID-1"
PEOPLE = {
    "oncologist": (Role.RADIATION_ONCOLOGIST, "S01"),
    "physicist": (Role.PHYSICIST, "S01"),
    "staff": (Role.TRIAL_STAFF, "S01"),
    "stranger": (Role.RADIATION_ONCOLOGIST, "S02"),
    "admin": (Role.ADMINISTRATOR, None),
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

    def check(self, job_id: str, *, seed: str = "a") -> None:
        """Do the job as a worker would, with a hand-made report for its result."""
        claim = jobs.claim(self.db, job_id=job_id, worker="test")
        assert claim is not None
        results.finish_plan_check(
            self.db,
            self.store,
            identity_key=self.settings.secrets().identity_key,
            claim=claim,
            report=a_report(seed=seed),
            identities=[PatientIdentity(PATIENT_ID, "Doe^Jane", "19500101")],
            sop_instance_uids=[f"1.2.3.{seed.encode().hex()}"],
        )


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Actor]]:
    """An installation with its people, built once; each test works on a copy."""
    folder = tmp_path_factory.mktemp("installation")
    settings = read_settings({"DOSEGATE_DATA": str(folder)})
    db = Database(settings.database_url)
    migrate(db)
    for code in ("S01", "S02"):
        sites.create_site(db, SYSTEM, code=code, name=f"Hospital {code}")
    people = {login: _person(db, login) for login in PEOPLE}
    _subjects(db, people["oncologist"])
    settings.secrets()
    db.close()
    return folder, people


@pytest.fixture
def installation(built: tuple[Path, dict[str, Actor]], tmp_path: Path) -> Iterator[Installation]:
    folder, people = built
    shutil.copytree(folder, tmp_path / "data")
    settings = read_settings({"DOSEGATE_DATA": str(tmp_path / "data")})
    db = Database(settings.database_url)
    yield Installation(settings, db, Store(settings.store_folder), people)
    db.close()


@pytest.fixture
def sign_in(installation: Installation) -> Callable[[str], FlaskClient]:
    server = create_app(installation.settings, installation.db, installation.store).server

    def as_person(login: str) -> FlaskClient:
        client = server.test_client()
        if login:
            token = accounts.sign_in(installation.db, login=login, password=PASSWORD)
            client.set_cookie("dosegate_session", token)
            client.environ_base[f"HTTP_{CSRF_HEADER.upper().replace('-', '_')}"] = csrf_token(token)
        return client

    return as_person


@pytest.fixture
def oncologist(sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    return sign_in("oncologist")


@pytest.fixture
def checked(installation: Installation) -> str:
    """A submission whose check is done and whose identity waits for a person."""
    submission_id, job_id = installation.submit("S01-001", {"a.dcm": b"a"})
    installation.check(job_id)
    return submission_id


def _person(db: Database, login: str) -> Actor:
    role, site = PEOPLE[login]
    return accounts.create_user(
        db, SYSTEM, login=login, password=PASSWORD, role=role, full_name=login.title(), site_code=site
    )


def _subjects(db: Database, who: Actor) -> None:
    for code in ("S01-001", "S01-002", "S01-003"):
        subjects.create_subject(db, who, code=code)
    subjects.enrol_subject(db, who, code="S01-001", phase=Phase.IIA)
    subjects.enrol_subject(db, who, code="S01-002", phase=Phase.IIB, arm=Arm.B)
