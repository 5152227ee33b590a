"""The demo's plans reviewed by both disciplines and decided on, as their verdict says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trial_core.domain.criteria import Verdict
from trial_core.domain.plan_review import (
    DecisionOutcome,
    Discipline,
    ItemComment,
    PlanReview,
    ReviewOutcome,
    not_contoured,
)
from trial_core.services.plan_decision import decide_plan, review_state
from trial_core.services.plan_review import review_plan
from trial_core.services.submissions import report_of
from workers.demo.people import REVIEWERS

if TYPE_CHECKING:
    from trial_core.db.session import Database
    from trial_core.services.plan_decision import ReviewState
    from trial_core.store import Store
    from workers.demo.walk import Cast

_OBJECTION = ItemComment(item="course", words="synthetic: a limit of the protocol is not met")
_OUTCOMES = {
    Verdict.PER_PROTOCOL: DecisionOutcome.PER_PROTOCOL,
    Verdict.ACCEPTABLE_VARIATION: DecisionOutcome.WITH_VARIATION,
}


@dataclass(frozen=True)
class ReviewBoard:
    """The installation and the two central reviewers, with the passwords that they sign by."""

    db: Database
    store: Store
    cast: Cast

    def judge(self, submission_id: str) -> None:
        """Review a submission by both disciplines and decide on it as its verdict says, if nobody has."""
        reviewer = self.cast.actors[next(iter(REVIEWERS.values()))]
        state = review_state(self.db, reviewer, submission_id=submission_id)
        if state.decision is not None:
            return
        done = {each.review.discipline for each in state.reviews}
        for discipline, login in REVIEWERS.items():
            if discipline not in done:
                self._review(submission_id, state, discipline, login)
        self._decide(submission_id, state, login=REVIEWERS[Discipline.ONCOLOGY])

    def _review(self, submission_id: str, state: ReviewState, discipline: Discipline, login: str) -> None:
        actor = self.cast.actors[login]
        good = Verdict(state.result.verdict) in _OUTCOMES
        report = report_of(self.db, self.store, actor, submission_id=submission_id)
        review = PlanReview(
            submission_id=submission_id,
            discipline=discipline,
            judged_sha256=state.result.judged_sha256,
            outcome=ReviewOutcome.NO_OBJECTION if good else ReviewOutcome.OBJECTION,
            comments=() if good else (_OBJECTION,),
            not_contoured=not_contoured(report),
        )
        review_plan(self.db, self.store, actor, review=review, password=self.cast.passwords[login])

    def _decide(self, submission_id: str, state: ReviewState, *, login: str) -> None:
        verdict = Verdict(state.result.verdict)
        decide_plan(
            self.db,
            self.store,
            self.cast.actors[login],
            submission_id=submission_id,
            judged_sha256=state.result.judged_sha256,
            outcome=_OUTCOMES.get(verdict, DecisionOutcome.REJECTED),
            reason=f"synthetic: as the automatic verdict, {verdict}",
            password=self.cast.passwords[login],
        )
