"""A set before it is submitted: what a person does with it, as callbacks; each calls one service."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from dash import ALL, Dash, Input, Output, State, dcc, html, no_update

from trial_core.domain.given_names import GivenName
from trial_core.errors import TrialError, WrongState
from trial_core.services import naming, prechecks, uploads
from trial_core.submission_errors import SetChanged, SubmittedOtherwise
from web.components.frame import Content
from web.components.name_fields import TYPE
from web.components.name_fields import Ids as Names
from web.components.notices import Tone, notice
from web.house import actor, house
from web.reading.study_protocol import protocol
from web.words import refusal_words, t
from workers.queue import ring

SUBMISSION = "submission-id"
SHOWN = "submission-shown"
"""The hash of the set as the page shows it."""


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
    app.callback(
        Output(Ids.ANSWER, "children"),
        Input(Ids.SUBMIT, "n_clicks"),
        State(SHOWN, "data"),
        State(SUBMISSION, "data"),
        running=[(Output(Ids.SUBMIT, "disabled"), True, False)],
        prevent_initial_call=True,
    )(submit)
    app.callback(
        Output(Ids.LOOK_ANSWER, "children"),
        Input(Ids.LOOK, "n_clicks"),
        State(SUBMISSION, "data"),
        running=[(Output(Ids.LOOK, "disabled"), True, False)],
        prevent_initial_call=True,
    )(look)
    app.callback(
        Output(Ids.DISCARD_ANSWER, "children"),
        Input(Ids.DISCARD, "submit_n_clicks"),
        State(SHOWN, "data"),
        State(SUBMISSION, "data"),
        prevent_initial_call=True,
    )(discard)
    app.callback(
        Output(Names.ANSWER, "children"),
        Input(Names.SAVE, "n_clicks"),
        State({"type": TYPE, "name": ALL}, "value"),
        State({"type": TYPE, "name": ALL}, "id"),
        State(SHOWN, "data"),
        State(SUBMISSION, "data"),
        running=[(Output(Names.SAVE, "disabled"), True, False)],
        prevent_initial_call=True,
    )(name)


def submit(clicks: int | None, shown: str, submission_id: str) -> Content:
    """Submit the set as this page shows it; a second click finds it done."""
    if not clicks:
        return no_update
    home = house()
    try:
        ticket = uploads.complete_submission(home.db, actor(), submission_id=submission_id, seen_sha256=shown)
        ring(home.settings, ticket.job_id)
    except (SetChanged, SubmittedOtherwise) as refusal:
        return _look_again(t("Not submitted from this window. "), refusal, submission_id)
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


def discard(clicks: int | None, shown: str, submission_id: str) -> Content:
    """Give the set up as this page shows it."""
    if not clicks:
        return no_update
    home = house()
    try:
        uploads.abandon_submission(
            home.db, home.store, actor(), submission_id=submission_id, seen_sha256=shown
        )
    except WrongState:
        pass  # submitted or given up meanwhile: the page shows it
    except SetChanged as refusal:
        return _look_again(t("Not discarded. "), refusal, submission_id)
    except TrialError as refusal:
        return notice(Tone.STOP, t("Not discarded. "), refusal_words(refusal), alert=True)
    return _again("submission-discarded", submission_id)


def name(
    clicks: int | None,
    chosen: list[str | None],
    fields: list[dict[str, Any]],
    shown: str,
    submission_id: str,
) -> Content:
    """Give structures their names and have the set checked with them."""
    if not clicks:
        return no_update
    home = house()
    names = [GivenName(field["name"], one) for field, one in zip(fields, chosen, strict=True) if one]
    try:
        ticket = naming.name_structures(
            home.db, actor(), protocol(), submission_id=submission_id, names=names, seen_sha256=shown
        )
    except (SetChanged, SubmittedOtherwise) as refusal:
        return _look_again(t("Not taken. "), refusal, submission_id)
    except TrialError as refusal:
        return notice(Tone.STOP, t("Not taken. "), refusal_words(refusal), alert=True)
    ring(home.settings, ticket.job_id)
    return _again("submission-named", submission_id)


def _look_again(title: str, refusal: TrialError, submission_id: str) -> Content:
    # A plain link: it loads the page anew, and what was chosen here is seen until then.
    link = html.A(t("Show it as it is now"), href=f"/submissions/{submission_id}", className="button")
    return notice(Tone.STOP, title, [html.P(refusal_words(refusal)), link], alert=True)


def _again(part: str, submission_id: str) -> Content:
    return dcc.Location(id=part, href=f"/submissions/{submission_id}", refresh=True)
