"""The decision on a submission: signed, beside the automatic verdict; void once the content changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from trial_core.db.form_content import from_plain, to_plain
from trial_core.db.repositories import forms, results, submissions
from trial_core.db.repositories.forms import FormVersion
from trial_core.db.repositories.results import CheckResult
from trial_core.db.repositories.submissions import Submission
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.criteria import Verdict
from trial_core.domain.plan import SubmissionSummary
from trial_core.domain.plan_review import (
    DecisionOutcome,
    PlanDecision,
    PlanReview,
    ReviewForm,
    contradictions,
    decision_problems,
)
from trial_core.domain.report_json import report_from_json
from trial_core.domain.signing import Meaning, SignedState
from trial_core.review_errors import DecisionRefused, NewerVersion
from trial_core.services import forms as form_service
from trial_core.services import signatures
from trial_core.services.authorise import reach_of, require, submission_in_reach
from trial_core.services.clinical_entry import require_texts
from trial_core.services.plan_review import (
    content_signatures,
    judged,
    review_forms,
    sign_content,
    standing_result,
    standing_reviews,
)
from trial_core.store import Store


@dataclass(frozen=True, kw_only=True)
class SignedReview:
    """A review with its signatures, each valid or void for the content as it is now."""

    review: PlanReview
    form: FormVersion
    signatures: tuple[SignedState, ...]


@dataclass(frozen=True, kw_only=True)
class DecisionView:
    """The decision on a submission as its page shows it.

    Attributes
    ----------
    holds
        It is signed, and the content is what was decided on.
    contradicts
        What it goes against, in words.
    """

    decision: PlanDecision
    form: FormVersion
    signatures: tuple[SignedState, ...]
    holds: bool
    contradicts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReviewState:
    """Where a submission stands between check and treatment.

    Attributes
    ----------
    result, earlier
        The result that stands, and those that it replaced, oldest first.
    replaced_by
        The newest version of the subject's plans, where this is not it.
    """

    result: CheckResult
    earlier: tuple[CheckResult, ...]
    reviews: tuple[SignedReview, ...]
    decision: DecisionView | None
    replaced_by: int | None

    @property
    def accepted(self) -> bool:
        """Whether a decision that holds accepts this content."""
        return bool(self.decision and self.decision.holds and self.decision.decision.outcome.accepts)


def decide_plan(
    db: Database,
    store: Store,
    actor: Actor,
    *,
    submission_id: str,
    judged_sha256: str,
    outcome: DecisionOutcome,
    reason: str,
    password: str,
    seen_version: int | None = None,
) -> FormVersion:
    """Decide on the content that the person looked at; both reviews of it have to be there.

    Raises
    ------
    NotAuthorised, SignInRefused, UnknownSubmission, WrongState, OwnWork, ContentChanged, NewerVersion,
    DecisionRefused, TextUnusable, FormChangedMeanwhile
    """
    require(actor, Permission.DECIDE_PLAN)
    signatures.confirm_password(db, actor, password=password)
    with db.transaction() as connection:
        submission, result = judged(connection, actor, submission_id, judged_sha256)
        newest = _replaced_by(connection, submission)
        if newest is not None and submission.version is not None:
            raise NewerVersion(submission.version, newest)
        decision = PlanDecision(
            submission_id=submission_id,
            judged_sha256=judged_sha256,
            verdict=Verdict(result.verdict),
            outcome=outcome,
            reason=reason,
        )
        report = report_from_json(store.read(result.report_sha256))
        missing = decision_problems(decision, report, standing_reviews(connection, submission, result))
        if missing:
            raise DecisionRefused(missing)
        form = _enter(connection, db, actor, submission, decision=decision, seen_version=seen_version)
        sign_content(connection, db, actor, form, result, meaning=Meaning.DECIDED)
        return form


def review_state(db: Database, actor: Actor, *, submission_id: str) -> ReviewState:
    """Give the results, reviews and decision of a submission.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState
    """
    require(actor, Permission.SEE_SUBJECTS)
    with db.read() as connection:
        submission = submission_in_reach(connection, actor, submission_id)
        found = results.of_submission(connection, submission_id)
        result = standing_result(connection, submission)
        return ReviewState(
            result=result,
            earlier=found[:-1],
            reviews=tuple(
                SignedReview(
                    review=from_plain(form.content, PlanReview),
                    form=form,
                    signatures=content_signatures(connection, form, result),
                )
                for form in review_forms(connection, submission)
            ),
            decision=_decision_view(connection, submission, result),
            replaced_by=_replaced_by(connection, submission),
        )


def standing_decisions(
    db: Database, actor: Actor, rows: Iterable[SubmissionSummary]
) -> dict[str, DecisionOutcome]:
    """Give the decisions on the content that stands now, by submission; of `rows` within reach.

    Raises
    ------
    NotAuthorised
    """
    require(actor, Permission.SEE_SUBJECTS)
    reach = reach_of(actor)
    wanted = {row.submission_id for row in rows if reach in (None, row.site_code)}
    with db.read() as connection:
        decided = {
            form.occasion: from_plain(form.content, PlanDecision)
            for form in forms.standing_of_all(connection, ReviewForm.DECISION)
            if not form.void and form.occasion in wanted
        }
        judged_sha256 = results.judged_now(connection, sorted(decided))
    return {
        submission: decision.outcome
        for submission, decision in decided.items()
        if judged_sha256.get(submission) == decision.judged_sha256
    }


def _decision_view(
    connection: Connection, submission: Submission, result: CheckResult
) -> DecisionView | None:
    form = decision_form(connection, submission)
    if form is None:
        return None
    decision = from_plain(form.content, PlanDecision)
    states = content_signatures(connection, form, result)
    return DecisionView(
        decision=decision,
        form=form,
        signatures=states,
        holds=signatures.is_signed(states, Meaning.DECIDED)
        and decision.judged_sha256 == result.judged_sha256,
        contradicts=contradictions(decision, standing_reviews(connection, submission, result)),
    )


def decision_form(connection: Connection, submission: Submission) -> FormVersion | None:
    """Give the latest decision on a submission."""
    return forms.latest(
        connection, subject_id=submission.subject_id, kind=ReviewForm.DECISION, occasion=submission.id
    )


def _replaced_by(connection: Connection, submission: Submission) -> int | None:
    newest = submissions.newest_checked(connection, subject_id=submission.subject_id)
    return newest if newest is not None and newest != submission.version else None


def _enter(
    connection: Connection,
    db: Database,
    actor: Actor,
    submission: Submission,
    *,
    decision: PlanDecision,
    seen_version: int | None,
) -> FormVersion:
    require_texts(ReviewForm.DECISION.value, to_plain(decision), None)
    return form_service.enter(
        connection,
        db,
        actor,
        subject_id=submission.subject_id,
        kind=ReviewForm.DECISION.value,
        occasion=submission.id,
        content=decision,
        reason=decision.reason,
        seen_version=seen_version,
    )
