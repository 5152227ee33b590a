"""A small trial to test on: two sites, their people, and the verbs a test needs in one line each."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.trial_core import enrolling
from trial_core.audit_outside import AuditOutside
from trial_core.db.session import Database
from trial_core.domain.access import SYSTEM, Actor, Role
from trial_core.domain.audit_chain import AuditKey
from trial_core.domain.criteria import Verdict
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.jobs import Claim
from trial_core.domain.leaving import Leaving, LeavingKind
from trial_core.domain.plan import JobTicket, SubmissionState
from trial_core.domain.report import CourseReport, InputFile, ProtocolReference
from trial_core.domain.subject import Arm
from trial_core.services import account_entry, accounts, jobs, results, sites, uploads, withdrawal
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
INVESTIGATOR = Actor("u-inv", "inv", Role.INVESTIGATOR, "S1", "Investigator One")
OTHER_INVESTIGATOR = Actor("u-inv2", "inv2", Role.INVESTIGATOR, "S2", "Investigator Two")
ADJUDICATOR = Actor("u-adj", "adj", Role.SAFETY_ADJUDICATOR, None, "Adjudicator One")
OTHER_ADJUDICATOR = Actor("u-adj2", "adj2", Role.SAFETY_ADJUDICATOR, None, "Adjudicator Two")
MONITOR = Actor("u-mon", "mon", Role.MONITOR, None, "Monitor")
SIGNERS = {"S1": INVESTIGATOR, "S2": OTHER_INVESTIGATOR}
EVERYONE = (
    ONCOLOGIST,
    PHYSICIST,
    STAFF,
    OTHER_ONCOLOGIST,
    OFFICE,
    STATISTICIAN,
    INVESTIGATOR,
    OTHER_INVESTIGATOR,
    ADJUDICATOR,
    OTHER_ADJUDICATOR,
    MONITOR,
)


@dataclass
class Clock:
    """A clock that stands until it is told to go on."""

    time: datetime = field(default_factory=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **step: float) -> None:
        self.time += timedelta(**step)


def populate(db: Database) -> None:
    """Create the sites and people, all with one password, and the consent form in use."""
    for code in ("S1", "S2"):
        sites.create_site(db, SYSTEM, code=code, name=f"Hospital {code}")
    with db.transaction() as connection:
        for actor in EVERYONE:
            account_entry.put_account(connection, db, SYSTEM, actor, password_hash=enrolling.quick_hash())
    enrolling.use_consent_form(db, OFFICE)


def create_account(record: Record, login: str = "wei", **changes: Any) -> Actor:
    """Create the account of a physicist of S1, or of whoever the changes make of it."""
    values: dict[str, Any] = {
        "login": login,
        "password": enrolling.PASSWORD,
        "role": Role.SITE_PHYSICIST,
        "full_name": "Wei",
        "site_code": "S1",
    }
    return accounts.create_user(record.db, SYSTEM, **(values | changes))


@dataclass
class Record:
    """The trial with its store and clock."""

    db: Database
    store: Store
    clock: Clock
    folder: Path

    def enrol(self, code: str = "S1-001", actor: Actor = ONCOLOGIST) -> str:
        """Register, screen and enrol a subject in the phase that the study recruits for: first the run-in."""
        signer = SIGNERS[actor.site_code or ""]
        enrolling.enrol(self.db, actor, signer, code, enrolling.protocol_of())
        return code

    def leave(self, code: str, kind: LeavingKind = LeavingKind.WITHDRAWAL_FROM_TREATMENT) -> None:
        """Let a subject of site S1 leave today."""
        leaving = Leaving(kind=kind, on=self.clock().date())
        withdrawal.leave(self.db, STAFF, code=code, leaving=leaving)

    def open_iib(self) -> None:
        """Walk the study to phase IIb: a run-in of one subject, S1-000, observed for a day."""
        enrolling.enrol(self.db, ONCOLOGIST, INVESTIGATOR, "S1-000", enrolling.SHORT)
        self.clock.advance(days=2)
        enrolling.open_iib(
            self.db,
            staff=ONCOLOGIST,
            run_in=["S1-000"],
            adjudicator=ADJUDICATOR,
            statistician=STATISTICIAN,
        )

    def allocate(self, *arms: Arm, site: str = "S1") -> None:
        """Let a site's next subjects get these arms."""
        enrolling.seal_known_list(self.db, f"site={site}", [arm.value for arm in arms])

    def randomise(self, code: str, actor: Actor = ONCOLOGIST) -> Arm:
        """Enrol a subject in phase IIb and reveal its arm."""
        self.enrol(code, actor)
        return enrolling.randomise(self.db, actor, code)

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
