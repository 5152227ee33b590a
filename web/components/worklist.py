"""The grid of submissions: age, state, verdict by shape, word and colour."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import dash_ag_grid as dag

from trial_core.domain.jobs import JobState
from trial_core.domain.plan import SubmissionState, SubmissionSummary
from web.components.frame import Content
from web.components.verdict import PENDING, css_name, sentence_case, state_words
from web.subject_links import subject_href

_STATE_TONES = {
    SubmissionState.REFUSED: "unacceptable_deviation",
    SubmissionState.BLOCKED: "unacceptable_deviation",
    SubmissionState.FAILED: "unacceptable_deviation",
    SubmissionState.AWAITING_CONFIRMATION: "not_evaluable",
    SubmissionState.DUPLICATE: "not_contoured",
    SubmissionState.ABANDONED: "not_contoured",
}


def worklist_grid(grid_id: str, rows: Sequence[dict[str, Any]], filter_model: Mapping[str, Any]) -> Content:
    """Give the grid of `worklist_rows`; each leads to its submission or report."""
    return dag.AgGrid(
        id=grid_id,
        rowData=list(rows),
        filterModel=dict(filter_model),
        columnDefs=_COLUMNS,
        getRowId="params.data.id",
        defaultColDef={"sortable": True, "filter": True, "resizable": True, "minWidth": 90},
        dashGridOptions={
            "animateRows": False,
            "rowHeight": 42,
            "suppressCellFocus": False,
            "localeText": {"noRowsToShow": "No submissions yet. Open a subject and submit its plans."},
        },
        className="worklist",
        style={"height": "calc(100vh - 220px)", "minHeight": "300px"},
    )


def worklist_rows(
    rows: Sequence[SubmissionSummary], now: datetime, to_review: Collection[str]
) -> list[dict[str, Any]]:
    """Give the grid's rows. `to_review`: as `web.reports` names them."""
    return [_row(row, now, to_review) for row in rows]


def filtered_columns(filter_model: Mapping[str, Any]) -> list[str]:
    """Name the columns by which a filter hides rows."""
    return [str(column["headerName"]) for column in _COLUMNS if column["field"] in filter_model]


def age(then: datetime, now: datetime) -> str:
    """Give how long ago something was, in the unit people would say."""
    minutes = max(0, int((now - then).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def place(row: SubmissionSummary) -> str:
    """Give the address a row leads to: the report once there is one, else the submission."""
    if row.report_sha256 is not None and row.state is SubmissionState.CHECKED:
        return f"/submissions/{row.submission_id}/report"
    return f"/submissions/{row.submission_id}"


def counting_plans(row: SubmissionSummary) -> tuple[tuple[str, str], ...]:
    """Give label and verdict of each plan whose verdict counts: none before a person said whose files."""
    return row.plan_verdicts if row.state is SubmissionState.CHECKED else ()


def outcome(row: SubmissionSummary, to_review: Collection[str]) -> tuple[str, str]:
    """Give word and tone of a row's outcome: its verdict once checked, else its state."""
    if row.state is SubmissionState.CHECKED and row.verdict is not None:
        review = "; sum needs review" if row.submission_id in to_review else ""
        return sentence_case(row.verdict) + review, css_name(row.verdict)
    return _state_words(row), _STATE_TONES.get(row.state, PENDING)


def _state_words(row: SubmissionSummary) -> str:
    if row.state is SubmissionState.SUBMITTED and row.job is not None and row.job.state is JobState.WAITING:
        return "Waiting for a worker"
    return state_words(row)


def _row(row: SubmissionSummary, now: datetime, to_review: Collection[str]) -> dict[str, Any]:
    word, tone = outcome(row, to_review)
    since = row.submitted_at or row.created_at
    return {
        "id": row.submission_id,
        "subject": row.subject_code,
        "subject_href": subject_href(row.subject_code, row.site_code),
        "version": "" if row.version is None else f"Version {row.version}",
        "href": place(row),
        "outcome": word,
        "tone": tone,
        "plans": [
            {"label": label, "verdict": verdict, "tone": css_name(verdict)}
            for label, verdict in counting_plans(row)
        ],
        "age": age(since, now),
        "age_minutes": (now - since).total_seconds() // 60,
        "by": row.submitter_name or row.submitted_by,
    }


_COLUMNS = [
    {
        "headerName": "Subject",
        "field": "subject",
        "cellRenderer": "DosegateLink",
        "cellRendererParams": {"href": "subject_href"},
        "minWidth": 130,
        "flex": 2,
    },
    {
        "headerName": "Outcome",
        "field": "outcome",
        "cellRenderer": "DosegateVerdict",
        "minWidth": 350,
        "flex": 4,
    },
    {
        "headerName": "Submission",
        "field": "version",
        "cellRenderer": "DosegateOpen",
        "minWidth": 125,
        "flex": 2,
    },
    {
        "headerName": "Plans",
        "field": "plans",
        "cellRenderer": "DosegatePlans",
        "cellDataType": False,
        "sortable": False,
        "filter": False,
        "minWidth": 240,
        "flex": 5,
    },
    {
        "headerName": "Age",
        "field": "age_minutes",
        "cellRenderer": "DosegateAge",
        "filter": "agNumberColumnFilter",
        "headerTooltip": "Since it was submitted; filter in minutes",
        "minWidth": 100,
        "flex": 1,
    },
    {"headerName": "By", "field": "by", "minWidth": 110, "flex": 2},
]
