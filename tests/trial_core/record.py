"""A small trial to test on: two sites, their people, and the verbs a test needs in one line each."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from trial_core.audit_outside import AuditOutside
from trial_core.db.repositories import accounts as account_rows
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Role
from trial_core.domain.audit_chain import AuditKey
from trial_core.domain.criteria import Verdict
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.jobs import Claim
from trial_core.domain.plan import JobTicket, SubmissionState
from trial_core.domain.report import CourseReport, InputFile, ProtocolReference
from trial_core.domain.subject import Arm, Phase
from trial_core.services import jobs, results, sites, subjects, uploads
from trial_core.store import Store

KEY = b"k" * 32
AUDIT = AuditOutside(AuditKey(b"a" * 32))
WANG = PatientIdentity("P001", "WANG^XIAO", "19570302")
LI = PatientIdentity("P002", "LI^MING", "19610719")

ONCOLOGIST = Actor("u-onc", "onc", Role.RADIATION_ONCOLOGIST, "S1", "Oncologist One")
PHYSICIST = Actor("u-phy", "phy", Role.SITE_PHYSICIST, "S1", "Physicist One")
STAFF = Actor("u-sta", "sta", Role.TRIAL_STAFF, "S1", "Staff One")
OTHER_ONCOLOGIST = Actor("u-onc2", "onc2", Role.RADIATION_ONCOLOGIST, "S2", "Oncologist Two")
OFFICE = Actor("u-adm", "adm", Role.ADMINISTRATOR, None, "Office")
STATISTICIAN = Actor("u-stat", "stat", Role.STATISTICIAN, None, "Statistician")
EVERYONE = (ONCOLOGIST, PHYSICIST, STAFF, OTHER_ONCOLOGIST, OFFICE, STATISTICIAN)


@dataclass
class Clock:
    """A clock that stands until it is told to go on."""

    time: datetime = field(default_factory=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **step: float) -> None:
        self.time += timedelta(**step)


def populate(db: Database) -> None:
    """Create the sites and people; their password hashes are no hashes, so nobody can sign in as them."""
    for code in ("S1", "S2"):
        sites.create_site(db, SYSTEM, code=code, name=f"Hospital {code}")
    with db.transaction() as connection:
        for actor in EVERYONE:
            account_rows.add_account(connection, actor, password_hash="-", at=db.now())


@dataclass
class Record:
    """The trial with its store and clock."""

    db: Database
    store: Store
    clock: Clock
    folder: Path

    def enrol(self, code: str = "S1-001", actor: Actor = ONCOLOGIST) -> str:
        subjects.create_subject(self.db, actor, code=code)
        subjects.enrol_subject(self.db, actor, code=code, phase=Phase.IIB, arm=Arm.A)
        return code

    def begin(self, code: str, actor: Actor = ONCOLOGIST) -> str:
        return uploads.begin_submission(self.db, actor, subject_code=code)

    def send(self, submission_id: str, name: str, data: bytes, actor: Actor = ONCOLOGIST) -> str:
        upload = uploads.begin_file(
            self.db, self.store, actor, submission_id=submission_id, name=name, size_bytes=len(data)
        )
        if data:
            self.append(upload.upload_id, 0, data, actor)
        return upload.upload_id

    def append(self, upload_id: str, offset_bytes: int, data: bytes, actor: Actor = ONCOLOGIST) -> int:
        progress = uploads.append_chunk(
            self.db,
            self.store,
            actor,
            upload_id=upload_id,
            offset_bytes=offset_bytes,
            stream=io.BytesIO(data),
        )
        return progress.received_bytes

    def submit(self, code: str, data: bytes = b"plan", actor: Actor = ONCOLOGIST) -> JobTicket:
        submission_id = self.begin(code, actor)
        self.send(submission_id, "plan.dcm", data, actor)
        return uploads.complete_submission(self.db, actor, submission_id=submission_id)

    def claim(self, job_id: str, worker: str = "worker") -> Claim:
        claim = jobs.claim(self.db, job_id=job_id, worker=worker)
        assert claim is not None
        return claim

    def finish(
        self,
        claim: Claim,
        *identities: PatientIdentity,
        uids: Sequence[str] = ("1.2.3",),
        data: bytes = b"plan",
        code_version: str = "1",
    ) -> SubmissionState:
        return results.finish_plan_check(
            self.db,
            self.store,
            identity_key=KEY,
            claim=claim,
            report=report_on(data, code_version=code_version),
            identities=identities or (WANG,),
            sop_instance_uids=uids,
        )

    def check(
        self,
        code: str,
        *identities: PatientIdentity,
        data: bytes = b"plan",
        uids: Sequence[str] | None = None,
        actor: Actor = ONCOLOGIST,
        code_version: str = "1",
    ) -> tuple[str, SubmissionState]:
        """Submit a set and finish its check: (submission's id, state)."""
        ticket = self.submit(code, data, actor)
        own = uids if uids is not None else (f"1.2.{int.from_bytes(data[:6])}",)
        claim = self.claim(ticket.job_id)
        state = self.finish(claim, *identities, uids=own, data=data, code_version=code_version)
        return ticket.submission_id, state


def report_on(data: bytes, *, code_version: str = "1") -> CourseReport:
    """Give a report that says it read one file of these bytes."""
    sha256 = hashlib.sha256(data).hexdigest()
    return CourseReport(
        protocol=ProtocolReference(id="test", version="1", title="Test", sha256="0" * 64, assumed=()),
        code_version=code_version,
        inputs=(
            InputFile(
                name="plan.dcm", sha256=sha256, size_bytes=len(data), kind="RTPLAN", used=True, reason=""
            ),
        ),
        verdict=Verdict.PER_PROTOCOL,
        reasons=(),
        plans=(),
        results=(),
        counted=(),
        sums=(),
        structures=(),
        delivery=(),
        findings=(),
        curves=(),
    )
