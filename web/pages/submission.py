"""One submission: what is in it before it is submitted, how far its check is, whose files these are."""

from __future__ import annotations

from enum import StrEnum

from dash import Dash, Input, Output, State, dcc, html, no_update

from trial_core.domain.plan import SubmissionState, SubmissionSummary, SubmissionView
from trial_core.errors import StoredBytesChanged, StoredBytesMissing, TrialError, WrongState
from trial_core.services import jobs, submissions
from trial_core.services.plan_decision import review_state
from web.components.check_progress import check_progress
from web.components.decision_notice import decision_notice
from web.components.frame import Content, Page, head
from web.components.marks import said
from web.components.notices import Tone, notice
from web.components.receipt import receipt_card
from web.components.report_parts import findings_card
from web.components.verdict import state_words, verdict_mark
from web.components.whose_files import take_back, whose_files
from web.door.kinds import Kind
from web.house import actor, house
from web.reading.reports import findings_of, has_report, report_of
from web.reading.standing import view_of
from web.route import route
from web.sections import Section
from web.subject_links import subject_href
from web.submitting import before_submitting, whose_files_word
from web.submitting.precheck import Before, before
from web.words import Later, later, refusal_words, t
from workers.queue import ring

REFRESH_MS = 1000


class Ids(StrEnum):
    """Components of the page."""

    SUBMISSION = before_submitting.SUBMISSION
    BODY = "submission-body"
    CONTENT = "submission-content"
    DETAIL = "submission-detail"
    SEEN = "submission-seen"
    SHOWN = before_submitting.SHOWN
    REFRESH = "submission-refresh"
    AGAIN = "submission-again"
    AGAIN_ANSWER = "submission-again-answer"


def page(submission_id: str) -> Page:
    """Give the page; while the check runs it looks again every second."""
    view = view_of(submission_id)
    known = before(view)
    body = [
        dcc.Store(id=Ids.SUBMISSION, data=submission_id),
        dcc.Store(id=Ids.SEEN, data=known.content_key),
        dcc.Store(id=Ids.SHOWN, data=known.set_sha256),
        dcc.Interval(id=Ids.REFRESH, interval=REFRESH_MS, disabled=not _moving(view, known)),
        html.Div(_body(view, known), id=Ids.BODY),
        # Beside what is refreshed each second: what a person chooses stays, thousands of files may be listed.
        html.Div(known.content_cards(), id=Ids.CONTENT),
        html.Div(known.details(), id=Ids.DETAIL),
        _receipt(view),
    ]
    return Page(_title(view.summary), Section.WORK_LIST, body)


def register(app: Dash) -> None:
    """Refresh while a check runs; answer whose files these are; what is done before submitting."""
    before_submitting.register(app)
    whose_files_word.register(app)
    app.callback(
        Output(Ids.BODY, "children"),
        Output(Ids.CONTENT, "children"),
        Output(Ids.DETAIL, "children"),
        Output(Ids.SEEN, "data"),
        Output(Ids.SHOWN, "data"),
        Output(Ids.REFRESH, "disabled"),
        Input(Ids.REFRESH, "n_intervals"),
        State(Ids.SEEN, "data"),
        State(Ids.SUBMISSION, "data"),
        prevent_initial_call=True,
    )(refresh)
    app.callback(
        Output(Ids.AGAIN_ANSWER, "children"),
        Input(Ids.AGAIN, "n_clicks"),
        State(Ids.SUBMISSION, "data"),
        running=[(Output(Ids.AGAIN, "disabled"), True, False)],
        prevent_initial_call=True,
    )(check_again)


def refresh(
    _ticks: int, seen: str | None, submission_id: str
) -> tuple[Content, Content, Content, str, str, bool]:
    """Look again, and stop looking once nothing moves; what a person is choosing from is left alone."""
    view = view_of(submission_id)
    known = before(view)
    cards = no_update if known.content_key == seen else known.content_cards()
    keys = known.content_key, known.set_sha256
    return _body(view, known), cards, known.details(), *keys, not _moving(view, known)


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
        return notice(Tone.STOP, t("Not checked again. "), refusal_words(refusal), alert=True)
    return dcc.Location(id="submission-checked-again", href=f"/submissions/{submission_id}", refresh=True)


def _title(summary: SubmissionSummary) -> str:
    code = summary.subject_code
    if summary.records_only:
        return t("Treatment records for {code}", code=code)
    if summary.version is None:
        return t("Submission for {code}", code=code)
    return t("Submission for {code}, version {version}", code=code, version=summary.version)


def _moving(view: SubmissionView, known: Before) -> bool:
    return view.summary.state is SubmissionState.SUBMITTED or known.is_moving


def _report_link(summary: SubmissionSummary) -> Content:
    if not has_report(summary):
        return None
    return dcc.Link(
        t("Open the report"),
        href=f"/submissions/{summary.submission_id}/report",
        className="button",
        id="open-report",
    )


def _body(view: SubmissionView, known: Before) -> list[Content]:
    code = view.summary.subject_code
    crumbs = [
        dcc.Link(t("Subjects"), href="/subjects"),
        " / ",
        dcc.Link(code, href=subject_href(code, view.summary.site_code)),
    ]
    top = head(_title(view.summary), crumbs=crumbs, action=_report_link(view.summary))
    if known.is_shown:
        return [top, *known.cards()]
    return [
        top,
        _state_notice(view),
        _decision(view.summary),
        check_progress(view.summary),
        whose_files(view),
        _findings(view),
        take_back(view),
    ]


def _state_notice(view: SubmissionView) -> Content:
    summary = view.summary
    words = state_words(summary) + ". "
    match summary.state:
        case SubmissionState.SUBMITTED:
            return notice(Tone.GOOD, t("Submitted. "), t("The receipt is below."))
        case SubmissionState.CHECKED:
            return _checked(summary)
        case SubmissionState.RECEIVING:
            return notice(Tone.INFO, words, _who_goes_on(view))
        case SubmissionState.FAILED:
            return _failed(view)
        case SubmissionState.BLOCKED if summary.version is not None:
            counts = t("No verdict of this set counts any more. The findings below say when that was said.")
            return notice(Tone.STOP, words, counts)
        case state:
            tone, body = _STATE_NOTICES[state]
            return notice(tone, words, str(body))


def _checked(summary: SubmissionSummary) -> Content:
    if summary.records_only:
        return notice(
            Tone.INFO, t("The check is done. "), t("The treatment records are on the subject's record.")
        )
    verdict = verdict_mark(summary.verdict) if summary.verdict else t("no verdict")
    return notice(Tone.INFO, t("The check is done. "), [t("Course: "), verdict])


def _decision(summary: SubmissionSummary) -> Content:
    if summary.state is not SubmissionState.CHECKED or summary.records_only:
        return None
    state = review_state(house().db, actor(), submission_id=summary.submission_id)
    return decision_notice(summary, state)


_STATE_NOTICES: dict[SubmissionState, tuple[Tone, Later]] = {
    SubmissionState.AWAITING_CONFIRMATION: (
        Tone.WARN,
        later("The check is done. Its verdict counts once a person has said whose files these are."),
    ),
    SubmissionState.REFUSED: (
        Tone.STOP,
        later("Nothing of it is on the subject's record. The findings below say why, and what to do."),
    ),
    SubmissionState.BLOCKED: (
        Tone.STOP,
        later("Nothing of it is on the subject's record. The findings below say what contradicts."),
    ),
    SubmissionState.DUPLICATE: (
        Tone.INFO,
        later("The same plans are on this subject's record already; nothing was added."),
    ),
    SubmissionState.ABANDONED: (
        Tone.INFO,
        later("The upload was given up and what had arrived was removed."),
    ),
}


def _who_goes_on(view: SubmissionView) -> Content:
    if view.may_send:
        href = f"/subjects/{view.summary.subject_code}/submit"
        return [t("Not all files have arrived. "), dcc.Link(t("Go on with the upload"), href=href)]
    who = view.summary.submitter_name or view.summary.submitted_by
    return t("Only {who}, who began it, can go on with it; it is given up after a day without any.", who=who)


def _failed(view: SubmissionView) -> Content:
    job = view.summary.job
    reason = said(job.error) if job is not None and job.error else t("The reason was not recorded.")
    hint = t("Nothing was lost; if it fails again, tell the administrator.")
    words = html.P([reason, " ", hint])
    title = state_words(view.summary) + ". "
    if not view.may_check_again:
        return notice(Tone.STOP, title, words)
    button = html.Button(t("Check again"), id=Ids.AGAIN, className="button", type="button")
    return notice(Tone.STOP, title, [words, button, html.Div(id=Ids.AGAIN_ANSWER)])


def _findings(view: SubmissionView) -> Content:
    if view.summary.state in (SubmissionState.RECEIVING, SubmissionState.SUBMITTED) and not view.findings:
        return None  # an empty list would read as "nothing found" before anything has been looked at
    if not has_report(view.summary):
        return findings_card([finding.as_mapping() for finding in view.findings])
    try:
        return findings_card(findings_of(view, report_of(view.summary.submission_id)))
    except (StoredBytesChanged, StoredBytesMissing) as problem:
        return notice(Tone.STOP, t("The findings cannot be shown. "), refusal_words(problem))


def _receipt(view: SubmissionView) -> Content:
    receipt = submissions.receipt_of(house().db, actor(), submission_id=view.summary.submission_id)
    return receipt_card(view, receipt)


ROUTES = (route("/submissions/{submission_id}", page),)
KINDS = {f"{Ids.SUBMISSION}.data": Kind.GIVEN_TEXT, f"{Ids.SHOWN}.data": Kind.GIVEN_TEXT}
