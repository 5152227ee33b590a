"""Review of a submission: a reviewer's signed statement on one content, and words on its open items."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from trial_core.db.form_content import content_sha256, from_plain, to_plain
from trial_core.db.repositories import forms, results
from trial_core.db.repositories.forms import FormVersion
from trial_core.db.repositories.results import CheckResult
from trial_core.db.repositories.submissions import Submission
from trial_core.db.session import Database
from trial_core.domain.access import Actor, Permission
from trial_core.domain.persons_word import PersonsWord
from trial_core.domain.plan import JobTicket, SubmissionState
from trial_core.domain.plan_review import Discipline, PlanReview, ReviewForm, StandingReview, review_problems
from trial_core.domain.report_json import report_from_json
from trial_core.domain.signing import Meaning, SignedState
from trial_core.errors import WrongState
from trial_core.review_errors import ContentChanged, NoOpenItem, ReviewRefused
from trial_core.services import forms as form_service
from trial_core.services import signatures
from trial_core.services.authorise import (
    RECORDS_ALONE,
    refuse_own_work,
    require,
    require_plans,
    submission_in_reach,
)
from trial_core.services.clinical_entry import require_texts
from trial_core.services.recheck import queue_recheck
from trial_core.store import Store

_MEANING = {
    Discipline.ONCOLOGY: Meaning.REVIEWED_AS_ONCOLOGIST,
    Discipline.PHYSICS: Meaning.REVIEWED_AS_PHYSICIST,
}


def review_plan(
    db: Database,
    store: Store,
    actor: Actor,
    *,
    review: PlanReview,
    password: str,
    reason: str | None = None,
    seen_version: int | None = None,
) -> FormVersion:
    """Sign a review of the content that the reviewer looked at (`review.judged_sha256`).

    Parameters
    ----------
    reason, seen_version
        For a review that replaces an earlier one of the same discipline.

    Raises
    ------
    NotAuthorised, SignInRefused, UnknownSubmission, WrongState, OwnWork, ContentChanged, ReviewRefused,
    TextUnusable, ReasonMissing, FormChangedMeanwhile
    """
    require(actor, Permission.REVIEW_PLAN)
    signatures.confirm_password(db, actor, password=password)
    with db.transaction() as connection:
        submission, result = judged(connection, actor, review.submission_id, review.judged_sha256)
        problems = review_problems(review, report_from_json(store.read(result.report_sha256)))
        if problems:
            raise ReviewRefused(problems)
        form = _enter(
            connection,
            db,
            actor,
            submission,
            kind=ReviewForm.REVIEW,
            occasion=_review_occasion(submission.id, review.discipline),
            content=review,
            reason=reason,
            seen_version=seen_version,
        )
        sign_content(connection, db, actor, form, result, meaning=_MEANING[review.discipline])
        return form


def give_word(
    db: Database,
    store: Store,
    actor: Actor,
    *,
    submission_id: str,
    item: str,
    words: str,
    password: str,
    reason: str | None = None,
) -> JobTicket:
    """Explain an implausible dose or accept a registration; the course is then checked again with it.

    Ring `workers.queue` with the job's id afterwards.

    Raises
    ------
    NotAuthorised, SignInRefused, UnknownSubmission, WrongState, OwnWork, NoOpenItem, TextUnusable,
    ReasonMissing
    """
    require(actor, Permission.REVIEW_PLAN)
    signatures.confirm_password(db, actor, password=password)
    with db.transaction() as connection:
        submission, result = judged(connection, actor, submission_id)
        report = report_from_json(store.read(result.report_sha256))
        kind = next((each.kind for each in report.open_items if each.key == item), None)
        if kind is None:
            raise NoOpenItem(item)
        occasion = f"{submission_id}/{item}"
        before = forms.latest(
            connection, subject_id=submission.subject_id, kind=ReviewForm.WORD, occasion=occasion
        )
        form = _enter(
            connection,
            db,
            actor,
            submission,
            kind=ReviewForm.WORD,
            occasion=occasion,
            content=PersonsWord(submission_id=submission_id, kind=kind, item=item, words=words),
            reason=reason,
            seen_version=before.version if before and not before.void else None,
        )
        signatures.sign_form(connection, db, actor, form, meaning=Meaning.WORD_GIVEN)
        job_id = queue_recheck(connection, db, actor, submission_id, f"{kind}")
        return JobTicket(submission_id, job_id)


def take_word_back(db: Database, actor: Actor, *, submission_id: str, item: str, reason: str) -> JobTicket:
    """Take back what was said to an item; the course is checked again without it.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState, OwnWork, ReasonMissing, NothingToTakeBack
    """
    require(actor, Permission.REVIEW_PLAN)
    with db.transaction() as connection:
        submission, _ = judged(connection, actor, submission_id)
        form_service.take_back(
            connection,
            db,
            actor,
            subject_id=submission.subject_id,
            kind=ReviewForm.WORD,
            occasion=f"{submission_id}/{item}",
            reason=reason,
        )
        return JobTicket(
            submission_id, queue_recheck(connection, db, actor, submission_id, "word taken back")
        )


def judged(
    connection: Connection, actor: Actor, submission_id: str, seen_sha256: str | None = None
) -> tuple[Submission, CheckResult]:
    """Give a submission that this person may judge, and the result that stands.

    Raises
    ------
    UnknownSubmission, WrongState, OwnWork, ContentChanged
    """
    submission = submission_in_reach(connection, actor, submission_id)
    require_plans(submission)
    refuse_own_work(actor, site_code=submission.site_code, submitted_by=submission.submitted_by)
    result = standing_result(connection, submission)
    if seen_sha256 is not None and result.judged_sha256 != seen_sha256:
        raise ContentChanged(submission_id)
    return submission, result


def standing_result(connection: Connection, submission: Submission) -> CheckResult:
    """Give the newest result of a submission.

    Raises
    ------
    WrongState
        It has none, or it holds treatment records alone.
    """
    if submission.records_only:
        raise WrongState("submission", *RECORDS_ALONE)
    found = results.of_submission(connection, submission.id)
    if not found:
        raise WrongState("submission", submission.state.value, SubmissionState.CHECKED.value)
    return found[-1]


def sign_content(
    connection: Connection,
    db: Database,
    actor: Actor,
    form: FormVersion,
    result: CheckResult,
    *,
    meaning: Meaning,
) -> None:
    """Sign a form together with the content of the submission that it speaks of."""
    signatures.sign(
        connection,
        db,
        actor,
        entity=form.kind,
        entity_id=form.occasion,
        content_sha256=_bound(form, result),
        meaning=meaning,
    )


def content_signatures(
    connection: Connection, form: FormVersion, result: CheckResult
) -> tuple[SignedState, ...]:
    """List the signatures on a form about a submission; void where the form or the result has changed."""
    return signatures.signed_states(
        connection, entity=form.kind, entity_id=form.occasion, content_sha256=_bound(form, result)
    )


def review_forms(connection: Connection, submission: Submission) -> tuple[FormVersion, ...]:
    """List the reviews of a submission as they stand, by discipline."""
    found = (_review_form(connection, submission, each) for each in Discipline)
    return tuple(form for form in found if form is not None and not form.void)


def standing_reviews(
    connection: Connection, submission: Submission, result: CheckResult
) -> tuple[StandingReview, ...]:
    """List the reviews that are signed and hold for the content as it is now."""
    return tuple(_holding(connection, review_forms(connection, submission), result))


def _holding(
    connection: Connection, found: Iterable[FormVersion], result: CheckResult
) -> Iterable[StandingReview]:
    for form in found:
        review = from_plain(form.content, PlanReview)
        states = content_signatures(connection, form, result)
        signers = {
            each.signature.login
            for each in states
            if each.valid and each.signature.meaning == _MEANING[review.discipline].value
        }
        if signers and review.judged_sha256 == result.judged_sha256:
            yield StandingReview(review=review, logins=frozenset(signers))


def _bound(form: FormVersion, result: CheckResult) -> str:
    content = content_sha256(form.content)
    return content_sha256(
        {
            "form": [form.subject_id, form.kind, form.occasion, form.version, form.void, content],
            "judged": result.judged_sha256,
        }
    )


def _review_form(
    connection: Connection, submission: Submission, discipline: Discipline
) -> FormVersion | None:
    occasion = _review_occasion(submission.id, discipline)
    return forms.latest(
        connection, subject_id=submission.subject_id, kind=ReviewForm.REVIEW, occasion=occasion
    )


def _review_occasion(submission_id: str, discipline: Discipline) -> str:
    return f"{submission_id}/{discipline.value}"


def _enter(
    connection: Connection,
    db: Database,
    actor: Actor,
    submission: Submission,
    *,
    kind: ReviewForm,
    occasion: str,
    content: PlanReview | PersonsWord,
    reason: str | None,
    seen_version: int | None,
) -> FormVersion:
    require_texts(kind.value, to_plain(content), reason)
    return form_service.enter(
        connection,
        db,
        actor,
        subject_id=submission.subject_id,
        kind=kind.value,
        occasion=occasion,
        content=content,
        reason=reason,
        seen_version=seen_version,
    )
