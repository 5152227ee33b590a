"""What a signed report prints of its signatures: who stated what, and how far the audit trail was then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from trial_core.anchor_lines import printed
from trial_core.db.repositories import audit
from trial_core.db.session import Database
from trial_core.domain.access import Actor
from trial_core.domain.audit_chain import Anchor
from trial_core.domain.signing import SignedState
from trial_core.errors import WrongState
from trial_core.services.plan_decision import ReviewState, review_state


@dataclass(frozen=True, kw_only=True)
class SignedReport:
    """Reviews and decision of a report, and where the audit trail stood at each signature.

    `anchors` has number and hash of a signature's entry by the signature's id, as `verify-audit --anchor`
    takes them from paper: whoever holds the report can show that the trail was cut off or rewritten since.
    """

    state: ReviewState
    anchors: Mapping[str, str]


def signed_report(db: Database, actor: Actor, *, submission_id: str) -> SignedReport | None:
    """Give what people signed of a submission; None before its check: nobody could have signed anything.

    Raises
    ------
    NotAuthorised, UnknownSubmission
    """
    try:
        state = review_state(db, actor, submission_id=submission_id)
    except WrongState:
        return None
    ids = [each.signature.id for _, each in _signed(state)]
    with db.read() as connection:
        heads = audit.heads_of_signatures(connection, ids)
    return SignedReport(
        state=state, anchors={each: printed(Anchor(head.count, head.hash)) for each, head in heads.items()}
    )


def signed_lines(db: Database, actor: Actor, *, submission_id: str) -> tuple[str, ...]:
    """Give a sentence for each signature on the reviews of a submission and on its decision.

    Raises
    ------
    NotAuthorised, UnknownSubmission
    """
    found = signed_report(db, actor, submission_id=submission_id)
    if found is None:
        return ()
    signed = _signed(found.state)
    return tuple(f"{about} {each.words} {_anchored(each, found.anchors)}" for about, each in signed)


def _signed(state: ReviewState) -> Iterator[tuple[str, SignedState]]:
    for review in state.reviews:
        about = f"Review, {review.review.discipline}: {review.review.outcome}."
        yield from ((about, each) for each in review.signatures)
    if state.decision is not None:
        about = f"Decision: {state.decision.decision.outcome}."
        yield from ((about, each) for each in state.decision.signatures)


def _anchored(state: SignedState, anchors: Mapping[str, str]) -> str:
    anchor = anchors.get(state.signature.id)
    if anchor is None:
        return "The audit trail has no entry of this signature: have it verified."
    return f"Audit trail: {anchor}."
