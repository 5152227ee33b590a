"""What reviewers said of an item of the report, beside the item itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dash import html

from trial_core.domain.plan_review import Discipline
from trial_core.services.plan_decision import SignedReview
from web.components.frame import Content
from web.components.marks import typed
from web.words import t, word

SaidOf = Mapping[str, Sequence[tuple[Discipline, str]]]
"""Comments of reviews whose signatures stand, by item (`trial_core.domain.plan_review.review_items`)."""


def standing_comments(reviews: Iterable[SignedReview]) -> dict[str, list[tuple[Discipline, str]]]:
    """Give the comments by item; those of a review that is void are on its own card alone."""
    found: dict[str, list[tuple[Discipline, str]]] = {}
    for each in reviews:
        if any(one.valid for one in each.signatures):
            for comment in each.review.comments:
                found.setdefault(comment.item, []).append((each.review.discipline, comment.words))
    return found


def comments_of(comments: SaidOf, item: str) -> list[Content]:
    """Give the comments on one item, each with the discipline of its reviewer."""
    return [
        html.Div(
            [html.Strong(t("{discipline}: ", discipline=word(discipline))), typed(words)], className="comment"
        )
        for discipline, words in comments.get(item, ())
    ]
