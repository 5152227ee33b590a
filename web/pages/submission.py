"""One submission: how far its check is, what was found, and whose files these are."""

from __future__ import annotations

from enum import StrEnum

from dash import Dash, Input, Output, State, dcc, html, no_update

from trial_core.domain.plan import SubmissionState, SubmissionSummary, SubmissionView
from trial_core.domain.rounding import file_size
from trial_core.errors import MissingReason, StoredBytesChanged, StoredBytesMissing, TrialError, WrongState
from trial_core.services import jobs, submissions
from web.components.check_progress import check_progress
from web.components.frame import Content, Page, head
from web.components.notices import Tone, notice
from web.components.report_parts import findings_card
from web.components.tables import facts, table
from web.components.verdict import state_words, verdict_mark
from web.components.whose_files import Ids as Whose
from web.components.whose_files import take_back, whose_files
from web.house import actor, house
from web.kinds import Kind
from web.reports import findings_of, has_report, report_of
from web.route import route
from web.sections import Section
from web.standing import view_of
from web.subject_links import subject_href
from workers.queue import ring

REFRESH_MS = 1000
_NAMES_NOT_CLEARED = (SubmissionState.RECEIVING, SubmissionState.SUBMITTED, SubmissionState.FAILED)
"""Names of files are as they were sent, and may be the patient's, until a check has come to its end."""


class Ids(StrEnum):
    """Components of the page."""

    SUBMISSION = "submission-id"
    BODY = "submission-body"
    REFRESH = "submission-refresh"
    AGAIN = "submission-again"
    AGAIN_ANSWER = "submission-again-answer"


def page(submission_id: str) -> Page:
    """Give the page; while the check runs it looks again every second."""
    view = view_of(submission_id)
    body = [
        dcc.Store(id=Ids.SUBMISSION, data=submission_id),
        dcc.Interval(id=Ids.REFRESH, interval=REFRESH_MS, disabled=not _moving(view.summary)),
        html.Div(_body(view), id=Ids.BODY),
        # Beside what is refreshed each second: it stays as it is, and may list thousands of files.
        _files(view),
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
        Output(Whose.ANSWER, "children"),
        Input(Whose.CONFIRM, "n_clicks"),
        State(Whose.PATIENT_ID, "value"),
        State(Ids.SUBMISSION, "data"),
        running=[(Output(Whose.CONFIRM, "disabled"), True, False)],
        prevent_initial_call=True,
    )(confirm)
    app.callback(
        Output(Whose.ANSWER, "children", allow_duplicate=True),
        Input(Whose.REJECT, "n_clicks"),
        State(Whose.REASON, "value"),
        State(Ids.SUBMISSION, "data"),
        running=[(Output(Whose.REJECT, "disabled"), True, False)],
        prevent_initial_call=True,
    )(reject)
    app.callback(
        Output(Whose.WITHDRAW_ANSWER, "children"),
        Input(Whose.WITHDRAW, "submit_n_clicks"),
        State(Whose.WITHDRAW_REASON, "value"),
        State(Ids.SUBMISSION, "data"),
        prevent_initial_call=True,
    )(reject)
    app.callback(
        Output(Ids.AGAIN_ANSWER, "children"),
        Input(Ids.AGAIN, "n_clicks"),
        State(Ids.SUBMISSION, "data"),
        running=[(Output(Ids.AGAIN, "disabled"), True, False)],
        prevent_initial_call=True,
    )(check_again)


def refresh(_ticks: int, submission_id: str) -> tuple[Content, bool]:
    """Look again, and stop looking once nothing moves."""
    view = view_of(submission_id)
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
    """Block a set that is not the subject's, also one that is on the record already."""
    if not clicks:
        return no_update
    try:
        submissions.reject_identity(house().db, actor(), submission_id=submission_id, reason=reason or "")
    except MissingReason:
        words = "A few words for the record, without the patient's name."
        return notice(Tone.WARN, "Say why first.", words, alert=True)
    except WrongState:
        pass  # as above
    except TrialError as refusal:
        return notice(Tone.STOP, "Not recorded", refusal.message, alert=True)
    return dcc.Location(id="submission-rejected", href=f"/submissions/{submission_id}", refresh=True)


def check_again(clicks: int | None, submission_id: str) -> Content:
    """Have a check that failed tried again."""
    if not clicks:
        return no_update
    home = house()
    try:
        ring(home.settings, jobs.check_again(home.db, actor(), submission_id=submission_id).job_id)
    except WrongState:
        pass  # as above
    except TrialError as refusal:
        return notice(Tone.STOP, "Not checked again", refusal.message, alert=True)
    return dcc.Location(id="submission-checked-again", href=f"/submissions/{submission_id}", refresh=True)


def _title(summary: SubmissionSummary) -> str:
    version = "" if summary.version is None else f", version {summary.version}"
    return f"Submission for {summary.subject_code}{version}"


def _moving(summary: SubmissionSummary) -> bool:
    return summary.state is SubmissionState.SUBMITTED


def _report_link(summary: SubmissionSummary) -> Content:
    if not has_report(summary):
        return None
    return dcc.Link(
        "Open the report",
        href=f"/submissions/{summary.submission_id}/report",
        className="button",
        id="open-report",
    )


def _body(view: SubmissionView) -> list[Content]:
    code = view.summary.subject_code
    crumbs = [
        dcc.Link("Subjects", href="/subjects"),
        " / ",
        dcc.Link(code, href=subject_href(code, view.summary.site_code)),
    ]
    return [
        head(_title(view.summary), crumbs=crumbs, action=_report_link(view.summary)),
        _state_notice(view),
        check_progress(view.summary),
        whose_files(view),
        _findings(view),
        take_back(view),
    ]


def _state_notice(view: SubmissionView) -> Content:
    summary = view.summary
    words = state_words(summary)
    match summary.state:
        case SubmissionState.SUBMITTED:
            return None
        case SubmissionState.CHECKED:
            verdict = verdict_mark(summary.verdict) if summary.verdict else "no verdict"
            return notice(Tone.INFO, "The check is done. ", ["Course: ", verdict])
        case SubmissionState.RECEIVING:
            return notice(Tone.INFO, words, ["Not all files have arrived. ", _who_goes_on(view)])
        case SubmissionState.FAILED:
            return _failed(view)
        case SubmissionState.BLOCKED if summary.version is not None:
            return notice(
                Tone.STOP,
                words,
                "No verdict of this set counts any more. The findings below say when that was said.",
            )
        case state:
            tone, body = _STATE_NOTICES[state]
            return notice(tone, words, body)


_STATE_NOTICES = {
    SubmissionState.AWAITING_CONFIRMATION: (
        Tone.WARN,
        "The check is done. Its verdict counts once a person has said whose files these are.",
    ),
    SubmissionState.REFUSED: (
        Tone.STOP,
        "Nothing of it is on the subject's record. The findings below say why, and what to do.",
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


def _who_goes_on(view: SubmissionView) -> Content:
    if view.may_send:
        href = f"/subjects/{view.summary.subject_code}/submit"
        return [dcc.Link("Go on with the upload", href=href), "."]
    who = view.summary.submitter_name or view.summary.submitted_by
    return f"Only {who}, who began it, can go on with it; it is given up after a day without any."


def _failed(view: SubmissionView) -> Content:
    job = view.summary.job
    reason = job.error if job is not None and job.error else "The reason was not recorded."
    words = html.P(f"{reason} Nothing was lost; if it fails again, tell the administrator.")
    if not view.may_check_again:
        return notice(Tone.STOP, state_words(view.summary), words)
    button = html.Button("Check again", id=Ids.AGAIN, className="button", type="button")
    return notice(Tone.STOP, state_words(view.summary), [words, button, html.Div(id=Ids.AGAIN_ANSWER)])


def _findings(view: SubmissionView) -> Content:
    if view.summary.state in (SubmissionState.RECEIVING, SubmissionState.SUBMITTED) and not view.findings:
        return None  # an empty list would read as "nothing found" before anything has been looked at
    if not has_report(view.summary):
        return findings_card([finding.as_mapping() for finding in view.findings])
    try:
        return findings_card(findings_of(view, report_of(view.summary.submission_id)))
    except (StoredBytesChanged, StoredBytesMissing) as problem:
        return notice(Tone.STOP, "The findings cannot be shown", problem.message)


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
    counted = f"{len(names)} file{'' if len(names) == 1 else 's'}, {file_size(total)}"
    when = view.summary.submitted_at
    known = facts(
        [
            ("Submitted by", view.summary.submitter_name or view.summary.submitted_by),
            ("Submitted", "–" if when is None else f"{when:%Y-%m-%d %H:%M} UTC"),
        ]
    )
    if view.summary.state in _NAMES_NOT_CLEARED:
        words = "They are listed once the check has seen that no name of a file tells whose it is."
        return html.Section(
            [html.H2("Files"), known, html.P([html.Strong(counted), ". ", words])], className="card"
        )
    listing = html.Details(
        [
            html.Summary(counted),
            table("Files as they were handed over", ("Name", "Size", "SHA-256"), rows, numeric=("Size",)),
        ]
    )
    return html.Section([html.H2("Files"), known, listing], className="card")


ROUTES = (route("/submissions/{submission_id}", page),)
KINDS = {f"{Ids.SUBMISSION}.data": Kind.GIVEN_TEXT}
