"""Today: what waits for the person who asks, and where the trial stands."""

from __future__ import annotations

from dash import dcc, html

from trial_core.domain.access import Permission, may
from trial_core.services import plans_waiting, safety_figures, sets_to_submit, study
from trial_core.services.plans_waiting import PlanWait, WaitingPlan
from web.components.accrual_parts import accrual_card
from web.components.frame import Content, Page, head
from web.components.marks import Mark, mark, said
from web.components.notices import Tone, notice
from web.components.sets_to_submit import sets_card
from web.components.study_parts import gauge, state_lines
from web.components.tables import table
from web.house import actor, house
from web.reading.once import accrued, glances
from web.reading.study_protocol import protocol
from web.reading.todo import Todo, todos
from web.route import route
from web.sections import Section, is_for
from web.subject_links import subject_href, subject_key
from web.words import later, t, tn

MOST_ROWS = 12
_WAITS = {
    PlanWait.SUBMISSION: later("No plan on record"),
    PlanWait.PERSON: later("Whose files? To be confirmed"),
    PlanWait.DECISION: later("Waits for a decision"),
    PlanWait.NEW_PLAN: later("Rejected: a new plan is due"),
}


def page() -> Page:
    """Give the page on which everyone begins."""
    return Page(t("Today"), Section.TODAY, [head(t("Today"), action=_action()), *_body()])


def _action() -> Content:
    links = []
    if may(actor().role, Permission.SEE_SUBJECTS):
        links.append(dcc.Link(t("Open the work list"), href="/plans", className="button button-quiet"))
    if may(actor().role, Permission.MANAGE_SUBJECTS):
        links.append(dcc.Link(t("Add a subject"), href="/subjects/new", className="button"))
    return html.Div(links, className="actions")


def _body() -> list[Content]:
    if not may(actor().role, Permission.SEE_SUBJECTS):
        return [_todo_card(()), notice(Tone.INFO, t("Your role sees no subjects or plans."), "")]
    waiting = plans_waiting.plans_waiting(house().db, actor())
    main = [_todo_card(waiting), *_sets_card(), _plans_card(waiting), _queries_card()]
    return [
        html.Div([html.Div(main), html.Div([_study_card(), accrual_card(accrued())])], className="columns")
    ]


def _todo_card(waiting: tuple[WaitingPlan, ...]) -> Content:
    found = todos(waiting)
    nothing = html.P(t("Nothing waits for you."), className="muted")
    body = html.Ul([_todo(one) for one in found], className="todo") if found else nothing
    return html.Section([html.H2(t("What to do today")), body], className="card")


def _todo(one: Todo) -> Content:
    # a place on this page is reached by a plain link: the router would take the page anew
    link = html.A if one.href.startswith("#") else dcc.Link
    return html.Li(link(mark(one.meant, one.words), href=one.href, className="verdict-link"))


def _sets_card() -> list[Content]:
    if not may(actor().role, Permission.SUBMIT_PLAN):
        return []
    return [sets_card(sets_to_submit.sets_to_submit(house().db, actor()), house().db.now())]


def _study_card() -> Content:
    parts = [html.H2(t("Study")), state_lines(study.study_now(house().db))]
    if may(actor().role, Permission.SEE_STUDY):
        figures = safety_figures.safety_figures(house().db, actor(), protocol=protocol())
        parts += [html.H3(t("Stopping rule of the run-in")), gauge(figures)]
    if is_for(Section.STUDY, actor().role):
        parts.append(dcc.Link(t("Open the study"), href="/study"))
    return html.Section(parts, className="card")


def _plans_card(found: tuple[WaitingPlan, ...]) -> Content:
    title = html.H2(t("Plans that wait"))
    if not found:
        return html.Section(
            [title, html.P(t("No plan waits for anybody."), className="muted")], className="card"
        )
    columns = (t("Subject"), t("What it waits for"), t("Since"), t("Days"), t("Time limit"))
    rows = [_plan(each) for each in found[:MOST_ROWS]]
    caption = t(
        "The longest first. The protocol names no terms; assumed: {submit} days to submit, "
        "{decide} days to decide.",
        submit=plans_waiting.SUBMIT_WITHIN_DAYS,
        decide=plans_waiting.DECIDE_WITHIN_DAYS,
    )
    body = [title, table(caption, columns, rows, numeric=(t("Days"),)), _more(len(found))]
    return html.Section(body, className="card", id="plans")


def _plan(each: WaitingPlan) -> Content:
    href = (
        subject_href(each.code, each.site) if each.submission is None else f"/submissions/{each.submission}"
    )
    term = mark(Mark.WARN, t("Overdue")) if each.overdue else mark(Mark.PENDING, t("In time"))
    cells = (
        html.Td(dcc.Link(subject_key(each.code, each.site), href=href)),
        html.Td(str(_WAITS[each.waits_for])),
        html.Td(each.since.isoformat(), className="nowrap"),
        html.Td(str(each.days), className="number"),
        html.Td(term),
    )
    return html.Tr(cells)


def _queries_card() -> Content:
    found = glances()
    asked = [(each, one.query) for each in found for one in each.open_queries]
    title = html.H2(t("Open queries"))
    if not asked:
        return html.Section([title, html.P(t("No query is open."), className="muted")], className="card")
    rows = [
        html.Tr(
            [
                html.Td(dcc.Link(subject_key(each.code, each.site), href=subject_href(each.code, each.site))),
                html.Td(said(query.about)),
                html.Td(said(f"{query.message}. {query.action}")),
            ]
        )
        for each, query in asked[:MOST_ROWS]
    ]
    columns = (t("Subject"), t("About"), t("What is unclear, and what to do"))
    caption = tn("{n} open query", "{n} open queries", len(asked))
    return html.Section(
        [title, table(caption, columns, rows), _more(len(asked))], className="card", id="queries"
    )


def _more(n: int) -> Content:
    if n <= MOST_ROWS:
        return None
    left = n - MOST_ROWS
    return html.P(tn("{n} more.", "{n} more.", left), className="muted small")


ROUTES = (route("/", page),)
