"""What the record says of a report, beside the report itself: whose it is, and whether its verdict counts."""

from __future__ import annotations

from typing import Any

from trial_core.domain.plan import SubmissionState, SubmissionSummary, SubmissionView
from trial_core.services import subjects, submissions
from web.house import actor, house, synthetic_words
from web.subject_links import subject_key

NOT_YET = "This verdict does not count yet"
NEWER = "There is a newer version of this subject's plans"

_ON_RECORD = (SubmissionState.CHECKED, SubmissionState.AWAITING_CONFIRMATION)


def view_of(submission_id: str) -> SubmissionView:
    """Give a submission as the record has it now, to the person who asks.

    Raises
    ------
    NotAuthorised, UnknownSubmission
    """
    return submissions.submission_view(house().db, actor(), submission_id=submission_id)


def why_not_counting(view: SubmissionView) -> str | None:
    """Say why the verdict of a report does not count, or None when it does."""
    if view.summary.state is SubmissionState.CHECKED:
        return None
    return "A person has to say whose files these are."


def newer_version(view: SubmissionView) -> SubmissionSummary | None:
    """Give the newest version of the subject's plans on record if it came after this one."""
    version = view.summary.version
    if version is None:
        return None
    key = subject_key(view.summary.subject_code, view.summary.site_code)
    record = subjects.subject_record(house().db, actor(), code=key)
    later = [row for row in record.submissions if row.state in _ON_RECORD and (row.version or 0) > version]
    return max(later, key=lambda row: row.version or 0, default=None)


def record_of(view: SubmissionView) -> dict[str, Any]:
    """Give what the record says of a report, for programs that read it as a file."""
    summary, newer = view.summary, newer_version(view)
    why = why_not_counting(view)
    return {
        "subject": summary.subject_code,
        "site": summary.site_code,
        "version": summary.version,
        "report_sha256": summary.report_sha256,
        "verdict_counts": why is None,
        "why_not": why,
        "newer_version": None if newer is None else newer.version,
        "lines": list(record_lines(view)),
    }


def record_lines(view: SubmissionView) -> tuple[str, ...]:
    """Give the sentences that a report carries when it leaves the record as a file."""
    summary = view.summary
    lines = [f"Subject {summary.subject_code}, site {summary.site_code}, version {summary.version}."]
    synthetic = synthetic_words()
    if synthetic is not None:
        lines.insert(0, synthetic)
    why = why_not_counting(view)
    if why is not None:
        lines.append(f"{NOT_YET}. {why}")
    newer = newer_version(view)
    if newer is not None:
        lines.append(f"{NEWER}: version {newer.version}.")
    return (*lines, *(f"{finding.message} {finding.action}" for finding in view.findings))
