"""A checked course of one CFRT plan, its reviewers, and the verbs of review in one line each."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace

from tests.trial_core.domain.rows import a_row
from tests.trial_core.enrolling import PASSWORD, quick_hash
from tests.trial_core.record import KEY, ONCOLOGIST, WANG, Record, report_on
from trial_core.db.repositories.forms import FormVersion
from trial_core.domain.access import SYSTEM, Actor, Role
from trial_core.domain.criteria import Requirement, Verdict
from trial_core.domain.delivered_fractions import BeamRecord
from trial_core.domain.plan import SubmissionState
from trial_core.domain.plan_review import DecisionOutcome, Discipline, ItemComment, PlanReview, ReviewOutcome
from trial_core.domain.report import CourseReport, PlanReport
from trial_core.domain.submitted_course import SubmittedCourse, SubmittedPlan
from trial_core.services import account_entry, recheck, results
from trial_core.services.plan_decision import decide_plan, review_state
from trial_core.services.plan_review import review_plan
from trial_core.services.recheck import RecheckEnd
from trial_core.services.whose_files import confirm_identity

CFRT_UID = "1.2.826.1"


def a_plan(uid: str = CFRT_UID, *, fractions: int = 28, share: int = 28, file: str = "a") -> SubmittedPlan:
    """A CFRT plan of 1.8 Gy a fraction."""
    return SubmittedPlan(
        uid=uid,
        file_sha256=file * 64,
        label=f"CFRT {uid[-1]}",
        regimen="CFRT",
        regimen_label="Conventional",
        planned_fractions=fractions,
        share_fractions=share,
        regimen_fractions=28,
        dose_gy=1.8 * share,
        prescribed_gy=1.8 * share,
    )


def a_report(data: bytes, verdict: Verdict = Verdict.PER_PROTOCOL, *, protocol: str = "1") -> CourseReport:
    """A report of one plan with the heart judged, and the liver not contoured."""
    report = report_on(data)
    absent = a_row(
        2, Verdict.NOT_CONTOURED, structure="Liver", metric="Mean[Gy]", requirement=Requirement.IF_PRESENT
    )
    return replace(
        report,
        protocol=replace(report.protocol, version=protocol, sha256=protocol.rjust(64, "0")),
        verdict=verdict,
        plans=(_plan_report(verdict),),
        results=(a_row(1, verdict), absent),
    )


def _plan_report(verdict: Verdict) -> PlanReport:
    return PlanReport(
        key="plan-1",
        label="CFRT",
        regimen="CFRT",
        regimen_label="Conventional",
        targets=(),
        prescription_gy=50.4,
        planned_fractions=28,
        dose_per_fraction_gy=1.8,
        share_fractions=28,
        regimen_fractions=28,
        verdict=verdict,
        reasons=(),
        checks=(),
        indices=(),
        machine=None,
        energy=None,
        technique=None,
        approval=None,
        dose_summation=None,
        sop_instance_uid=CFRT_UID,
    )


@dataclass
class Board:
    """A trial with two central reviewers."""

    record: Record
    oncologist: Actor = field(init=False)
    physicist: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.oncologist = add_reviewer(self.record, "rev-onc")
        self.physicist = add_reviewer(self.record, "rev-phy")
        self.db, self.store = self.record.db, self.record.store

    def checked(
        self,
        code: str = "S1-001",
        *,
        verdict: Verdict = Verdict.PER_PROTOCOL,
        data: bytes = b"plan",
        plans: tuple[SubmittedPlan, ...] = (a_plan(),),
        records: tuple[BeamRecord, ...] = (),
        report: CourseReport | None = None,
    ) -> str:
        """Submit, check and confirm a course: the submission's id."""
        ticket = self.record.submit(code, data)
        state = results.finish_plan_check(
            self.db,
            self.store,
            identity_key=KEY,
            claim=self.record.claim(ticket.job_id),
            report=report or a_report(data, verdict),
            identities=(WANG,),
            sop_instance_uids=(f"1.2.{int.from_bytes(data[:6])}",),
            course=SubmittedCourse(plans=plans, records=records),
        )
        if state is SubmissionState.AWAITING_CONFIRMATION:
            confirm_identity(
                self.db,
                ONCOLOGIST,
                submission_id=ticket.submission_id,
                identity_key=KEY,
                patient_id=WANG.patient_id,
            )
        self.record.clock.advance(minutes=1)
        return ticket.submission_id

    def judged_sha256(self, submission_id: str) -> str:
        """The content that a reviewer sees now."""
        return review_state(self.db, self.oncologist, submission_id=submission_id).result.judged_sha256

    def review(
        self,
        submission_id: str,
        discipline: Discipline,
        *,
        actor: Actor | None = None,
        outcome: ReviewOutcome = ReviewOutcome.NO_OBJECTION,
        comments: tuple[ItemComment, ...] = (),
        not_contoured: tuple[str, ...] = ("Liver",),
        **more: object,
    ) -> FormVersion:
        """Sign a review of what stands now."""
        own = self.oncologist if discipline is Discipline.ONCOLOGY else self.physicist
        review = PlanReview(
            submission_id=submission_id,
            discipline=discipline,
            judged_sha256=self.judged_sha256(submission_id),
            outcome=outcome,
            comments=comments,
            not_contoured=not_contoured,
        )
        return review_plan(
            self.db,
            self.store,
            actor or own,
            review=review,
            password=PASSWORD,
            **more,  # type: ignore[arg-type]
        )

    def review_by_both(self, submission_id: str, **more: object) -> None:
        """Sign both reviews."""
        for discipline in Discipline:
            self.review(submission_id, discipline, **more)  # type: ignore[arg-type]

    def decide(
        self,
        submission_id: str,
        outcome: DecisionOutcome = DecisionOutcome.PER_PROTOCOL,
        *,
        actor: Actor | None = None,
        judged_sha256: str | None = None,
        **more: object,
    ) -> FormVersion:
        """Decide on what stands now."""
        form = decide_plan(
            self.db,
            self.store,
            actor or self.oncologist,
            submission_id=submission_id,
            judged_sha256=judged_sha256 or self.judged_sha256(submission_id),
            outcome=outcome,
            reason=str(more.pop("reason", "seen with both reviewers")),
            password=PASSWORD,
            **more,  # type: ignore[arg-type]
        )
        self.record.clock.advance(minutes=1)
        return form

    def recheck(
        self, submission_id: str, report: CourseReport, *, plans: tuple[SubmittedPlan, ...] = (a_plan(),)
    ) -> RecheckEnd:
        """Ask for a re-check and finish it with a report."""
        ticket = recheck.request_recheck(
            self.db, self.oncologist, submission_id=submission_id, reason="protocol amended"
        )
        claim = self.record.claim(ticket.job_id)
        end = recheck.finish_recheck(
            self.db,
            self.store,
            claim=claim,
            report=report,
            accepted=recheck.recheck_work(self.db, claim=claim).accepted,
            course=SubmittedCourse(plans=plans),
        )
        self.record.clock.advance(minutes=1)
        return end


def add_reviewer(record: Record, login: str, site: str | None = None) -> Actor:
    """Add a central reviewer; with a site, one who comes from that hospital."""
    person = Actor(uuid.uuid4().hex, login, Role.CENTRAL_REVIEWER, site, f"Reviewer {login}")
    with record.db.transaction() as connection:
        account_entry.put_account(connection, record.db, SYSTEM, person, password_hash=quick_hash())
    return person
