"""One submission: how far its check is, what was found, and whose files these are."""

from __future__ import annotations

from enum import StrEnum

from dash import Dash, Input, Output, State, dcc, html, no_update

from trial_core.domain.jobs import JobProgress
from trial_core.domain.plan import SubmissionState, SubmissionSummary, SubmissionView
from trial_core.domain.rounding import file_size
from trial_core.errors import TrialError, WrongState
from trial_core.services import submissions
from web.components.check_progress import check_progress
from web.components.frame import Content, Page, Section, head
from web.components.notices import Tone, notice
from web.components.tables import facts, findings_table, table
from web.components.verdict import STATE_WORDS, verdict_mark
from web.house import actor, house

REFRESH_MS = 1000


class Ids(StrEnum):
    """Components of the page."""

    SUBMISSION = "submission-id"
    BODY = "submission-body"
    REFRESH = "submission-refresh"
    PATIENT_ID = "submission-patient-id"
    CONFIRM = "submission-confirm"
    REJECT = "submission-reject"
    REASON = "submission-reject-reason"
    IDENTITY_ANSWER = "submission-identity-answer"


def page(submission_id: str) -> Page:
    """Give the page; while the check runs it looks again every second."""
    view = _view(submission_id)
    body = [
        dcc.Store(id=Ids.SUBMISSION, data=submission_id),
        dcc.Interval(id=Ids.REFRESH, interval=REFRESH_MS, disabled=not _moving(view.summary)),
        html.Div(_body(view), id=Ids.BODY),
    ]
    return Page(_title(view.summary), Section.WORK_LIST, body)


def register(app: Dash) -> None:
    """Refresh while the check runs; answer whose files these are."""
    app.callback(
        Output(Ids.BODY, "children"),
        Output(Ids.REFRESH, "disabled"),
        Input(Ids.REFRESH, "n_intervals"),
        State(Ids.SUBMISSION, "data"),
        prevent_initial_call=True,
    )(refresh)
    app.callback(
        Output(Ids.IDENTITY_ANSWER, "children"),
        Input(Ids.CONFIRM, "n_clicks"),
        State(Ids.PATIENT_ID, "value"),
        State(Ids.SUBMISSION, "data"),
        running=[(Output(Ids.CONFIRM, "disabled"), True, False)],
        prevent_initial_call=True,
    )(confirm)
    app.callback(
        Output(Ids.IDENTITY_ANSWER, "children", allow_duplicate=True),
        Input(Ids.REJECT, "n_clicks"),
        State(Ids.REASON, "value"),
        State(Ids.SUBMISSION, "data"),
        running=[(Output(Ids.REJECT, "disabled"), True, False)],
        prevent_initial_call=True,
    )(reject)


def refresh(_ticks: int, submission_id: str) -> tuple[Content, bool]:
    """Look again, and stop looking once nothing moves."""
    view = _view(submission_id)
    return _body(view), not _moving(view.summary)


def confirm(clicks: int | None, patient_id: str | None, submission_id: str) -> Content:
    """Take a person's word, proved by the PatientID they know."""
    if not clicks:
        return no_update
    if not patient_id:
        return notice(Tone.WARN, "Enter the PatientID first.", "It is in your hospital's system.", alert=True)
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
        return notice(Tone.STOP, "Not confirmed", refusal.message, alert=True)
    return dcc.Location(id="submission-confirmed", href=f"/submissions/{submission_id}", refresh=True)


def reject(clicks: int | None, reason: str | None, submission_id: str) -> Content:
    """Block a set that is not the subject's."""
    if not clicks:
        return no_update
    if not (reason or "").strip():
        return notice(
            Tone.WARN, "Say why first.", "A few words for the record, without the patient's name.", alert=True
        )
    try:
        submissions.reject_identity(
            house().db, actor(), submission_id=submission_id, reason=(reason or "").strip()
        )
    except WrongState:
        pass  # as above
    except TrialError as refusal:
        return notice(Tone.STOP, "Not recorded", refusal.message, alert=True)
    return dcc.Location(id="submission-rejected", href=f"/submissions/{submission_id}", refresh=True)


def _view(submission_id: str) -> SubmissionView:
    return submissions.submission_view(house().db, actor(), submission_id=submission_id)


def _title(summary: SubmissionSummary) -> str:
    version = "" if summary.version is None else f", version {summary.version}"
    return f"Submission for {summary.subject_code}{version}"


def _moving(summary: SubmissionSummary) -> bool:
    return summary.state is SubmissionState.SUBMITTED


def _report_link(summary: SubmissionSummary) -> Content:
    if summary.report_sha256 is None:
        return None
    return dcc.Link(
        "Open the report",
        href=f"/submissions/{summary.submission_id}/report",
        className="button",
        id="open-report",
    )


def _body(view: SubmissionView) -> list[Content]:
    code = view.summary.subject_code
    crumbs = [dcc.Link("Subjects", href="/subjects"), " / ", dcc.Link(code, href=f"/subjects/{code}")]
    return [
        head(_title(view.summary), crumbs=crumbs, action=_report_link(view.summary)),
        _state_notice(view.summary),
        check_progress(view.summary),
        _identity(view),
        _findings(view),
        _files(view),
    ]


def _state_notice(summary: SubmissionSummary) -> Content:
    words = STATE_WORDS[summary.state]
    match summary.state:
        case SubmissionState.SUBMITTED:
            return None
        case SubmissionState.CHECKED:
            verdict = verdict_mark(summary.verdict) if summary.verdict else "no verdict"
            return notice(Tone.INFO, "The check is done. ", ["Course: ", verdict])
        case SubmissionState.RECEIVING:
            again = dcc.Link("Go on with the upload", href=f"/subjects/{summary.subject_code}/submit")
            return notice(Tone.INFO, words, ["Not all files have arrived. ", again, "."])
        case SubmissionState.FAILED:
            return notice(Tone.STOP, words, _failure(summary.job))
        case state:
            tone, body = _STATE_NOTICES[state]
            return notice(tone, words, body)


_STATE_NOTICES = {
    SubmissionState.AWAITING_CONFIRMATION: (
        Tone.WARN,
        "The check is done. Its report goes on the record once a person has said whose files these are.",
    ),
    SubmissionState.REFUSED: (
        Tone.STOP,
        "The findings below say which file, why, and what to do. Correct the export and submit again.",
    ),
    SubmissionState.BLOCKED: (
        Tone.STOP,
        "Nothing of it is on the subject's record. The findings below say what contradicts.",
    ),
    SubmissionState.DUPLICATE: (
        Tone.INFO,
        "The same plans are on this subject's record already; nothing was added.",
    ),
    SubmissionState.ABANDONED: (Tone.INFO, "The upload was given up and what had arrived was removed."),
}


def _failure(job: JobProgress | None) -> str:
    reason = job.error if job is not None and job.error else "The reason was not recorded."
    return f"{reason} Nothing was lost. Submit the files again; if it happens again, tell the administrator."


def _identity(view: SubmissionView) -> Content:
    if view.summary.state is not SubmissionState.AWAITING_CONFIRMATION:
        return None
    if not view.may_confirm:
        return notice(
            Tone.INFO,
            "Somebody at the site has to confirm",
            "A radiation oncologist or physicist of the site says whose files these are.",
        )
    return html.Section(
        [
            html.H2(f"Are these the files of subject {view.summary.subject_code}?"),
            html.P(
                "This is the subject's first set, so nothing earlier can tell. Look up the subject's "
                "PatientID in your hospital's system and enter it here: it must be the one in the files. "
                "It is compared as a keyed hash, and neither kept nor shown. From then on every set for "
                "this subject must be of the same patient."
            ),
            html.Div([_yes(), _no()], className="two-ways"),
            html.Div(id=Ids.IDENTITY_ANSWER),
        ],
        className="card",
    )


def _yes() -> Content:
    return html.Div(
        [
            html.Div(
                [
                    html.Label("PatientID of the subject", htmlFor=Ids.PATIENT_ID),
                    dcc.Input(id=Ids.PATIENT_ID, type="text", autoComplete="off", maxLength=64),
                ],
                className="field",
            ),
            html.Button(
                "Yes, these are the subject's files", id=Ids.CONFIRM, className="button", type="button"
            ),
        ]
    )


def _no() -> Content:
    return html.Div(
        [
            html.Div(
                [
                    html.Label("If not: what went wrong?", htmlFor=Ids.REASON),
                    dcc.Input(id=Ids.REASON, type="text", autoComplete="off", maxLength=200),
                ],
                className="field",
            ),
            html.Button(
                "No, another patient's files", id=Ids.REJECT, className="button button-danger", type="button"
            ),
        ]
    )


def _findings(view: SubmissionView) -> Content:
    if view.summary.state in (SubmissionState.RECEIVING, SubmissionState.SUBMITTED) and not view.findings:
        return None  # an empty list would read as "nothing found" before anything has been looked at
    table_of_findings = findings_table([finding.as_mapping() for finding in view.findings])
    return html.Section([html.H2("Findings"), table_of_findings], className="card")


def _files(view: SubmissionView) -> Content:
    names = [(file.name, file.size_bytes, file.sha256) for file in view.files]
    rows = [
        html.Tr(
            [
                html.Td(name, className="mono"),
                html.Td(file_size(count), className="number"),
                html.Td(sha256, className="mono"),
            ]
        )
        for name, count, sha256 in names
    ]
    total = sum(count for _, count, _ in names)
    summary = html.Summary(f"{len(names)} file{'' if len(names) == 1 else 's'}, {file_size(total)}")
    when = view.summary.submitted_at
    known = facts(
        [
            ("Submitted by", view.summary.submitter_name or view.summary.submitted_by),
            ("Submitted", "–" if when is None else f"{when:%Y-%m-%d %H:%M} UTC"),
            ("State", STATE_WORDS[view.summary.state]),
        ]
    )
    listing = html.Details(
        [
            summary,
            table("Files as they were handed over", ("Name", "Size", "SHA-256"), rows, numeric=("Size",)),
        ]
    )
    return html.Section([html.H2("Files"), known, listing], className="card")
