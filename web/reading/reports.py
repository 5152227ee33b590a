"""Reports as the pages read them: authorised and verified each time, parsed once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from trial_core.domain.plan import SubmissionSummary, SubmissionView
from trial_core.domain.report import CourseReport
from trial_core.domain.report_json import report_from_json
from trial_core.services import submissions
from trial_core.services.sums_to_review import sums_to_review
from web.house import actor, house

REPORTS_KEPT = 8
"""Parsed reports in memory; one takes a few MB, and people look at few at a time."""


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
    return sums_to_review(house().store, rows)


# The bytes themselves are the key: a report can be found only by someone whom the service gave its bytes.
@lru_cache(maxsize=REPORTS_KEPT)
def _parsed(data: bytes) -> CourseReport:
    return report_from_json(data)
