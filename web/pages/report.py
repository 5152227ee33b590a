"""The case: all there is to know of a checked course, on one page, beside its pictures, down to the decision.

Its three addresses show the same page: `/slices` opens the slices over the whole window, `/review` begins at
the decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from trial_core.domain.plan import SubmissionSummary, SubmissionView
from trial_core.domain.report import CourseReport
from trial_core.services import subjects
from trial_core.services.plan_changes import changes_of
from trial_core.services.plan_decision import ReviewState, review_state
from web.components.case_decision import decision_section
from web.components.case_history import history_section
from web.components.case_pictures import Ids, chosen_words, dvh_card, group_id, missing_words, slices_card
from web.components.comments import SaidOf, standing_comments
from web.components.criteria import criteria_table, needs_a_look
from web.components.frame import Content, Page, head
from web.components.notices import Tone, notice
from web.components.open_points import waiting_notice
from web.components.plans import checks_card, plans_card
from web.components.report_parts import (
    banner,
    decided,
    delivery_card,
    findings_card,
    inputs_card,
    protocol_notice,
    structures_card,
    sums_card,
)
from web.components.verdict import state_words
from web.components.viewer import GO_TO, go_to, register_viewer
from web.door.kinds import Kind
from web.figures.dvh import dvh_figure
from web.figures.dvh_curves import DoseAxis, DvhView, Group, VolumeAxis, dose_key, structures_in_group
from web.figures.sending import as_sent
from web.forms import register_form
from web.house import actor, house
from web.pictures.slices import pictures_of
from web.reading.reports import findings_of, has_report, report_of
from web.reading.standing import newer_version, view_of, why_not_counting
from web.review_entry.open_points import WORD, WORD_BACK
from web.review_entry.recheck import RECHECK_ONE
from web.review_entry.review import DECISION, REVIEWS
from web.route import route
from web.sections import Section
from web.subject_links import subject_href, subject_key
from web.words import t

SUBMISSION = "report-submission"
SHOW = "report-show"
CRITERIA = "report-criteria"
_ALL, _LOOK = "all", "look"


def page(submission_id: str) -> Page:
    """Give the case of one submission."""
    return _page(submission_id, wide=False)


def slices_page(submission_id: str) -> Page:
    """Give the case with its slices over the whole window."""
    return _page(submission_id, wide=True)


def _page(submission_id: str, *, wide: bool) -> Page:
    view = view_of(submission_id)
    summary = view.summary
    if not has_report(summary):
        return _no_report(summary)
    title = t("Report for {code}, version {version}", code=summary.subject_code, version=summary.version)
    report = report_of(submission_id)
    state = review_state(house().db, actor(), submission_id=submission_id)
    body = [
        head(title, crumbs=_crumbs(summary), action=_downloads(submission_id)),
        dcc.Store(id=SUBMISSION, data=submission_id),
        dcc.Store(id=Ids.CHOSEN),
        _not_counting(view),
        _newer(view),
        banner(report, decided(state)),
        waiting_notice(report),
        _contents(),
        html.Div(
            [
                html.Div(_parts(view, report, state), className="case-main"),
                html.Div(
                    [
                        dvh_card(report),
                        slices_card(submission_id, report, pictures_of(submission_id), wide=wide),
                    ],
                    className="case-pictures",
                ),
            ],
            className="case",
        ),
    ]
    return Page(title, Section.WORK_LIST, body)


def _parts(view: SubmissionView, report: CourseReport, state: ReviewState) -> list[Content]:
    """Give the parts of the case in the order in which a physicist reads them."""
    comments = standing_comments(state.reviews)
    return [
        _criteria(report, comments),
        checks_card(report, comments),
        html.Div(findings_card(findings_of(view, report)), id="findings"),
        html.Section([html.H2(t("Plans")), plans_card(report)], className="card", id="plans"),
        html.Div([sums_card(report), delivery_card(report), structures_card(report)], id="course"),
        _history(view.summary, state),
        decision_section(view.summary, report, state),
        html.Div(inputs_card(report), id="inputs"),
        protocol_notice(report.protocol),
    ]


def register(app: Dash) -> None:
    """Filter the table, look at a row, switch the plot, and sign."""
    app.clientside_callback(
        ClientsideFunction("dosegate_case", "show"),
        Output(CRITERIA, "className"),
        Input(SHOW, "value"),
        prevent_initial_call=True,
    )
    app.callback(
        Output(Ids.DOSES, "value"),
        Output(Ids.DOSE_AXIS, "value"),
        Output(Ids.CHOSEN_WORDS, "children"),
        Output(GO_TO, "data"),
        Input(Ids.CHOSEN, "data"),
        State(Ids.DOSES, "value"),
        State(Ids.DOSE_AXIS, "value"),
        State(SUBMISSION, "data"),
        prevent_initial_call=True,
    )(look_at)
    app.callback(
        Output(Ids.STRUCTURES, "value"),
        *(Input(group_id(group), "n_clicks") for group in Group),
        State(SUBMISSION, "data"),
        prevent_initial_call=True,
    )(choose_group)
    app.callback(
        Output(Ids.DVH, "figure"),
        Output(Ids.MISSING, "children"),
        Output(Ids.MISSING, "hidden"),
        Input(Ids.STRUCTURES, "value"),
        Input(Ids.DOSES, "value"),
        Input(Ids.DOSE_AXIS, "value"),
        Input(Ids.VOLUME_AXIS, "value"),
        Input(Ids.CHOSEN, "data"),
        State(SUBMISSION, "data"),
        prevent_initial_call=True,
    )(draw)
    register_viewer(app)
    for form in (*REVIEWS.values(), DECISION, WORD, WORD_BACK, RECHECK_ONE):
        register_form(app, form)


def look_at(
    number: int | None, doses: Sequence[str] | None, axis: str | None, submission_id: str
) -> tuple[Any, Any, Content, Any]:
    """Show a row in the pictures: its dose in the plot, its structure and spot in the slices."""
    report = report_of(submission_id)
    row = next((each for each in report.results if each.number == number), None)
    if row is None:
        return no_update, no_update, None, no_update
    key, shown = dose_key(row), list(doses or ())
    in_gray = DoseAxis.GY.value if row.plan_key is None and axis != DoseAxis.GY else no_update
    return [*shown, key] if key not in shown else no_update, in_gray, chosen_words(report, row), go_to(row)


def choose_group(*clicks_and_submission: Any) -> list[str]:
    """Show every structure, none, the targets or the organs."""
    report = report_of(clicks_and_submission[-1])
    chosen = next((group for group in Group if ctx.triggered_id == group_id(group)), Group.ALL)
    return list(structures_in_group(report, chosen))


def draw(
    structures: Sequence[str] | None, doses: Sequence[str] | None, *how: Any
) -> tuple[dict[str, Any], str, bool]:
    """Draw the chosen structures in the chosen doses, and say what the axes leave out."""
    dose_axis, volume_axis, number, submission_id = how
    report = report_of(submission_id)
    view = DvhView(
        doses=tuple(doses or ()),
        structures=tuple(structures or ()),
        dose_axis=DoseAxis.PERCENT if dose_axis == DoseAxis.PERCENT else DoseAxis.GY,
        volume_axis=VolumeAxis.CC if volume_axis == VolumeAxis.CC else VolumeAxis.PERCENT,
        row=number,
    )
    missing = missing_words(report, view)
    return as_sent(dvh_figure(report, view)), missing, not missing


def _crumbs(summary: SubmissionSummary) -> list[Content]:
    code = summary.subject_code
    return [
        dcc.Link(t("Work list"), href="/plans"),
        " / ",
        dcc.Link(code, href=subject_href(code, summary.site_code)),
        " / ",
        dcc.Link(t("Submission"), href=f"/submissions/{summary.submission_id}"),
    ]


def _not_counting(view: SubmissionView) -> Content:
    why = why_not_counting(view)
    if why is None:
        return None
    link = dcc.Link(t("Say it on the submission's page"), href=f"/submissions/{view.summary.submission_id}")
    words = t("A person has to say whose files these are.")
    return notice(Tone.WARN, t("This verdict does not count yet"), [words, " ", link, "."], alert=True)


def _newer(view: SubmissionView) -> Content:
    newer = newer_version(view)
    if newer is None:
        return None
    link = dcc.Link(t("Version {n}", n=newer.version), href=f"/submissions/{newer.submission_id}/report")
    words = t("This report is of version {n}. The newest: ", n=view.summary.version)
    return notice(Tone.WARN, t("There is a newer version of this subject's plans"), [words, link])


def _no_report(summary: SubmissionSummary) -> Page:
    link = dcc.Link(t("Open the submission"), href=f"/submissions/{summary.submission_id}")
    body = [
        head(t("No report for {code}", code=summary.subject_code)),
        notice(Tone.INFO, state_words(summary), [link, t(" to see how far it is and what was found.")]),
    ]
    return Page(t("No report"), Section.WORK_LIST, body)


def _downloads(submission_id: str) -> Content:
    base = f"/submissions/{submission_id}/report"
    kinds = {"pdf": t("Download PDF"), "html": t("Download HTML"), "json": t("Download JSON")}
    links = [
        html.A(words, href=f"{base}.{kind}", className="button button-quiet", id=f"download-{kind}")
        for kind, words in kinds.items()
    ]
    return html.Div(links, className="actions")


def _contents() -> Content:
    places = {
        "criteria": t("Criteria"),
        "checks": t("Plan checks"),
        "dvh": t("DVH"),
        "slices": t("Slices"),
        "findings": t("Findings"),
        "plans": t("Plans"),
        "course": t("Sum, delivery, structures"),
        "history": t("History"),
        "decision": t("Review and decision"),
        "inputs": t("Inputs"),
    }
    links = [html.A(words, href=f"#{place}") for place, words in places.items()]
    return html.Nav(links, className="contents case-nav", **{"aria-label": t("Parts of the case")})


def _criteria(report: CourseReport, comments: SaidOf) -> Content:
    look = sum(needs_a_look(row) for row in report.results)
    data = [
        {"value": _ALL, "label": t("All {n}", n=len(report.results))},
        {"value": _LOOK, "label": t("Needs a look: {n}", n=look)},
    ]
    control = dmc.SegmentedControl(id=SHOW, data=data, value=_ALL, size="sm")
    return html.Section(
        [
            html.Div([html.H2(t("Criteria")), control], className="card-head"),
            html.Div(criteria_table(report, comments), id=CRITERIA),
            html.P(
                t("Every criterion is met, none of them borderline."), className="muted nothing-to-look-at"
            )
            if not look and report.results
            else None,
        ],
        className="card",
        id="criteria",
    )


def _history(summary: SubmissionSummary, state: ReviewState) -> Content:
    home = house()
    key = subject_key(summary.subject_code, summary.site_code)
    record = subjects.subject_record(home.db, actor(), code=key)
    versions = [each for each in record.submissions if each.version is not None]
    changes = changes_of(home.db, home.store, actor(), submission_id=summary.submission_id)
    return history_section(summary, versions, state, changes)


ROUTES = (
    route("/submissions/{submission_id}/report", page),
    route("/submissions/{submission_id}/review", page),
    route("/submissions/{submission_id}/slices", slices_page),
)
KINDS = {
    f"{Ids.STRUCTURES}.value": Kind.TEXTS,
    f"{Ids.DOSES}.value": Kind.TEXTS,
    f"{Ids.CHOSEN}.data": Kind.COUNT,
    f"{SUBMISSION}.data": Kind.GIVEN_TEXT,
}
