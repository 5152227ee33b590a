"""What a signed report prints of its signatures: who stated what, and how far the audit trail was then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trial_core.anchor_lines import printed
from trial_core.db.repositories import audit
from trial_core.db.session import Database
from trial_core.domain.access import Actor
from trial_core.domain.audit_chain import Anchor, AuditHead
from trial_core.domain.signing import SignedState
from trial_core.errors import WrongState
from trial_core.services.plan_decision import ReviewState, review_state


def signed_lines(db: Database, actor: Actor, *, submission_id: str) -> tuple[str, ...]:
    """Give a sentence for each signature on the reviews of a submission and on its decision.

    Count and head of the trail are what `verify-audit --anchor` takes from paper: whoever holds the report
    can show that the trail was cut off or rewritten since.

    Raises
    ------
    NotAuthorised, UnknownSubmission
    """
    try:
        state = review_state(db, actor, submission_id=submission_id)
    except WrongState:
        return ()  # not checked yet: there is nothing that anybody could have signed
    signed = list(_signed(state))
    with db.read() as connection:
        heads = audit.heads_of_signatures(connection, [each.signature.id for _, each in signed])
    return tuple(f"{about} {each.words} {_anchored(each, heads)}" for about, each in signed)


def _signed(state: ReviewState) -> Iterator[tuple[str, SignedState]]:
    for review in state.reviews:
        about = f"Review, {review.review.discipline}: {review.review.outcome}."
        yield from ((about, each) for each in review.signatures)
    if state.decision is not None:
        about = f"Decision: {state.decision.decision.outcome}."
        yield from ((about, each) for each in state.decision.signatures)


def _anchored(state: SignedState, heads: Mapping[str, AuditHead]) -> str:
    head = heads.get(state.signature.id)
    if head is None:
        return "The audit trail has no entry of this signature: have it verified."
    return f"Audit trail: {printed(Anchor(head.count, head.hash))}."
