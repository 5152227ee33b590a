"""Forms of review and decision of a submission: what they ask for, and the service that they call."""

from __future__ import annotations

from collections.abc import Iterator

from trial_core.domain.plan_review import (
    DecisionOutcome,
    Discipline,
    ItemComment,
    PlanReview,
    ReviewOutcome,
    not_contoured,
    review_items,
)
from trial_core.domain.report import CourseReport
from trial_core.domain.signing import Meaning
from trial_core.errors import SignInRefused
from trial_core.services.plan_decision import ReviewState, SignedReview, decide_plan, review_state
from trial_core.services.plan_review import review_plan
from web.components.frame import Content
from web.components.verdict import sentence_case
from web.forms import Answers, Context, Field, FieldKind, Form, Option, Saved, form_card
from web.forms.fields import PASSWORD, REASON
from web.house import actor, house
from web.reading.reports import report_of
from web.words import t, word

COMMENTS = 5
"""Places for comments, where a review has no more of them."""

LONGEST = 500


def decision_card(submission_id: str, state: ReviewState) -> Content:
    """Give the form of the decision; one that is on record is replaced by it."""
    before = state.decision.form if state.decision else None
    seen = before.version if before and not before.void else 0
    title = t("Replace the decision") if seen else t("Decision on this version")
    return form_card(DECISION, _context(submission_id, state, seen), title=title, submit=t("Sign decision"))


def review_in(state: ReviewState, discipline: Discipline) -> SignedReview | None:
    """Give the review of a discipline as it stands on record."""
    return next((each for each in state.reviews if each.review.discipline is discipline), None)


def item_words(report: CourseReport) -> dict[str, str]:
    """Give every item that can be commented on, as a reader of the report knows it."""
    known = {"course": t("The whole course")}
    for plan in report.plans:
        known[plan.key] = plan.label
        known |= {f"{plan.key}: {each.id}": f"{plan.label}: {each.label}" for each in plan.checks}
    for row in report.results:
        known[f"result {row.number}"] = f"{row.number}. {row.structure} {row.metric}, {row.scope}"
    return {each: known.get(each, each) for each in review_items(report)}


def review_card_of(submission_id: str, state: ReviewState, discipline: Discipline) -> Content:
    """Give the form of a review in a discipline; one that is on record is replaced by it."""
    before = review_in(state, discipline)
    name = word(discipline)
    title = t("Replace the review: {name}", name=name) if before else t("Review: {name}", name=name)
    context = _context(submission_id, state, before.form.version if before else 0)
    return form_card(REVIEWS[discipline], context, title=title, submit=t("Sign review"))


def _context(submission_id: str, state: ReviewState, seen: int) -> Context:
    """Name the content that the person looks at: the service refuses when another one stands."""
    facts = {"submission": submission_id, "judged": state.result.judged_sha256}
    return Context(facts, seen_version=seen)


def _review_fields(discipline: Discipline, context: Context) -> tuple[Field, ...]:
    report = report_of(context["submission"])
    own = _own_review(discipline, context)
    outcomes = tuple(Option(each.value, sentence_case(word(each))) for each in ReviewOutcome)
    hint = t("A decision needs a review in both disciplines, by two people.")
    first = own.outcome.value if own else ""
    return (
        Field(
            "outcome", t("Outcome"), FieldKind.CHOICE, required=True, options=outcomes, value=first, hint=hint
        ),
        *_absent(report),
        *_comments(report, own),
    )


def _own_review(discipline: Discipline, context: Context) -> PlanReview | None:
    """Give what this person said of this very content: nobody signs what another one wrote."""
    state = review_state(house().db, actor(), submission_id=context["submission"])
    found = review_in(state, discipline)
    if found is None or found.review.judged_sha256 != context["judged"]:
        return None
    mine = any(each.valid and each.signature.login == actor().login for each in found.signatures)
    return found.review if mine else None


def _absent(report: CourseReport) -> Iterator[Field]:
    options = tuple(Option(name, name) for name in not_contoured(report))
    if options:
        hint = t("Not contoured, asked for if present. An acceptance needs each of them confirmed.")
        yield Field("absent", t("I confirm as absent"), FieldKind.CHOICES, options=options, hint=hint)


def _comments(report: CourseReport, own: PlanReview | None) -> Iterator[Field]:
    """Give pairs of an item and words; one more than are on record."""
    options = tuple(Option(value, label) for value, label in item_words(report).items())
    said = own.comments if own else ()
    for at in range(max(COMMENTS, len(said) + 1)):
        item, words = (said[at].item, said[at].words) if at < len(said) else ("course", "")
        section = t("Comment {n}", n=at + 1)
        yield Field(f"item-{at}", t("About"), FieldKind.CHOICE, options=options, value=item, section=section)
        yield Field(
            f"comment-{at}", t("Comment"), FieldKind.LONG_TEXT, longest=LONGEST, value=words, section=section
        )


def _save_review(discipline: Discipline, context: Context, answers: Answers) -> Saved:
    """Sign a review of what the person was shown."""
    review = PlanReview(
        submission_id=context["submission"],
        discipline=discipline,
        judged_sha256=context["judged"],
        outcome=ReviewOutcome(answers.text("outcome")),
        comments=tuple(_said(answers)),
        not_contoured=answers.choices("absent"),
    )
    home = house()
    review_plan(
        home.db,
        home.store,
        actor(),
        review=review,
        password=answers.password,
        reason=answers.reason,
        seen_version=context.seen_version or None,
    )
    return Saved("", go=_page(context))


def _said(answers: Answers) -> Iterator[ItemComment]:
    for name in answers.given:
        if name.startswith("comment-") and answers.text(name):
            item = answers.text(name.replace("comment-", "item-")) or "course"
            yield ItemComment(item=item, words=answers.text(name))


def _decision_fields(context: Context) -> tuple[Field, ...]:
    options = tuple(Option(each.value, sentence_case(word(each))) for each in DecisionOutcome)
    outcome = Field("decision", t("Decision"), FieldKind.CHOICE, required=True, options=options)
    if context.seen_version:
        return (outcome,)  # the reason for the change, which the form adds, is the reason of the new decision
    reason = Field(REASON, t("Reason"), FieldKind.LONG_TEXT, required=True, longest=LONGEST)
    return (outcome, reason)


def _save_decision(context: Context, answers: Answers) -> Saved:
    """Sign a decision on what the person was shown."""
    home = house()
    decide_plan(
        home.db,
        home.store,
        actor(),
        submission_id=context["submission"],
        judged_sha256=context["judged"],
        outcome=DecisionOutcome(answers.text("decision")),
        reason=answers.reason or "",
        password=answers.password,
        seen_version=context.seen_version or None,
    )
    return Saved("", go=_page(context))


def _page(context: Context) -> str:
    return f"/submissions/{context['submission']}/review"


def _review_form(name: str, discipline: Discipline, meaning: Meaning) -> Form:
    return Form(
        name,
        lambda context: _review_fields(discipline, context),
        lambda context, answers: _save_review(discipline, context, answers),
        meaning=meaning,
        refused_at={SignInRefused: PASSWORD},
    )


REVIEWS = {
    Discipline.ONCOLOGY: _review_form("review-oncology", Discipline.ONCOLOGY, Meaning.REVIEWED_AS_ONCOLOGIST),
    Discipline.PHYSICS: _review_form("review-physics", Discipline.PHYSICS, Meaning.REVIEWED_AS_PHYSICIST),
}
DECISION = Form(
    "plan-decision",
    _decision_fields,
    _save_decision,
    meaning=Meaning.DECIDED,
    refused_at={SignInRefused: PASSWORD},
)
