"""Reports as the pages read them: authorised and verified each time, parsed once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from trial_core.domain.plan import SubmissionState, SubmissionSummary, SubmissionView
from trial_core.domain.report import CourseReport
from trial_core.domain.report_json import report_from_json
from trial_core.errors import StoredBytesChanged, StoredBytesMissing
from trial_core.services import submissions
from web.house import actor, house

REPORTS_KEPT = 8
"""Parsed reports in memory; one takes a few MB, and people look at few at a time."""

REVIEWS_KEPT = 4096


def report_of(submission_id: str) -> CourseReport:
    """Give the report of a submission to the person who asks.

    Raises
    ------
    NotAuthorised, UnknownSubmission, WrongState
    """
    home = house()
    data = submissions.report_bytes(home.db, home.store, actor(), submission_id=submission_id)
    return _parsed(data)


def has_report(summary: SubmissionSummary) -> bool:
    """Tell whether a report of the submission is on the record."""
    return summary.report_sha256 is not None and summary.version is not None


def findings_of(view: SubmissionView, report: CourseReport) -> tuple[Mapping[str, Any], ...]:
    """Give every finding on a checked set: those of the record, then those of its report."""
    return (*(finding.as_mapping() for finding in view.findings), *report.findings)


def to_review(rows: Iterable[SubmissionSummary]) -> frozenset[str]:
    """Name the checked submissions whose sum rests on a registration that nobody has reviewed.

    `rows` are the person's own, as a service gave them.
    """
    checked = [row for row in rows if row.state is SubmissionState.CHECKED and row.report_sha256]
    return frozenset(
        row.submission_id for row in checked if _needs_review(row.submission_id, row.report_sha256)
    )


@lru_cache(maxsize=REVIEWS_KEPT)
def _needs_review(submission_id: str, _report_sha256: str | None) -> bool:
    home = house()
    try:
        data = submissions.report_bytes(home.db, home.store, actor(), submission_id=submission_id)
    except (StoredBytesChanged, StoredBytesMissing):
        return False  # the list is still of use; the report's own page says what is wrong with it
    return any(one["needs_review"] for one in json.loads(data)["sums"])


# The bytes themselves are the key: a report can be found only by someone whom the service gave its bytes.
@lru_cache(maxsize=REPORTS_KEPT)
def _parsed(data: bytes) -> CourseReport:
    return report_from_json(data)
