"""The report of a checked course: the verdict first, then everything it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html

from trial_core.domain.plan import SubmissionSummary, SubmissionView
from trial_core.domain.report import CourseReport
from web.components.criteria import criteria_table, needs_a_look
from web.components.frame import Content, Page, head
from web.components.notices import Tone, notice
from web.components.plans import plans_card
from web.components.report_parts import (
    banner,
    delivery_card,
    findings_card,
    inputs_card,
    protocol_notice,
    structures_card,
    sums_card,
)
from web.components.verdict import state_words
from web.figures.dvh import (
    ALL_DOSES,
    CONTOURS_OF,
    curve_name,
    dose_choices,
    dvh_figure,
    line_style,
    structures_in,
)
from web.kinds import Kind
from web.reports import findings_of, has_report, report_of
from web.route import route
from web.sections import Section
from web.standing import NEWER, NOT_YET, newer_version, view_of, why_not_counting
from web.subject_links import subject_href
from web.words import t

MOST_OVERLAID = 4
"""Structures drawn at first when all doses lie over one another: more than a dozen curves say nothing."""


class Ids(StrEnum):
    """Components of the page."""

    SUBMISSION = "report-submission"
    SHOW = "report-show"
    CRITERIA = "report-criteria"
    DOSE = "report-dose"
    STRUCTURES = "report-structures"
    OFFERED = "report-structures-offered"
    EVERY = "report-structures-all"
    NONE = "report-structures-none"
    DVH = "report-dvh"


class Show(StrEnum):
    """Which rows of the criteria table are shown."""

    ALL = "All"
    ATTENTION = "Needs a look"


def page(submission_id: str) -> Page:
    """Give the report of one submission."""
    view = view_of(submission_id)
    if not has_report(view.summary):
        return _no_report(view.summary)
    report = report_of(submission_id)
    code = view.summary.subject_code
    title = f"Report for {code}, version {view.summary.version}"
    crumbs = [
        dcc.Link("Subjects", href="/subjects"),
        " / ",
        dcc.Link(code, href=subject_href(code, view.summary.site_code)),
        " / ",
        dcc.Link("Submission", href=f"/submissions/{submission_id}"),
    ]
    body = [
        head(title, crumbs=crumbs, action=_downloads(submission_id)),
        dcc.Store(id=Ids.SUBMISSION, data=submission_id),
        _not_counting(view),
        _newer(view),
        banner(report),
        protocol_notice(report.protocol),
        _contents(),
        _criteria(report),
        _dvh(report),
        html.Section([html.H2("Plans"), plans_card(report)], className="card", id="plans"),
        html.Div(sums_card(report), id="sums"),
        html.Div(delivery_card(report), id="delivery"),
        html.Div(structures_card(report), id="structures"),
        html.Div(findings_card(findings_of(view, report)), id="findings"),
        html.Div(inputs_card(report), id="inputs"),
    ]
    return Page(title, Section.WORK_LIST, body)


def _not_counting(view: SubmissionView) -> Content:
    why = why_not_counting(view)
    if why is None:
        return None
    link = dcc.Link("Say it on the submission's page", href=f"/submissions/{view.summary.submission_id}")
    return notice(Tone.WARN, NOT_YET, [why, " ", link, "."], alert=True)


def _newer(view: SubmissionView) -> Content:
    newer = newer_version(view)
    if newer is None:
        return None
    link = dcc.Link(f"version {newer.version}", href=f"/submissions/{newer.submission_id}/report")
    return notice(
        Tone.WARN, NEWER, ["This report is of version ", str(view.summary.version), "; see ", link, "."]
    )


def register(app: Dash) -> None:
    """Filter the table, choose the dose and the structures of the plot."""
    app.callback(
        Output(Ids.CRITERIA, "children"),
        Input(Ids.SHOW, "value"),
        State(Ids.SUBMISSION, "data"),
        prevent_initial_call=True,
    )(show_rows)
    app.callback(
        Output(Ids.STRUCTURES, "children"),
        Output(Ids.STRUCTURES, "value"),
        Output(Ids.OFFERED, "data"),
        Input(Ids.DOSE, "value"),
        State(Ids.STRUCTURES, "value"),
        State(Ids.OFFERED, "data"),
        State(Ids.SUBMISSION, "data"),
        prevent_initial_call=True,
    )(choose_dose)
    app.callback(
        Output(Ids.STRUCTURES, "value", allow_duplicate=True),
        Input(Ids.EVERY, "n_clicks"),
        Input(Ids.NONE, "n_clicks"),
        State(Ids.DOSE, "value"),
        State(Ids.SUBMISSION, "data"),
        prevent_initial_call=True,
    )(choose_every)
    app.callback(
        Output(Ids.DVH, "figure"),
        Input(Ids.STRUCTURES, "value"),
        Input(Ids.DOSE, "value"),
        State(Ids.SUBMISSION, "data"),
        prevent_initial_call=True,
    )(draw)


def show_rows(show: str, submission_id: str) -> Content:
    """Show every criterion, or those that are not simply met."""
    return criteria_table(report_of(submission_id), only_attention=show == Show.ATTENTION)


def choose_dose(
    choice: str, chosen: Sequence[str] | None, offered: Sequence[str] | None, submission_id: str
) -> tuple[Content, list[str], list[str]]:
    """Offer the structures that have a curve in the chosen dose; what was hidden before stays hidden."""
    report = report_of(submission_id)
    names = structures_in(report, choice)
    hidden = set(offered or ()) - set(chosen or ())
    kept = [name for name in names if name not in hidden]
    drawn = _few(report, kept) if choice == ALL_DOSES else kept
    left_out = set(kept) - set(drawn)  # by us, not by the person: back in the next dose
    return _toggles(report, names, choice), drawn, [name for name in names if name not in left_out]


def choose_every(_every: int | None, _none: int | None, choice: str, submission_id: str) -> list[str]:
    """Show every structure of the dose, or none."""
    return list(structures_in(report_of(submission_id), choice)) if ctx.triggered_id == Ids.EVERY else []


def draw(structures: Sequence[str] | None, choice: str, submission_id: str) -> Content:
    """Draw the chosen structures in the chosen dose, or in all doses."""
    return dvh_figure(report_of(submission_id), choice, structures or ())


def _no_report(summary: SubmissionSummary) -> Page:
    link = dcc.Link("Open the submission", href=f"/submissions/{summary.submission_id}")
    body = [
        head(f"No report for {summary.subject_code}"),
        notice(Tone.INFO, state_words(summary), [link, " to see how far it is and what was found."]),
    ]
    return Page("No report", Section.WORK_LIST, body)


def _downloads(submission_id: str) -> Content:
    base = f"/submissions/{submission_id}/report"
    return html.Div(
        [
            dcc.Link(
                t("Slices"), href=f"/submissions/{submission_id}/slices", className="button button-quiet"
            ),
            dcc.Link(
                t("Review"), href=f"/submissions/{submission_id}/review", className="button button-quiet"
            ),
            html.A(t("Download PDF"), href=f"{base}.pdf", className="button button-quiet", id="download-pdf"),
            html.A("Download HTML", href=f"{base}.html", className="button button-quiet", id="download-html"),
            html.A("Download JSON", href=f"{base}.json", className="button button-quiet", id="download-json"),
        ],
        className="actions",
    )


def _contents() -> Content:
    places = ("criteria", "dvh", "plans", "sums", "delivery", "structures", "findings", "inputs")
    words = {"dvh": "DVH", "plans": "Plans and checks", "sums": "Sum"}
    links = [html.A(words.get(place, place.capitalize()), href=f"#{place}") for place in places]
    return html.Nav(links, className="contents", **{"aria-label": "Parts of the report"})


def _criteria(report: CourseReport) -> Content:
    attention = [row for row in report.results if needs_a_look(row)]
    data = [
        {"value": Show.ALL.value, "label": f"All {len(report.results)}"},
        {"value": Show.ATTENTION.value, "label": f"Needs a look: {len(attention)}"},
    ]
    control = dmc.SegmentedControl(id=Ids.SHOW, data=data, value=Show.ALL.value, size="sm")
    return html.Section(
        [
            html.Div([html.H2("Criteria"), control], className="card-head"),
            html.Div(criteria_table(report, only_attention=False), id=Ids.CRITERIA),
        ],
        className="card",
        id="criteria",
    )


def _dvh(report: CourseReport) -> Content:
    choices = dose_choices(report)
    if not choices:
        text = html.P("No dose could be measured in any structure; the findings say why.", className="muted")
        return html.Section([html.H2("DVH"), text], className="card", id="dvh")
    doses = [choice.key for choice in choices if choice.key != ALL_DOSES]
    first = max(doses, key=lambda key: len(structures_in(report, key)))
    names = structures_in(report, first)
    control = dmc.SegmentedControl(
        id=Ids.DOSE,
        data=[{"value": choice.key, "label": choice.label} for choice in choices],
        value=first,
        size="sm",
    )
    graph = dcc.Graph(
        id=Ids.DVH,
        style={"height": "460px"},
        figure=dvh_figure(report, first, names),
        config={
            "displaylogo": False,
            "modeBarButtons": [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
            "responsive": True,
        },
    )
    legend = html.P(
        "Triangles are the criteria's thresholds in one dose, filled for the limit and open for the ideal; "
        "they point to the side that meets it. All doses over one another are drawn without them.",
        className="muted small",
    )
    toggles = dmc.CheckboxGroup(
        _toggles(report, names, first), id=Ids.STRUCTURES, value=list(names), label="Structures"
    )
    side = html.Div(
        [toggles, _every_or_none(), dcc.Store(id=Ids.OFFERED, data=list(names))], className="dvh-side"
    )
    return html.Section(
        [
            html.Div([html.H2("DVH"), control], className="card-head"),
            html.Div([html.Div([graph, legend]), side], className="dvh"),
        ],
        className="card",
        id="dvh",
    )


def _few(report: CourseReport, names: Sequence[str]) -> list[str]:
    """Keep the structures that need a look, then those with a curve in most doses."""
    if len(names) <= MOST_OVERLAID:
        return list(names)
    look = {name for row in report.results if needs_a_look(row) for name in (row.structure, row.counts_as)}
    doses = Counter(map(curve_name, report.curves))
    first = sorted(names, key=lambda name: (name.partition(CONTOURS_OF)[0] not in look, -doses[name]))[
        :MOST_OVERLAID
    ]
    return [name for name in names if name in first]


def _every_or_none() -> Content:
    return html.Div(
        [
            html.Button("All", id=Ids.EVERY, type="button", className="button button-quiet button-small"),
            html.Button("None", id=Ids.NONE, type="button", className="button button-quiet button-small"),
        ],
        className="actions every-or-none",
        role="group",
        **{"aria-label": "Structures shown"},
    )


def _toggles(report: CourseReport, names: Sequence[str], choice: str) -> Content:
    return dmc.Stack([_toggle(report, name, choice) for name in names], gap=6, mt=6)


def _toggle(report: CourseReport, name: str, choice: str) -> Content:
    colour, dash = line_style(report, name, choice)
    style = {"solid": "solid", "dash": "dashed", "dot": "dotted", "dashdot": "dashed"}[dash]
    swatch = html.Span(className="swatch", style={"borderTop": f"3px {style} {colour}"})
    return dmc.Checkbox(label=[swatch, name], value=name, size="xs")


ROUTES = (route("/submissions/{submission_id}/report", page),)
KINDS = {
    f"{Ids.STRUCTURES}.value": Kind.TEXTS,
    f"{Ids.OFFERED}.data": Kind.TEXTS,
    f"{Ids.SUBMISSION}.data": Kind.GIVEN_TEXT,
}
