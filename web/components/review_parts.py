"""Reviews and decision as they stand on record, with their signatures."""

from __future__ import annotations

from collections.abc import Mapping

from dash import html

from trial_core.domain.plan_review import DecisionOutcome, Discipline, ReviewOutcome
from trial_core.services.plan_decision import DecisionView, SignedReview
from web.components.frame import Content
from web.components.marks import Mark, mark, said, typed
from web.components.screening_parts import signatures_list
from web.components.tables import facts
from web.components.verdict import sentence_case
from web.words import t, word

DECIDED = {
    DecisionOutcome.PER_PROTOCOL: Mark.GOOD,
    DecisionOutcome.WITH_VARIATION: Mark.WARN,
    DecisionOutcome.REJECTED: Mark.STOP,
}
_REVIEWED = {ReviewOutcome.NO_OBJECTION: Mark.GOOD, ReviewOutcome.OBJECTION: Mark.STOP}


def review_card(discipline: Discipline, found: SignedReview | None, items: Mapping[str, str]) -> Content:
    """Give the review of a discipline with its signatures; void where the content changed."""
    title = html.H3(t("Review on record: {name}", name=word(discipline)))
    if found is None:
        return html.Div([title, mark(Mark.OPEN, t("Not reviewed yet"))])
    review = found.review
    holds = any(each.valid for each in found.signatures)
    outcome = mark(_REVIEWED[review.outcome], sentence_case(word(review.outcome)))
    pairs: list[tuple[str, Content]] = [(t("Outcome"), outcome if holds else _void())]
    if review.not_contoured:
        pairs.append((t("Confirmed as absent"), ", ".join(review.not_contoured)))
    pairs += [(items.get(each.item, each.item), typed(each.words)) for each in review.comments]
    return html.Div([title, facts(pairs), *_signed(found)])


def decision_view(found: DecisionView | None) -> Content:
    """Give the decision on record and what it goes against; void where the content changed."""
    title = html.H3(t("Decision on record"))
    if found is None:
        return html.Div([title, mark(Mark.OPEN, t("Not decided yet"))])
    outcome = found.decision.outcome
    pairs: list[tuple[str, Content]] = [
        (t("Decision"), mark(DECIDED[outcome], sentence_case(word(outcome))) if found.holds else _void()),
        (t("Reason"), typed(found.decision.reason)),
    ]
    if found.contradicts:
        against = [html.Div(said(sentence_case(each))) for each in found.contradicts]
        pairs.append((t("Goes against"), against))
    return html.Div([title, facts(pairs), *_signed(found)], id="decision-on-record")


def _void() -> Content:
    return mark(Mark.NONE, t("Void: the content was changed after it"))


def _signed(found: SignedReview | DecisionView) -> list[Content]:
    listed = signatures_list(found.signatures)
    return listed if isinstance(listed, list) else [listed]
