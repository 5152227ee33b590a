"""Having every plan on record checked again after an amendment: how far that is, and the form that asks."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from dash import Dash, Input, Output, dcc, html

from trial_core.code_version import code_version
from trial_core.services.recheck_progress import RecheckProgress, recheck_progress, request_every_recheck
from web.components.frame import Content
from web.components.marks import Mark, mark
from web.components.notices import Tone, notice
from web.components.tables import facts
from web.downloads.protocol_files import ADDRESS
from web.forms import Answers, Context, Field, FieldKind, Form, Saved, form_card, register_form
from web.house import actor, house
from web.reading.study_protocol import protocol
from web.words import t, tn
from workers.queue import ring

_REFRESH_MS = 2000
_LONGEST_REASON = 500


class Ids(StrEnum):
    """Components of this card."""

    PROGRESS = "rechecks-progress"
    REFRESH = "rechecks-refresh"


def recheck_cards() -> list[Content]:
    """Give how many plans this protocol judged, and the form while there are others."""
    seen = _seen()
    form = form_card(RECHECK, Context(), title=t("Check every plan again"), submit=t("Check them again"))
    return [
        dcc.Interval(id=Ids.REFRESH, interval=_REFRESH_MS, disabled=not seen.under_way),
        html.Section(
            [html.H2(t("Plans on record")), html.Div(_shown(seen), id=Ids.PROGRESS, **_LIVE)],
            className="card",
            id="rechecks",
        ),
        form if seen.outdated > seen.under_way else None,
    ]


def register(app: Dash) -> None:
    """Look again while re-checks are under way; have the form sent."""
    app.callback(
        Output(Ids.PROGRESS, "children"),
        Output(Ids.REFRESH, "disabled"),
        Input(Ids.REFRESH, "n_intervals"),
        prevent_initial_call=True,
    )(refresh)
    register_form(app, RECHECK)


def refresh(_ticks: int | None) -> tuple[Content, bool]:
    """Look again, and stop looking once nothing is under way."""
    seen = _seen()
    return _shown(seen), not seen.under_way


def time_left(left: timedelta) -> str:
    """Say how long the rest takes, as coarsely as it is known."""
    seconds = left.total_seconds()
    if seconds < 90:
        return tn("about {n} second left", "about {n} seconds left", max(1, round(seconds)))
    if seconds < 5400:
        return tn("about {n} minute left", "about {n} minutes left", round(seconds / 60))
    return t("about {hours} hours left", hours=f"{seconds / 3600:.1f}")


def _seen() -> RecheckProgress:
    return recheck_progress(
        house().db, actor(), protocol_sha256=protocol().sha256, code_version=code_version()
    )


def _shown(seen: RecheckProgress) -> Content:
    if not seen.plans:
        return html.P(t("No plan on record has a result yet."), className="muted")
    pairs = (
        (t("Judged by the protocol and program in use"), f"{seen.plans - seen.outdated} / {seen.plans}"),
        (t("By another version of the protocol"), str(seen.other_protocol)),
        (t("By another version of the program"), str(seen.other_program)),
    )
    return html.Div([facts(pairs), _under_way(seen), _failed(seen)])


def _under_way(seen: RecheckProgress) -> Content:
    if not seen.under_way:
        return mark(Mark.PENDING, t("Some are to be checked again")) if seen.outdated else _all_done()
    done, asked = seen.over, seen.over + seen.under_way
    percent = round(100 * done / asked)
    bar = html.Div(
        html.Div(className="meter-fill", style={"width": f"{percent}%"}),
        className="meter",
        role="progressbar",
        **{
            "aria-label": t("Re-checks"),
            "aria-valuemin": "0",
            "aria-valuemax": "100",
            "aria-valuenow": str(percent),
        },
    )
    counts = t(
        "{done} of {asked} re-checks are over; {running} running, {waiting} waiting",
        done=done,
        asked=asked,
        running=seen.running,
        waiting=seen.waiting,
    )
    left = f" · {time_left(seen.left)}" if seen.left else ""
    return html.Div([html.P(f"{counts}{left}"), bar])


def _all_done() -> Content:
    return mark(Mark.GOOD, t("Every plan is judged by them"))


def _failed(seen: RecheckProgress) -> Content:
    if not seen.failed:
        return None
    words = t("Their old results stand. The list of jobs says why.")
    title = tn("{n} re-check failed. ", "{n} re-checks failed. ", seen.failed)
    return notice(Tone.STOP, title, [words, " ", dcc.Link(t("Operations"), href="/operations")])


def _fields(_context: Context) -> tuple[Field, ...]:
    hint = t(
        "Each plan gets a new result beside the old one. Where it says something else, the plan's reviews "
        "and decision no longer stand and are due again. The reason stands on the audit trail."
    )
    kind = FieldKind.LONG_TEXT
    return (Field("reason_given", t("Reason"), kind, hint=hint, required=True, longest=_LONGEST_REASON),)


def _ask(_context: Context, answers: Answers) -> Saved:
    tickets = request_every_recheck(
        house().db,
        actor(),
        protocol_sha256=protocol().sha256,
        code_version=code_version(),
        reason=answers.text("reason_given"),
    )
    for ticket in tickets:
        ring(house().settings, ticket.job_id)
    n = len(tickets)
    return Saved(tn("{n} plan is checked again", "{n} plans are checked again", n), go=ADDRESS)


RECHECK = Form("recheck-every-plan", _fields, _ask)
_LIVE = {"aria-live": "polite"}
