"""The subjects of a site: a grid whose filter lasts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from dash import Dash, Input, Output, dcc, html, no_update

from trial_core.domain.access import Permission, may
from trial_core.domain.subject import Subject
from trial_core.services import own_settings, subjects
from trial_core.services.own_settings import FilteredList
from web.components.filter_notice import filter_notice, filtered_columns
from web.components.frame import Content, Page, head
from web.components.paged_grid import paged_grid, subject_column
from web.components.verdict import sentence_case
from web.door.kinds import Kind
from web.house import actor, house
from web.route import route
from web.sections import Section
from web.subject_links import subject_href
from web.words import t, tn, word

_NONE_YET = "–"


class Ids(StrEnum):
    """Components of the page."""

    GRID = "subjects-grid"
    FILTERED = "subjects-filtered"
    SHOW_ALL = "subjects-show-all"


KINDS = {f"{Ids.GRID}.filterModel": Kind.SMALL_OBJECT}


def page() -> Page:
    """Give the list, with the way to add one for those who may."""
    found = subjects.list_subjects(house().db, actor())
    title = t("Subjects")
    return Page(title, Section.SUBJECTS, [head(title, action=_add()), _list(found)])


def register(app: Dash) -> None:
    """Keep the person's filter, and take it away."""
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


def keep_filter(model: dict[str, Any] | None) -> Content:
    """Keep the person's filter for the next time, and say that rows are hidden."""
    own_settings.keep_list_filter(house().db, actor(), model or {}, of=FilteredList.SUBJECTS)
    return _filtered(model or {})


def show_all(clicks: int | None) -> Any:
    """Take the filter away."""
    return {} if clicks else no_update


def _add() -> Content:
    if not may(actor().role, Permission.MANAGE_SUBJECTS):
        return None
    return dcc.Link(t("Add a subject"), href="/subjects/new", className="button")


def _list(found: tuple[Subject, ...]) -> Content:
    if not found:
        return html.P(t("No subject is registered at your site yet."), className="card")
    model = own_settings.list_filter(house().db, actor(), of=FilteredList.SUBJECTS)
    count = html.P(tn("{n} subject", "{n} subjects", len(found)), className="muted small")
    grid = paged_grid(Ids.GRID, _columns(), [_row(each) for each in found], filter_model=model)
    return html.Div(
        [
            html.Div(_filtered(model), id=Ids.FILTERED),
            html.Section([count, grid], className="card"),
        ]
    )


def _filtered(model: Mapping[str, Any]) -> Content:
    says = t("Not every subject is shown. ")
    return filter_notice(filtered_columns(_columns(), model), says, show_all_id=Ids.SHOW_ALL)


def _columns() -> list[dict[str, Any]]:
    named = {"site": t("Site"), "state": t("State"), "phase": t("Phase"), "arm": t("Arm")}
    flex = {"site": 1, "state": 3, "phase": 1, "arm": 1}
    others = [
        {"headerName": title, "field": field, "minWidth": 100, "flex": flex[field]}
        for field, title in named.items()
    ]
    return [subject_column(floatingFilter=True), *others]


def _row(subject: Subject) -> dict[str, Any]:
    href = subject_href(subject.code, subject.site_code)
    return {
        "id": href,
        "subject": subject.code,
        "subject_href": href,
        "site": subject.site_code,
        "state": sentence_case(word(subject.status)),
        "phase": _NONE_YET if subject.phase is None else subject.phase.value,
        "arm": _NONE_YET if subject.arm is None else subject.arm.value,
    }


ROUTES = (route("/subjects", page),)
