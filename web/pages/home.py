"""The work list: what was submitted, how old it is, and what came out."""

from __future__ import annotations

from enum import StrEnum

from dash import Dash, Input, Output, dcc, html

from trial_core.domain.access import Permission, may
from trial_core.domain.plan import SubmissionState, SubmissionSummary
from trial_core.services import submissions
from web.components.frame import Content, Page, Section, head
from web.components.notices import Tone, notice
from web.components.worklist import worklist_grid
from web.house import actor, house
from web.reports import to_review

REFRESH_MS = 5000


class Ids(StrEnum):
    """Components of the page."""

    GRID = "home-grid"
    TODAY = "home-today"
    REFRESH = "home-refresh"


def page() -> Page:
    """Give the work list, or say why there is none for this role."""
    return Page("Work list", Section.WORK_LIST, [head("Work list"), _body()])


def register(app: Dash) -> None:
    """Keep the list fresh while it is looked at."""
    app.callback(
        Output(Ids.GRID, "rowData"),
        Output(Ids.TODAY, "children"),
        Input(Ids.REFRESH, "n_intervals"),
        prevent_initial_call=True,
    )(refresh)


def refresh(_ticks: int) -> tuple[Content, Content]:
    """Read the list again."""
    rows = submissions.worklist(house().db, actor())
    return _grid(rows).rowData, _today(rows)


def _body() -> Content:
    if not may(actor().role, Permission.SEE_SUBJECTS):
        return notice(
            Tone.INFO,
            "There is no list for your role.",
            "It sees no subjects or plans. Ask the trial office if it should.",
        )
    rows = submissions.worklist(house().db, actor())
    return html.Div(
        [
            html.Div(_today(rows), id=Ids.TODAY),
            html.Div(_grid(rows), className="card card-flush"),
            dcc.Interval(id=Ids.REFRESH, interval=REFRESH_MS),
        ]
    )


def _grid(rows: tuple[SubmissionSummary, ...]) -> Content:
    return worklist_grid(Ids.GRID, rows, house().db.now(), to_review(rows))


def _today(rows: tuple[SubmissionSummary, ...]) -> Content:
    waiting = [row for row in rows if row.state is SubmissionState.AWAITING_CONFIRMATION]
    if not waiting:
        return None
    first = waiting[0]
    more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
    return notice(
        Tone.WARN,
        "A person has to say whose files these are",
        [
            "A set of subject ",
            dcc.Link(first.subject_code, href=f"/submissions/{first.submission_id}"),
            f"{more}. Until then its verdict does not count.",
        ],
    )
