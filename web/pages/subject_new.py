"""Add a subject: its code, nothing that names a person."""

from __future__ import annotations

from enum import StrEnum

from dash import Dash, Input, Output, State, dcc, html, no_update

from trial_core.errors import TrialError
from trial_core.services import subjects
from web.components.frame import Content, Page, head
from web.components.notices import Tone, notice
from web.house import actor, house
from web.route import route
from web.sections import Section


class Ids(StrEnum):
    """Components of the page."""

    CODE = "new-subject-code"
    ADD = "new-subject-add"
    ANSWER = "new-subject-answer"


def page() -> Page:
    """Give the form."""
    form = html.Section(
        [
            html.Div(
                [
                    html.Label("Subject code", htmlFor=Ids.CODE),
                    dcc.Input(id=Ids.CODE, type="text", maxLength=64, autoComplete="off", debounce=False),
                    html.Span(
                        "The trial's code alone: no name, no initials, no birth date.", className="hint"
                    ),
                ],
                className="field",
            ),
            html.Button("Add the subject", id=Ids.ADD, className="button", type="button"),
            html.Div(id=Ids.ANSWER),
        ],
        className="card",
    )
    return Page(
        "Add a subject",
        Section.SUBJECTS,
        [head("Add a subject", crumbs=[dcc.Link("Subjects", href="/subjects")]), form],
    )


def register(app: Dash) -> None:
    """Add on click or on Enter."""
    app.callback(
        Output(Ids.ANSWER, "children"),
        Input(Ids.ADD, "n_clicks"),
        Input(Ids.CODE, "n_submit"),
        State(Ids.CODE, "value"),
        running=[(Output(Ids.ADD, "disabled"), True, False)],
        prevent_initial_call=True,
    )(add)


def add(clicks: int | None, entered: int | None, code: str | None) -> Content:
    """Register the subject and go to its page, or say why not."""
    if not clicks and not entered:
        return no_update
    try:
        subject = subjects.create_subject(house().db, actor(), code=(code or "").strip())
    except TrialError as refusal:
        return notice(Tone.STOP, "Not added", refusal.message, alert=True)
    return dcc.Location(id="new-subject-added", pathname=f"/subjects/{subject.code}", refresh=True)


ROUTES = (route("/subjects/new", page),)
