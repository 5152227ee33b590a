"""The work list: what was submitted, how old it is, and what came out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.exceptions import PreventUpdate

from trial_core.domain.access import Permission, may
from trial_core.domain.plan import SubmissionState, SubmissionSummary
from trial_core.services import own_settings, submissions
from trial_core.services.own_settings import FilteredList
from trial_core.services.plan_decision import standing_decisions
from web.components.filter_notice import filter_notice, filtered_columns
from web.components.frame import Content, Page, head
from web.components.notices import Tone, notice
from web.components.worklist import AGE_COLUMNS, columns, worklist_grid, worklist_rows
from web.door.kinds import Kind
from web.house import actor, house
from web.reading.reports import to_review
from web.route import route
from web.sections import Section
from web.words import t

REFRESH_MS = 5000


class Ids(StrEnum):
    """Components of the page."""

    GRID = "plans-grid"
    TODAY = "plans-today"
    REFRESH = "plans-refresh"
    SHOWN = "plans-shown"
    FILTERED = "plans-filtered"
    SHOW_ALL = "plans-show-all"


KINDS = {f"{Ids.GRID}.filterModel": Kind.SMALL_OBJECT}


def page() -> Page:
    """Give the work list, or say why there is none for this role."""
    return Page(t("Work list"), Section.WORK_LIST, [head(t("Work list")), _body()])


def register(app: Dash) -> None:
    """Keep the list fresh while it is looked at."""
    app.callback(
        Output(Ids.GRID, "rowData"),
        Output(Ids.TODAY, "children"),
        Output(Ids.SHOWN, "data"),
        Input(Ids.REFRESH, "n_intervals"),
        State(Ids.SHOWN, "data"),
        prevent_initial_call=True,
    )(refresh)
    app.callback(
        Output(Ids.FILTERED, "children"),
        Input(Ids.GRID, "filterModel"),
        prevent_initial_call=True,
    )(keep_filter)
    app.callback(
        Output(Ids.GRID, "filterModel"),
        Input(Ids.SHOW_ALL, "n_clicks"),
        prevent_initial_call=True,
    )(show_all)


def refresh(_ticks: int, shown: str | None) -> tuple[Content, Content, str]:
    """Read the list again; what the browser shows already is not sent again.

    Raises
    ------
    PreventUpdate
        Where nothing has changed.
    """
    found = submissions.worklist(house().db, actor())
    rows, now = _rows(found)
    sha256 = _sha256(rows, found, now)
    if sha256 == shown:
        raise PreventUpdate
    return rows, _remarks(found), sha256


def keep_filter(model: dict[str, Any] | None) -> Content:
    """Keep the person's filter for the next time, and say that rows are hidden."""
    own_settings.keep_list_filter(house().db, actor(), model or {}, of=FilteredList.WORK_LIST)
    return _filtered(model or {})


def show_all(clicks: int | None) -> Any:
    """Take the filter away."""
    return {} if clicks else no_update


def _body() -> Content:
    if not may(actor().role, Permission.SEE_SUBJECTS):
        return notice(
            Tone.INFO,
            t("There is no list for your role."),
            t("It sees no subjects or plans. Ask the trial office if it should."),
        )
    found = submissions.worklist(house().db, actor())
    rows, now = _rows(found)
    model = own_settings.list_filter(house().db, actor(), of=FilteredList.WORK_LIST)
    return html.Div(
        [
            html.Div(_remarks(found), id=Ids.TODAY),
            html.Div(_filtered(model), id=Ids.FILTERED),
            html.Div(worklist_grid(Ids.GRID, rows, model), className="card card-flush"),
            dcc.Store(id=Ids.SHOWN, data=_sha256(rows, found, now)),
            dcc.Interval(id=Ids.REFRESH, interval=REFRESH_MS),
        ]
    )


def _rows(found: tuple[SubmissionSummary, ...]) -> tuple[list[dict[str, Any]], datetime]:
    decided = standing_decisions(house().db, actor(), found)
    now = house().db.now()
    return worklist_rows(found, now, to_review(found), decided), now


def _sha256(rows: list[dict[str, Any]], found: tuple[SubmissionSummary, ...], now: datetime) -> str:
    """Name what the page shows: all of the rows but their ages, which count as changed once a minute."""
    settled = [{key: row[key] for key in row.keys() - AGE_COLUMNS} for row in rows]
    states = [row.state for row in found]
    minute = int(now.timestamp() // 60)
    return hashlib.sha256(json.dumps([settled, states, minute], sort_keys=True).encode()).hexdigest()


def _filtered(model: Mapping[str, Any]) -> Content:
    says = t("Not every submission is shown. ")
    return filter_notice(filtered_columns(columns(), model), says, show_all_id=Ids.SHOW_ALL)


def _remarks(rows: tuple[SubmissionSummary, ...]) -> list[Content]:
    return [_today(rows), _more(rows)]


def _more(rows: tuple[SubmissionSummary, ...]) -> Content:
    if len(rows) < submissions.MOST_LISTED:
        return None
    return notice(
        Tone.INFO,
        t("The list ends after {n} submissions. ", n=len(rows)),
        t("It holds the newest, and all that wait for a person. Older ones are on their subjects' pages."),
    )


def _today(rows: tuple[SubmissionSummary, ...]) -> Content:
    waiting = [row for row in rows if row.state is SubmissionState.AWAITING_CONFIRMATION]
    if not waiting:
        return None
    first = waiting[0]
    link = dcc.Link(first.subject_code, href=f"/submissions/{first.submission_id}")
    more = t(" and {n} more", n=len(waiting) - 1) if len(waiting) > 1 else ""
    until = t("Until then their verdict does not count: ")
    return notice(Tone.WARN, t("A person has to say whose files these are. "), [until, link, more, "."])


ROUTES = (route("/plans", page),)
