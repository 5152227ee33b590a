"""A person's word on whose files a set holds, as callbacks: given, refused, taken back."""

from __future__ import annotations

from dash import Dash, Input, Output, State, dcc, no_update

from trial_core.errors import MissingReason, TrialError, WrongState
from trial_core.services import submissions
from web.components.frame import Content
from web.components.notices import Tone, notice
from web.components.whose_files import Ids as Whose
from web.house import actor, house
from web.submitting.before_submitting import SUBMISSION
from web.words import refusal_words, t


def register(app: Dash) -> None:
    """Answer whose files these are."""
    app.callback(
        Output(Whose.ANSWER, "children"),
        Input(Whose.CONFIRM, "n_clicks"),
        State(Whose.PATIENT_ID, "value"),
        State(SUBMISSION, "data"),
        running=[(Output(Whose.CONFIRM, "disabled"), True, False)],
        prevent_initial_call=True,
    )(confirm)
    app.callback(
        Output(Whose.ANSWER, "children", allow_duplicate=True),
        Input(Whose.REJECT, "n_clicks"),
        State(Whose.REASON, "value"),
        State(SUBMISSION, "data"),
        running=[(Output(Whose.REJECT, "disabled"), True, False)],
        prevent_initial_call=True,
    )(reject)
    app.callback(
        Output(Whose.WITHDRAW_ANSWER, "children"),
        Input(Whose.WITHDRAW, "submit_n_clicks"),
        State(Whose.WITHDRAW_REASON, "value"),
        State(SUBMISSION, "data"),
        prevent_initial_call=True,
    )(reject)


def confirm(clicks: int | None, patient_id: str | None, submission_id: str) -> Content:
    """Take a person's word, proved by the PatientID they know."""
    if not clicks:
        return no_update
    if not patient_id:
        words = t("It is in your hospital's system.")
        return notice(Tone.WARN, t("Enter the PatientID first. "), words, alert=True)
    home = house()
    try:
        submissions.confirm_identity(
            home.db,
            actor(),
            submission_id=submission_id,
            identity_key=home.settings.secrets().identity_key,
            patient_id=patient_id,
        )
    except WrongState:
        pass  # a second click, or another person was first: the page shows what is so
    except TrialError as refusal:
        return notice(Tone.STOP, t("Not confirmed. "), refusal_words(refusal), alert=True)
    return dcc.Location(id="submission-confirmed", href=f"/submissions/{submission_id}", refresh=True)


def reject(clicks: int | None, reason: str | None, submission_id: str) -> Content:
    """Block a set that is not the subject's, also one that is on the record already."""
    if not clicks:
        return no_update
    try:
        submissions.reject_identity(house().db, actor(), submission_id=submission_id, reason=reason or "")
    except MissingReason:
        words = t("A few words for the record, without the patient's name.")
        return notice(Tone.WARN, t("Say why first. "), words, alert=True)
    except WrongState:
        pass  # as above
    except TrialError as refusal:
        return notice(Tone.STOP, t("Not recorded. "), refusal_words(refusal), alert=True)
    return dcc.Location(id="submission-rejected", href=f"/submissions/{submission_id}", refresh=True)
