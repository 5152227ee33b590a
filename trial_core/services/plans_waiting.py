"""Plans that wait: for a site to submit one, for a person to say whose it is, for a decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain
from trial_core.db.repositories import follow_up, forms, results, subjects
from trial_core.db.repositories import submissions as rows
from trial_core.db.repositories.submissions import NewestSet
from trial_core.db.session import Database, day_of
from trial_core.domain.access import Actor, Permission
from trial_core.domain.clinical_forms import ClinicalForm
from trial_core.domain.plan import SubmissionState
from trial_core.domain.plan_review import PlanDecision, ReviewForm
from trial_core.domain.subject import Phase, Subject, plan_refusal
from trial_core.domain.subject_forms import Enrolment, SubjectForm
from trial_core.services.authorise import reach_of, require

SUBMIT_WITHIN_DAYS = 14
"""Assumed: the protocol says of no plan when it is due. From enrolment in IIa, from randomisation in IIb."""

DECIDE_WITHIN_DAYS = 3
"""Assumed, as above: from the submission."""


class PlanWait(StrEnum):
    """What a subject's plan waits for."""

    SUBMISSION = "no plan on record"
    PERSON = "a person to say whose files these are"
    DECISION = "a decision"
    NEW_PLAN = "a new plan after a rejection"


_DAYS = {
    PlanWait.SUBMISSION: SUBMIT_WITHIN_DAYS,
    PlanWait.PERSON: DECIDE_WITHIN_DAYS,
    PlanWait.DECISION: DECIDE_WITHIN_DAYS,
    PlanWait.NEW_PLAN: SUBMIT_WITHIN_DAYS,
}


@dataclass(frozen=True, kw_only=True)
class WaitingPlan:
    """One subject whose plan waits; `submission` is None where none is on record."""

    site: str
    code: str
    waits_for: PlanWait
    since: date
    submission: str | None
    days: int

    @property
    def overdue(self) -> bool:
        """Whether it waits longer than it should."""
        return self.days > _DAYS[self.waits_for]


def plans_waiting(db: Database, actor: Actor) -> tuple[WaitingPlan, ...]:
    """List the subjects in treatment, within reach, whose plan waits for somebody, the longest first.

    Who died or ended treatment is left out, and so is who gets no radiotherapy.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_SUBJECTS)
    reach, today = reach_of(actor), db.today()
    with db.read() as connection:
        found = tuple(_waiting(connection, reach, today))
    return tuple(sorted(found, key=lambda each: (-each.days, each.site, each.code)))


def _waiting(connection: Connection, reach: str | None, today: date) -> Iterator[WaitingPlan]:
    over = forms.subjects_with(connection, (ClinicalForm.DEATH, SubjectForm.LEAVING))
    newest = rows.newest_sets(connection, reach)
    judgements = _judgements(connection, [one.submission_id for one in newest.values()])
    for phase in Phase:
        for subject_id, subject in subjects.of_phase(connection, phase):
            inside = reach in (None, subject.site_code) and subject_id not in over
            if not inside or plan_refusal(subject.status, subject.phase, subject.arm) is not None:
                continue
            standing = _standing(connection, subject_id, subject, newest.get(subject_id), judgements)
            if standing is not None:
                wait, since, submission = standing
                yield WaitingPlan(
                    site=subject.site_code,
                    code=subject.code,
                    waits_for=wait,
                    since=since,
                    submission=submission,
                    days=(today - since).days,
                )


def _decisions(connection: Connection) -> dict[str, PlanDecision]:
    found = forms.standing_of_all(connection, ReviewForm.DECISION)
    return {form.occasion: from_plain(form.content, PlanDecision) for form in found}


def _standing(
    connection: Connection,
    subject_id: str,
    subject: Subject,
    newest: NewestSet | None,
    judgements: dict[str, tuple[PlanDecision | None, str | None]],
) -> tuple[PlanWait, date, str | None] | None:
    """What the newest set waits for, since when; None where it waits for nobody."""
    if newest is None:
        return PlanWait.SUBMISSION, _clock(connection, subject_id, subject), None
    since = day_of(connection, newest.handed_in_at)
    match newest.state:
        case SubmissionState.SUBMITTED:
            return None
        case SubmissionState.AWAITING_CONFIRMATION:
            return PlanWait.PERSON, since, newest.submission_id
        case _:
            return _after_check(newest, since, *judgements[newest.submission_id])


def _judgements(
    connection: Connection, newest: Sequence[str]
) -> dict[str, tuple[PlanDecision | None, str | None]]:
    """Give of every subject's newest set its decision, and the hash of the content that stands."""
    decided, judged = _decisions(connection), results.judged_now(connection, newest)
    return {one: (decided.get(one), judged.get(one)) for one in newest}


def _after_check(
    newest: NewestSet, since: date, decision: PlanDecision | None, judged: str | None
) -> tuple[PlanWait, date, str | None] | None:
    if decision is None or judged not in (None, decision.judged_sha256):
        return PlanWait.DECISION, since, newest.submission_id
    return None if decision.outcome.accepts else (PlanWait.NEW_PLAN, since, newest.submission_id)


def _clock(connection: Connection, subject_id: str, subject: Subject) -> date:
    """The day from which a plan could be submitted."""
    randomised_at = follow_up.randomised_at(connection, subject_id)
    if randomised_at is not None:
        return day_of(connection, randomised_at)
    enrolled = forms.standing(connection, subject_id=subject_id, kind=SubjectForm.ENROLMENT)
    return (
        from_plain(enrolled[0].content, Enrolment).on if enrolled else day_of(connection, subject.created_at)
    )
