"""Review and decision of a checked course: what was found, what people said of it, and their signed word."""

from __future__ import annotations

from dash import Dash, dcc, html

from trial_core.domain.access import Permission, may
from trial_core.domain.plan import SubmissionState, SubmissionSummary
from trial_core.domain.plan_review import Discipline
from trial_core.services.plan_changes import changes_of
from trial_core.services.plan_decision import ReviewState, review_state
from web.components.frame import Content, Page, head
from web.components.notices import Tone, notice
from web.components.review_parts import changes_card, decision_view, review_card, verdict_card
from web.components.verdict import state_words
from web.forms import register_form
from web.house import actor, house
from web.reports import has_report, report_of
from web.review_forms import DECISION, REVIEWS, decision_card, item_words, review_cards, review_in
from web.route import route
from web.sections import Section
from web.standing import view_of
from web.subject_links import subject_href
from web.words import t


def page(submission_id: str) -> Page:
    """Give the state of review and decision, and the forms that the person may use."""
    summary = view_of(submission_id).summary
    title = t(
        "Review of {code}, version {version}", code=summary.subject_code, version=summary.version or "–"
    )
    top = head(title, crumbs=_crumbs(summary))
    if not has_report(summary):
        words = t("There is no checked result to review.")
        return Page(title, Section.WORK_LIST, [top, notice(Tone.INFO, f"{state_words(summary)}. ", words)])
    home = house()
    state = review_state(home.db, actor(), submission_id=submission_id)
    report = report_of(submission_id)
    items = item_words(report)
    changes = changes_of(home.db, home.store, actor(), submission_id=submission_id)
    main = [
        decision_view(state.decision),
        *(review_card(each, review_in(state, each), items) for each in Discipline),
        *_forms(summary, state),
    ]
    side = [verdict_card(report)]
    columns = html.Div([html.Div(main), html.Div(side)], className="columns")
    return Page(title, Section.WORK_LIST, [top, columns, changes_card(changes, summary.version)])


def register(app: Dash) -> None:
    """Sign reviews and the decision by their buttons."""
    for form in (*REVIEWS.values(), DECISION):
        register_form(app, form)


def _crumbs(summary: SubmissionSummary) -> list[Content]:
    code, base = summary.subject_code, f"/submissions/{summary.submission_id}"
    return [
        dcc.Link(code, href=subject_href(code, summary.site_code)),
        " / ",
        dcc.Link(t("Submission"), href=base),
        " / ",
        dcc.Link(t("Report"), href=f"{base}/report"),
    ]


def _forms(summary: SubmissionSummary, state: ReviewState) -> list[Content]:
    """Give the forms of the person's role, or say why there is none for them now."""
    role = actor().role
    reviews, decides = may(role, Permission.REVIEW_PLAN), may(role, Permission.DECIDE_PLAN)
    if not reviews and not decides:
        return []
    why = _why_not(summary)
    if why is not None:
        return [notice(Tone.INFO, t("You cannot review this now. "), why)]
    found = review_cards(summary.submission_id, state) if reviews else []
    return [*(_decision(summary.submission_id, state) if decides else []), *found]


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
    return [decision_card(submission_id, state)]


ROUTES = (route("/submissions/{submission_id}/review", page),)
