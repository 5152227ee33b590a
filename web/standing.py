"""What the record says of a report, beside the report itself: whose it is, and whether its verdict counts."""

from __future__ import annotations

from trial_core.domain.plan import SubmissionState, SubmissionView
from trial_core.services import submissions
from web.house import actor, house, synthetic_words

NOT_YET = "This verdict does not count yet"


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
    return (*lines, *(f"{finding.message} {finding.action}" for finding in view.findings))
