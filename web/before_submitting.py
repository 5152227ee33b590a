"""A set before it is submitted: what a person does with it, as callbacks; each calls one service."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from dash import ALL, Dash, Input, Output, State, dcc, no_update

from trial_core.domain.given_names import GivenName
from trial_core.errors import TrialError, WrongState
from trial_core.services import naming, prechecks, uploads
from web.components.frame import Content
from web.components.name_fields import TYPE
from web.components.name_fields import Ids as Names
from web.components.notices import Tone, notice
from web.house import actor, house
from web.study_protocol import protocol
from web.words import refusal_words, t
from workers.queue import ring

SUBMISSION = "submission-id"


class Ids(StrEnum):
    """Components of the page of a set that is not submitted."""

    SUBMIT = "submission-submit"
    DISCARD = "submission-discard"
    LOOK = "submission-look"
    ANSWER = "submission-before-answer"
    DISCARD_ANSWER = "submission-discard-answer"
    LOOK_ANSWER = "submission-look-answer"


def register(app: Dash) -> None:
    """Submit, discard, look again, and name structures."""
    for button, answer, function in (
        (Ids.SUBMIT, Ids.ANSWER, submit),
        (Ids.LOOK, Ids.LOOK_ANSWER, look),
    ):
        app.callback(
            Output(answer, "children"),
            Input(button, "n_clicks"),
            State(SUBMISSION, "data"),
            running=[(Output(button, "disabled"), True, False)],
            prevent_initial_call=True,
        )(function)
    app.callback(
        Output(Ids.DISCARD_ANSWER, "children"),
        Input(Ids.DISCARD, "submit_n_clicks"),
        State(SUBMISSION, "data"),
        prevent_initial_call=True,
    )(discard)
    app.callback(
        Output(Names.ANSWER, "children"),
        Input(Names.SAVE, "n_clicks"),
        State({"type": TYPE, "name": ALL}, "value"),
        State({"type": TYPE, "name": ALL}, "id"),
        State(SUBMISSION, "data"),
        running=[(Output(Names.SAVE, "disabled"), True, False)],
        prevent_initial_call=True,
    )(name)


def submit(clicks: int | None, submission_id: str) -> Content:
    """Submit the set; a second click, or another window, finds it done."""
    if not clicks:
        return no_update
    home = house()
    try:
        ring(home.settings, uploads.complete_submission(home.db, actor(), submission_id=submission_id).job_id)
    except TrialError as refusal:
        return notice(Tone.STOP, t("Not submitted. "), refusal_words(refusal), alert=True)
    return _again("submission-submitted", submission_id)


def look(clicks: int | None, submission_id: str) -> Content:
    """Have the files looked into, where nobody has or where they have changed."""
    if not clicks:
        return no_update
    home = house()
    try:
        ring(home.settings, prechecks.request_precheck(home.db, actor(), submission_id=submission_id).job_id)
    except WrongState:
        pass  # submitted meanwhile: the page shows it
    except TrialError as refusal:
        return notice(Tone.STOP, t("Not checked. "), refusal_words(refusal), alert=True)
    return _again("submission-looked", submission_id)


def discard(clicks: int | None, submission_id: str) -> Content:
    """Give the set up, and lead to where another one is chosen."""
    if not clicks:
        return no_update
    home = house()
    try:
        uploads.abandon_submission(home.db, home.store, actor(), submission_id=submission_id)
    except WrongState:
        pass  # submitted or given up meanwhile: the page shows it
    except TrialError as refusal:
        return notice(Tone.STOP, t("Not discarded. "), refusal_words(refusal), alert=True)
    return _again("submission-discarded", submission_id)


def name(
    clicks: int | None, chosen: list[str | None], fields: list[dict[str, Any]], submission_id: str
) -> Content:
    """Give structures their names and have the set checked with them."""
    if not clicks:
        return no_update
    home = house()
    names = [GivenName(field["name"], one) for field, one in zip(fields, chosen, strict=True) if one]
    try:
        ticket = naming.name_structures(
            home.db, actor(), protocol(), submission_id=submission_id, names=names
        )
    except TrialError as refusal:
        return notice(Tone.STOP, t("Not taken. "), refusal_words(refusal), alert=True)
    ring(home.settings, ticket.job_id)
    return _again("submission-named", submission_id)


def _again(part: str, submission_id: str) -> Content:
    return dcc.Location(id=part, href=f"/submissions/{submission_id}", refresh=True)
