"""Operations: jobs, workers, room on disk and the audit trail, for the administrator; no clinical data."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from dash import Dash, Input, Output, dcc, html, no_update

from trial_core.domain.jobs import JobSeen, JobState, Stage
from trial_core.services.audit_trail import Verification
from trial_core.services.operations import (
    MOST_OF_A_STATE,
    Operations,
    WorkerSeen,
    check_trail,
    operations,
)
from web.components.frame import Content, Page, head
from web.components.marks import Mark, mark, said
from web.components.notices import Tone, notice
from web.components.tables import facts, table
from web.components.verdict import sentence_case
from web.components.worklist import age
from web.house import actor, house
from web.route import route
from web.sections import Section
from web.words import t, tn, word, word_from

_GIB = 1024**3
_MARKS = {
    JobState.FAILED: Mark.STOP,
    JobState.RUNNING: Mark.PENDING,
    JobState.WAITING: Mark.PENDING,
    JobState.DONE: Mark.GOOD,
}


class Ids(StrEnum):
    """Components of this page."""

    CHECK = "operations-check-trail"
    TRAIL = "operations-trail"


def page() -> Page:
    """Give how the installation runs now."""
    title = t("Operations")
    seen = operations(house().db, house().store, actor())
    to_others = [
        dcc.Link(words, href=f"/operations/{place}", className="button button-quiet")
        for words, place in (
            (t("Accounts and sites"), "accounts"),
            (t("Versions of the protocol"), "protocols"),
            (t("Senders on the DICOM network"), "senders"),
            (t("Audit trail"), "audit"),
        )
    ]
    side = html.Div([_disk_card(seen), _trail_card()])
    main = html.Div([_jobs_card(seen), _workers_card(seen)])
    body = [
        head(title, action=html.Div(to_others, className="actions")),
        _warnings(seen),
        html.Div([main, side], className="columns"),
    ]
    return Page(title, Section.OPERATIONS, body)


def register(app: Dash) -> None:
    """Walk the audit trail on click: it may take a while, so no page waits for it."""
    app.callback(
        Output(Ids.TRAIL, "children"),
        Input(Ids.CHECK, "n_clicks"),
        running=[(Output(Ids.CHECK, "disabled"), True, False)],
        prevent_initial_call=True,
    )(_check)


def _check(clicks: int | None) -> Content:
    return trail_words(check_trail(house().db, actor()), house().db.now()) if clicks else no_update


def _warnings(seen: Operations) -> list[Content]:
    found = []
    if seen.nobody_works:
        words = t(
            "A job has been due for more than 2 minutes and no worker is alive. Start one: dosegate worker."
        )
        found.append(notice(Tone.STOP, t("No worker seems to be alive. "), words))
    if seen.disk_is_low:
        words = t("Make room before deliveries are refused: {free} left.", free=_gib(seen.disk_free_bytes))
        found.append(notice(Tone.WARN, t("The disk is nearly full. "), words))
    return found


def _jobs_card(seen: Operations) -> Content:
    title = html.H2(t("Jobs"))
    if not seen.jobs:
        words = t("There is no job yet. Each delivery of a plan makes one.")
        return html.Section([title, html.P(words, className="muted")], className="card")
    counts = ", ".join(f"{word(state)} {count}" for state, count in seen.counts.items())
    columns = (t("Job"), t("State"), t("Stage"), t("Attempts"), t("Since (UTC)"), t("Age"), t("Error"))
    rows = [_job_row(each, seen.at) for each in seen.jobs]
    caption = t("Failed first, newest of each state: {most} at most", most=MOST_OF_A_STATE)
    return html.Section(
        [title, html.P(counts, className="muted"), table(caption, columns, rows)], className="card"
    )


def _job_row(each: JobSeen, now: datetime) -> Content:
    one = each.progress
    kind = [sentence_case(word(each.kind)), html.Span(one.job_id[:8], className="sub mono")]
    return html.Tr(
        [
            html.Td(kind, className="nowrap"),
            html.Td(mark(_MARKS[one.state], sentence_case(word(one.state))), className="nowrap"),
            html.Td([_stage(each), _last_heard(each)]),
            html.Td(t("{n} of {cap}", n=one.attempts, cap=one.attempts_cap), className="nowrap"),
            html.Td(f"{each.created_at:%Y-%m-%d %H:%M}", className="nowrap"),
            html.Td(age(each.created_at, now), className="nowrap"),
            html.Td(said(one.error) if one.error else "–"),
        ]
    )


def _stage(each: JobSeen) -> str:
    one = each.progress
    if one.stage is None or one.state is JobState.DONE:
        return "–"
    said = sentence_case(word_from(Stage, one.stage))
    return f"{said} {one.done}/{one.total}" if one.total else said


def _last_heard(each: JobSeen) -> Content:
    """Say when the worker at it last spoke: a killed one is replaced, and said to be at it until then."""
    if each.progress.state is not JobState.RUNNING or each.heartbeat_at is None:
        return None
    return html.Span(t("last heard {at} UTC", at=f"{each.heartbeat_at:%H:%M:%S}"), className="sub nowrap")


def _workers_card(seen: Operations) -> Content:
    title = html.H2(t("Workers"))
    if not seen.workers:
        words = t("There is no worker. Jobs wait until one is started: dosegate worker.")
        return html.Section([title, html.P(words)], className="card")
    columns = (t("Worker"), t("State"), t("Processors"), t("Last heard (UTC)"), t("Version of the code"))
    rows = [_worker_row(each) for each in seen.workers]
    return html.Section([title, table(t("Workers that are there"), columns, rows)], className="card")


def _worker_row(each: WorkerSeen) -> Content:
    one = each.present
    return html.Tr(
        [
            html.Td(one.name, className="mono"),
            html.Td(_worker_state(each), className="nowrap"),
            html.Td(str(one.processors)),
            html.Td(f"{one.seen_at:%Y-%m-%d %H:%M:%S}", className="nowrap"),
            html.Td(one.code_version, className="mono"),
        ]
    )


def _worker_state(each: WorkerSeen) -> Content:
    if not each.alive:
        return mark(Mark.STOP, t("Silent"))
    if each.job_id:
        return mark(Mark.PENDING, t("At job {job}", job=each.job_id[:8]))
    return mark(Mark.GOOD, t("Idle"))


def _disk_card(seen: Operations) -> Content:
    state = mark(Mark.STOP, t("Low")) if seen.disk_is_low else mark(Mark.GOOD, t("Enough"))
    free = [f"{_gib(seen.disk_free_bytes)} ", state]
    pairs = ((t("Free"), free), (t("In all"), _gib(seen.disk_bytes)))
    return html.Section([html.H2(t("Disk of the store")), facts(pairs)], className="card")


def _trail_card() -> Content:
    words = t("Every entry is read, and compared with what was noted outside the database.")
    check = html.Button(t("Verify it now"), id=Ids.CHECK, className="button", type="button")
    answer = html.Div(id=Ids.TRAIL, **{"aria-live": "polite"})
    return html.Section(
        [html.H2(t("Audit trail")), html.P(words, className="muted"), check, answer], className="card"
    )


def trail_words(found: Verification, now: datetime) -> Content:
    """Say what a verification of the audit trail found."""
    entries = tn("{n} entry holds", "{n} entries hold", found.head.count)
    at = t("Verified {at} UTC", at=f"{now:%Y-%m-%d %H:%M}")
    if found.only_rows_differ:
        words = t(
            "Rows were changed behind the program's back. Run dosegate verify-audit on the server and tell "
            "the sponsor."
        )
        said = [words, html.Div(f"{entries}. {at}.")]
        return notice(Tone.STOP, t("The record is not what the trail tells. "), said, alert=True)
    if not found.whole:
        words = t("It is not what was written. Run dosegate verify-audit on the server and tell the sponsor.")
        return notice(
            Tone.STOP, t("The chain is broken. "), [words, html.Div(f"{entries}. {at}.")], alert=True
        )
    if not found.anchored:
        words = t("Nothing outside the database says how long it was.")
        return notice(Tone.WARN, t("The chain is whole, but not anchored. "), f"{words} {entries}. {at}.")
    return notice(Tone.GOOD, t("The chain is whole. "), f"{entries}. {at}.")


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / _GIB:.1f} GiB"


ROUTES = (route("/operations", page),)
