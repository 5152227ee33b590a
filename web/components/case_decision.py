"""Review and decision of a case: what is on record with its signatures, and the forms of a role."""

from __future__ import annotations

from dash import html

from trial_core.domain.access import Permission, may
from trial_core.domain.plan import SubmissionState, SubmissionSummary
from trial_core.domain.plan_review import Discipline
from trial_core.domain.report import CourseReport
from trial_core.services.plan_decision import ReviewState
from web.components.frame import Content
from web.components.notices import Tone, notice
from web.components.open_points import open_point_forms, open_points
from web.components.review_parts import decision_view, review_card
from web.forms import Context, form_card
from web.house import actor
from web.review_entry.recheck import RECHECK_ONE
from web.review_entry.review import decision_card, item_words, review_card_of, review_in
from web.words import t, word


def decision_section(summary: SubmissionSummary, report: CourseReport, state: ReviewState) -> Content:
    """Give reviews and decision as they stand, then what this person may sign now."""
    items = item_words(report)
    record = [
        *(review_card(each, review_in(state, each), items) for each in Discipline),
        decision_view(state.decision),
        *open_points(report),
    ]
    return html.Section(
        [
            html.H2(t("Review and decision")),
            html.Div(record, className="record"),
            *_forms(summary, report, state),
        ],
        className="card",
        id="decision",
    )


def _forms(summary: SubmissionSummary, report: CourseReport, state: ReviewState) -> list[Content]:
    """Give the forms of the person's role, or say why there is none for them now."""
    role = actor().role
    reviews, decides = may(role, Permission.REVIEW_PLAN), may(role, Permission.DECIDE_PLAN)
    if not reviews and not decides:
        return []
    why = _why_not(summary)
    if why is not None:
        return [notice(Tone.INFO, t("You cannot review this now. "), why)]
    found = [_review(summary.submission_id, state, each) for each in Discipline] if reviews else []
    found += open_point_forms(summary.submission_id, report) if reviews else []
    found += _decision(summary.submission_id, state) if decides else []
    return [*found, _check_again(summary.submission_id) if may(role, Permission.RECHECK_PLAN) else None]


def _review(submission_id: str, state: ReviewState, discipline: Discipline) -> Content:
    """Fold a review's form: it is opened by whoever reviews in that discipline."""
    name = word(discipline)
    title = (
        t("Replace the review: {name}", name=name)
        if review_in(state, discipline)
        else t("Review: {name}", name=name)
    )
    return html.Details(
        [html.Summary(title), review_card_of(submission_id, state, discipline)], className="fold"
    )


def _check_again(submission_id: str) -> Content:
    title, context = t("Have this plan checked again"), Context({"submission": submission_id})
    form = form_card(RECHECK_ONE, context, title=title, submit=t("Check it again"))
    return html.Details([html.Summary(title), form], className="fold")


def _why_not(summary: SubmissionSummary) -> str | None:
    if actor().site_code == summary.site_code:
        return t("It comes from your own site: a reviewer of another one does it.")
    if summary.state is not SubmissionState.CHECKED:
        return t("A person has to say whose files these are first.")
    return None


def _decision(submission_id: str, state: ReviewState) -> list[Content]:
    if state.replaced_by is not None:
        words = t("Version {newest} replaced this one: decide on that.", newest=state.replaced_by)
        return [notice(Tone.WARN, t("No decision on this version. "), words)]
    signed = [each for each in state.reviews if any(one.valid for one in each.signatures)]
    if len(signed) < len(Discipline):
        words = t("First both reviews of this content have to be signed, by two people.")
        return [notice(Tone.INFO, t("No decision yet. "), words)]
    form = decision_card(submission_id, state)
    if state.decision is None or not state.decision.holds:
        return [form]
    return [html.Details([html.Summary(t("Replace the decision")), form], className="fold")]
