"""The history of a case: the versions of the subject's plans, the checks of this one, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash import dcc, html

from trial_core.domain.plan import SubmissionSummary
from trial_core.domain.rounding import NOTHING
from trial_core.services.plan_changes import ChangesSince
from trial_core.services.plan_decision import ReviewState
from web.components.case_changes import changes_parts
from web.components.frame import Content
from web.components.marks import typed
from web.components.tables import table
from web.components.verdict import state_words, verdict_mark
from web.words import t


def history_section(
    summary: SubmissionSummary,
    versions: Sequence[SubmissionSummary],
    state: ReviewState,
    changes: Sequence[ChangesSince],
) -> Content:
    """Give the versions with their verdicts, the checks of this one, and what changed since the last."""
    parts = [html.H2(t("History")), _versions(summary, versions), *_checks(state)]
    return html.Section([*parts, *changes_parts(changes, summary.version)], className="card", id="history")


def _versions(summary: SubmissionSummary, versions: Sequence[SubmissionSummary]) -> Content:
    columns = (t("Version"), t("Submitted (UTC)"), t("By"), t("Verdict"))
    rows = [_version(each, is_this=each.submission_id == summary.submission_id) for each in versions]
    return table(t("Versions of this subject's plans, the newest first"), columns, rows)


def _version(row: SubmissionSummary, *, is_this: bool) -> Content:
    words = t("Version {n}", n=row.version)
    name = (
        html.Strong(t("{version}, this one", version=words))
        if is_this
        else dcc.Link(words, href=_report(row))
    )
    verdict = verdict_mark(row.verdict) if row.verdict else state_words(row)
    cells = [name, _moment(row.submitted_at), typed(row.submitter_name or row.submitted_by), verdict]
    return html.Tr([html.Td(cell) for cell in cells])


def _checks(state: ReviewState) -> list[Content]:
    """Give the checks of this version, where it was checked more than once."""
    results = (*state.earlier, state.result)
    if len(results) == 1:
        return []
    columns = (t("Check"), t("When (UTC)"), t("Why again"), t("Verdict"))
    rows = [
        html.Tr(
            [
                html.Td(each.number),
                html.Td(_moment(each.created_at)),
                html.Td(typed(each.reason) if each.reason else NOTHING),
                html.Td(verdict_mark(each.verdict)),
            ]
        )
        for each in reversed(results)
    ]
    return [table(t("Checks of this version, the newest first"), columns, rows)]


def _report(row: SubmissionSummary) -> str:
    return f"/submissions/{row.submission_id}/report"


def _moment(when: datetime | None) -> str:
    return NOTHING if when is None else f"{when:%Y-%m-%d %H:%M}"
