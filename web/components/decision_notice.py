"""What was decided on a submission, for whoever sent it: why, and what follows."""

from __future__ import annotations

from dash import dcc, html

from trial_core.domain.access import Permission, may
from trial_core.domain.plan import SubmissionSummary
from trial_core.domain.plan_review import DecisionOutcome
from trial_core.services.plan_decision import ReviewState
from web.components.frame import Content
from web.components.marks import typed
from web.components.notices import Tone, notice
from web.components.report_parts import decided
from web.components.verdict import sentence_case
from web.house import actor
from web.words import t, word

_TONES = {
    DecisionOutcome.PER_PROTOCOL: Tone.GOOD,
    DecisionOutcome.WITH_VARIATION: Tone.WARN,
    DecisionOutcome.REJECTED: Tone.STOP,
}


def decision_notice(summary: SubmissionSummary, state: ReviewState) -> Content:
    """Say the decision with its reason; how far the review is where there is none that holds."""
    found, href = state.decision, f"/submissions/{summary.submission_id}/report#decision"
    if found is None or not found.holds:
        return notice(Tone.INFO, t("Review and decision. "), decided(state, href))
    outcome = found.decision.outcome
    said = [
        html.P([t("Reason"), ": ", typed(found.decision.reason)]) if found.decision.reason else None,
        html.P([html.A(t("Review and decision"), href=href), *_next(summary, state)]),
    ]
    return notice(_TONES[outcome], f"{sentence_case(word(outcome))}. ", said)


def _next(summary: SubmissionSummary, state: ReviewState) -> list[Content]:
    """Lead to the next version after a rejection: to the one there is, else to where it is sent."""
    if state.accepted:
        return []
    if state.replaced_by is not None:
        return [" · ", t("Version {newest} replaced this one.", newest=state.replaced_by)]
    me = actor()
    if not may(me.role, Permission.SUBMIT_PLAN) or me.site_code != summary.site_code:
        return []
    href = f"/subjects/{summary.subject_code}/submit"
    return [" · ", dcc.Link(t("Submit the next version"), href=href, id="submit-next-version")]
