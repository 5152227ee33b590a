"""Reports as the pages read them: authorised and verified each time, parsed once."""

from __future__ import annotations

from functools import lru_cache

from trial_core.domain.report import CourseReport
from trial_core.domain.report_json import report_from_json
from trial_core.services import submissions
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


# The bytes themselves are the key: a report can be found only by someone whom the service gave its bytes.
@lru_cache(maxsize=REPORTS_KEPT)
def _parsed(data: bytes) -> CourseReport:
    return report_from_json(data)
