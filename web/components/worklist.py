"""The grid of submissions: age, state, verdict and decision by shape, word and colour."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import dash_ag_grid as dag

from trial_core.domain.criteria import Verdict
from trial_core.domain.jobs import JobState
from trial_core.domain.plan import SubmissionState, SubmissionSummary
from trial_core.domain.plan_review import DecisionOutcome
from web.components.frame import Content
from web.components.grid import CLASS, DEFAULT_COLUMN, grid_options
from web.components.review_parts import DECIDED
from web.components.verdict import PENDING, css_name, sentence_case, state_words
from web.subject_links import subject_href
from web.words import t, word, word_from

AGE_COLUMNS = frozenset({"age", "age_minutes"})
"""What of a row changes by itself."""

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
        columnDefs=columns(),
        getRowId="params.data.id",
        defaultColDef=DEFAULT_COLUMN,
        dashGridOptions=grid_options(nothing=t("No submissions yet. Open a subject and submit its plans.")),
        className=CLASS,
        style={"height": "calc(100vh - 220px)", "minHeight": "300px"},
    )


def worklist_rows(
    rows: Sequence[SubmissionSummary],
    now: datetime,
    to_review: Collection[str],
    decided: Mapping[str, DecisionOutcome],
) -> list[dict[str, Any]]:
    """Give the grid's rows.

    Parameters
    ----------
    to_review
        As `web.reading.reports` names them.
    decided
        The decisions that stand, by submission.
    """
    newest = newest_checked(rows)
    return [{**_row(row, now, to_review), **_decision(row, decided, newest)} for row in rows]


def age(then: datetime, now: datetime) -> str:
    """Give how long ago something was, in the unit people would say."""
    minutes = max(0, int((now - then).total_seconds() // 60))
    if minutes < 60:
        return t("{n} min", n=minutes)
    if minutes < 48 * 60:
        return t("{n} h", n=minutes // 60)
    return t("{n} days", n=minutes // (24 * 60))


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
        words = sentence_case(word_from(Verdict, row.verdict))
        review = t("{verdict}; sum needs review", verdict=words) if row.submission_id in to_review else words
        return review, css_name(row.verdict)
    return _state_words(row), _STATE_TONES.get(row.state, PENDING)


def _state_words(row: SubmissionSummary) -> str:
    if row.state is SubmissionState.SUBMITTED and row.job is not None and row.job.state is JobState.WAITING:
        return t("Waiting for a worker")
    return state_words(row)


def _row(row: SubmissionSummary, now: datetime, to_review: Collection[str]) -> dict[str, Any]:
    word, tone = outcome(row, to_review)
    since = row.submitted_at or row.created_at
    return {
        "id": row.submission_id,
        "subject": row.subject_code,
        "subject_href": subject_href(row.subject_code, row.site_code),
        "version": "" if row.version is None else t("Version {n}", n=row.version),
        "href": place(row),
        "outcome": word,
        "tone": tone,
        "plans": [
            {"label": label, "verdict": word_from(Verdict, verdict), "tone": css_name(verdict)}
            for label, verdict in counting_plans(row)
        ],
        "age": age(since, now),
        "age_minutes": (now - since).total_seconds() // 60,
        "by": row.submitter_name or row.submitted_by,
    }


def newest_checked(rows: Sequence[SubmissionSummary]) -> dict[tuple[str, str], int]:
    """Give the newest checked version by site and subject."""
    found: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.state is SubmissionState.CHECKED and row.version is not None:
            key = (row.site_code, row.subject_code)
            found[key] = max(found.get(key, 0), row.version)
    return found


def _decision(
    row: SubmissionSummary, decided: Mapping[str, DecisionOutcome], newest: Mapping[tuple[str, str], int]
) -> dict[str, Any]:
    words, tone = decision(row, decided, newest)
    return {"decision": words, "decision_tone": tone}


def decision(
    row: SubmissionSummary, decided: Mapping[str, DecisionOutcome], newest: Mapping[tuple[str, str], int]
) -> tuple[str, str]:
    """Give word and tone of the decision; the newest checked version without one waits for it."""
    outcome = decided.get(row.submission_id)
    if outcome is not None:
        return sentence_case(word(outcome)), DECIDED[outcome].value
    if row.state is not SubmissionState.CHECKED or row.verdict is None or row.version is None:
        return "", PENDING
    later = newest[row.site_code, row.subject_code]
    if later > row.version:
        return t("Replaced by version {n}", n=later), "not_contoured"
    return t("Not decided yet"), PENDING


def columns() -> list[dict[str, Any]]:
    """Give the columns: at least 768 px in all, which a tablet held upright shows without scrolling."""
    return [*_what(), *_how_far()]


def _what() -> list[dict[str, Any]]:
    return [
        {
            "headerName": t("Subject"),
            "field": "subject",
            "cellRenderer": "DosegateLink",
            "cellRendererParams": {"href": "subject_href"},
            "minWidth": 95,
            "flex": 2,
        },
        {
            "headerName": t("Outcome"),
            "field": "outcome",
            "cellRenderer": "DosegateVerdict",
            "wrapText": True,
            "minWidth": 150,
            "flex": 4,
        },
    ]


def _how_far() -> list[dict[str, Any]]:
    return [
        {
            "headerName": t("Decision"),
            "field": "decision",
            "cellRenderer": "DosegateDecision",
            "wrapText": True,
            "minWidth": 130,
            "flex": 4,
        },
        {
            "headerName": t("Submission"),
            "field": "version",
            "cellRenderer": "DosegateOpen",
            "minWidth": 115,
            "flex": 2,
        },
        {
            "headerName": t("Plans"),
            "field": "plans",
            "cellRenderer": "DosegatePlans",
            "wrapText": True,
            "cellDataType": False,
            "sortable": False,
            "filter": False,
            "minWidth": 113,
            "flex": 3,
        },
        {
            "headerName": t("Age"),
            "field": "age_minutes",
            "cellRenderer": "DosegateAge",
            "filter": "agNumberColumnFilter",
            "headerTooltip": t("Since it was submitted; filter in minutes"),
            "minWidth": 90,
            "flex": 1,
        },
        {"headerName": t("By"), "field": "by", "minWidth": 75, "flex": 2},
    ]
