"""Whose files are these? The form that confirms or rejects a set, and the one that takes it back later."""

from __future__ import annotations

from enum import StrEnum

from dash import dcc, html

from trial_core.domain.plan import SubmissionView, WhyConfirm
from web.components.frame import Content
from web.components.notices import Tone, notice
from web.words import later, t


class Ids(StrEnum):
    """Components of the forms."""

    PATIENT_ID = "submission-patient-id"
    CONFIRM = "submission-confirm"
    REJECT = "submission-reject"
    REASON = "submission-reject-reason"
    ANSWER = "submission-identity-answer"
    WITHDRAW = "submission-withdraw"
    WITHDRAW_REASON = "submission-withdraw-reason"
    WITHDRAW_ANSWER = "submission-withdraw-answer"


def whose_files(view: SubmissionView) -> Content:
    """Give the form for a set that waits for a person's word; nothing for any other."""
    if view.why_confirm is None:
        return None
    if not view.may_confirm:
        return notice(
            Tone.INFO,
            t("Somebody at the site has to confirm"),
            t("A radiation oncologist or site physicist of the site says whose files these are."),
        )
    return html.Section(
        [
            html.H2(t("Are these the files of subject {code}?", code=view.summary.subject_code)),
            html.P([str(_WHY[view.why_confirm]), " ", _look_up()]),
            html.Div([_yes(), _no()], className="two-ways"),
            html.Div(id=Ids.ANSWER),
        ],
        className="card",
    )


def take_back(view: SubmissionView) -> Content:
    """Give the way to say of a set on record that it is another patient's; nothing where there is none."""
    if not view.may_withdraw:
        return None
    code = view.summary.subject_code
    return html.Details(
        [
            html.Summary(t("Another patient's files after all?")),
            html.P(
                t(
                    "Say so, and this set is taken off the record of subject {code}: its verdict counts no "
                    "longer and its report cannot be opened. The subject's other sets bear the same "
                    "PatientID; each waits until a person says again whose files it holds. This cannot be "
                    "undone; the same files can be submitted again.",
                    code=code,
                )
            ),
            _field(t("What went wrong?"), Ids.WITHDRAW_REASON, most_characters=200),
            dcc.ConfirmDialogProvider(
                html.Button(
                    t("Take it off the record"),
                    id="submission-withdraw-button",
                    className=_DANGER,
                    type="button",
                ),
                id=Ids.WITHDRAW,
                message=t(
                    "Take this set off the record of subject {code}? Its verdict will count no longer.",
                    code=code,
                ),
            ),
            html.Div(id=Ids.WITHDRAW_ANSWER),
        ],
        className="card",
        id="take-back",
    )


_WHY = {
    WhyConfirm.FIRST: later(
        "No set of this subject is confirmed, so nothing earlier can tell. Once you have confirmed this one, "
        "every further set for the subject must be of the same patient."
    ),
    WhyConfirm.INCOMPLETE: later(
        "Sets of this subject are confirmed, but these files, or some of them, leave out the patient's name "
        "or birth date. So they could be somebody else's, and a person must look at this set by itself."
    ),
    WhyConfirm.NAMES_MORE: later(
        "Sets of this subject are confirmed, but they left out the patient's name or birth date, which these "
        "files give. Nothing contradicts; but nothing earlier can tell, either."
    ),
}
_DANGER = "button button-danger"


def _look_up() -> str:
    return t(
        "Look up the subject's PatientID in your hospital's system and enter it here: it must be the one in "
        "the files. It is compared as a keyed hash, and neither kept nor shown."
    )


def _yes() -> Content:
    return html.Div(
        [
            _field(t("PatientID of the subject"), Ids.PATIENT_ID, most_characters=64),
            html.Button(
                t("Yes, these are the subject's files"), id=Ids.CONFIRM, className="button", type="button"
            ),
        ]
    )


def _no() -> Content:
    return html.Div(
        [
            _field(t("If not: what went wrong?"), Ids.REASON, most_characters=200),
            html.Button(t("No, another patient's files"), id=Ids.REJECT, className=_DANGER, type="button"),
        ]
    )


def _field(label: str, field_id: str, *, most_characters: int) -> Content:
    field = dcc.Input(id=field_id, type="text", autoComplete="off", maxLength=most_characters)
    return html.Div([html.Label(label, htmlFor=field_id), field], className="field")
