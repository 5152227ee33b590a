"""Study: its state and steps, the stopping rule, serious events, deaths to adjudicate, lists."""

from __future__ import annotations

from dash import Dash, dcc, html

from trial_core.domain.access import Permission, may
from trial_core.domain.signing import SignedState
from trial_core.domain.study_state import StudyState
from trial_core.services import (
    allocation_lists,
    deaths,
    safety,
    safety_figures,
    study,
    study_history,
    toxicity_statement,
)
from web.components.deaths import deaths_card
from web.components.figure import figure_card
from web.components.frame import Content, Page, head
from web.components.lists import lists_card
from web.components.marks import Mark, mark, said, typed
from web.components.serious import serious_card
from web.components.study_parts import gauge, state_lines, state_mark
from web.components.tables import table
from web.components.verdict import sentence_case
from web.figures.operating import operating_figure
from web.forms import register_form
from web.house import actor, house
from web.reading.study_protocol import protocol
from web.route import route
from web.sections import Section
from web.study_entry.study import FORMS, Place, forms_for
from web.words import t, word


def page() -> Page:
    """Give what the person's role sees of the study."""
    title = t("Study")
    return Page(title, Section.STUDY, [head(title, action=_links()), *_body()])


def register(app: Dash) -> None:
    """Have the study's steps and the adjudications sent."""
    for form in FORMS:
        register_form(app, form)


def _links() -> Content:
    links = []
    if may(actor().role, Permission.SEE_SUBJECTS):
        looks = "button button-quiet"
        links = [
            dcc.Link(t("Populations"), href="/study/populations", className=looks),
            dcc.Link(t("Toxicity"), href="/toxicity", className=looks),
        ]
    return html.Div(links, className="actions")


def _body() -> list[Content]:
    if not may(actor().role, Permission.SEE_STUDY):
        return [_state_alone(), _serious()]
    side = html.Div([_rule_card(), _statement_card()])
    main = html.Div([_state_card(), *forms_for(Place.STATE), _history_card()])
    return [html.Div([main, side], className="columns"), _deaths(), _serious(), _lists()]


def _state_alone() -> Content:
    return html.Section([html.H2(t("State")), state_lines(study.study_now(house().db))], className="card")


def _state_card() -> Content:
    standing = study.study_now(house().db)
    parts: list[Content] = [html.H2(t("State")), state_lines(standing), _way(standing.state)]
    if standing.state in (StudyState.RUN_IN, StudyState.OBSERVATION):
        now = study.study_conditions(house().db, actor(), protocol=protocol())
        enrolled = t(
            "{n} of {size} run-in subjects are enrolled.", n=now.run_in_enrolled, size=now.run_in_size
        )
        parts.append(html.P(enrolled))
        parts += _missing(now.missing_for_iib)
    return html.Section(parts, className="card")


def _way(state: StudyState) -> Content:
    """Give the usual course with the present state marked; a hold or a termination stands beside it."""
    usual = (StudyState.RUN_IN, StudyState.OBSERVATION, StudyState.IIB, StudyState.CLOSED)
    at = usual.index(state) if state in usual else -1
    steps = [
        html.Li(
            sentence_case(word(each)),
            className="stage stage-now" if index == at else "stage stage-done" if index < at else "stage",
            **({"aria-current": "step"} if index == at else {}),
        )
        for index, each in enumerate(usual)
    ]
    return html.Ol(steps, className="stages study-way")


def _missing(missing: tuple[str, ...]) -> list[Content]:
    if not missing:
        return [html.P(mark(Mark.GOOD, t("Nothing is missing to open phase IIb")))]
    lines = html.Ul([html.Li(said(sentence_case(each))) for each in missing], className="reasons")
    return [html.H3(t("Still missing to open phase IIb")), lines]


def _rule_card() -> Content:
    figures = safety_figures.safety_figures(house().db, actor(), protocol=protocol())
    words = t(
        "A run-in of {size} subjects stops at {stop_at} that count. Exact binomial probabilities.",
        size=figures.run_in_size,
        stop_at=figures.stop_at,
    )
    figure = figure_card(
        "operating-characteristics",
        operating_figure(figures),
        title=t("Stopping rule of the run-in"),
        words=words,
        csv_href="/study/stopping-rule.csv",
        height_px=300,
    )
    return html.Div([html.Section([html.H2(t("Counted now")), gauge(figures)], className="card"), figure])


def _statement_card() -> Content:
    states = toxicity_statement.toxicity_statements(house().db, actor())
    title = html.H2(t("Toxicity profile of the run-in"))
    if not states:
        words = t("Nobody has signed that it is acceptable. A safety adjudicator can.")
        return html.Section([title, html.P(words, className="muted")], className="card")
    lines = [
        html.Li(
            [
                mark(Mark.GOOD if each.valid else Mark.NONE, t("Valid") if each.valid else t("Void")),
                html.Div(typed(each.words), className="small"),
            ]
        )
        for each in states
    ]
    return html.Section([title, html.Ul(lines, className="plain-list")], className="card")


def _history_card() -> Content:
    found = study_history.study_history(house().db, actor())
    title = html.H2(t("History"))
    if not found:
        return html.Section(
            [title, html.P(t("The state has never changed."), className="muted")], className="card"
        )
    columns = (t("When (UTC)"), t("From"), t("To"), t("By"), t("Reason"))
    rows = [
        html.Tr(
            [
                html.Td(f"{each.at:%Y-%m-%d %H:%M}", className="nowrap"),
                html.Td(sentence_case(word(each.from_state)), className="nowrap"),
                html.Td(state_mark(each.to_state), className="nowrap"),
                html.Td([each.by, *(html.Div(_signed(one)) for one in each.signatures)], className="nowrap"),
                html.Td(typed(each.reason) if each.reason else "–"),
            ]
        )
        for each in reversed(found)
    ]
    return html.Section([title, table(t("Changes of state, newest first"), columns, rows)], className="card")


def _signed(one: SignedState) -> Content:
    return mark(Mark.GOOD, t("Signed")) if one.valid else mark(Mark.STOP, t("Signature void"))


def _deaths() -> Content:
    return deaths_card(deaths.deaths_to_judge(house().db, actor()), forms_for(Place.DEATHS))


def _serious() -> Content:
    if not may(actor().role, Permission.SEE_SUBJECTS):
        return None
    return serious_card(safety.serious_events(house().db, actor()))


def _lists() -> Content:
    if not may(actor().role, Permission.SEE_LISTS):
        return None
    db = house().db
    states, opened = allocation_lists.list_states(db, actor()), allocation_lists.opened_lists(db, actor())
    return html.Div([lists_card(states, opened), *forms_for(Place.LISTS)], id="lists")


ROUTES = (route("/study", page),)
