"""The dose metrics of a subject, from the stored report of its newest plan check on record."""

from __future__ import annotations

from sqlalchemy import Connection

from trial_core.db.repositories import submissions
from trial_core.domain.dose_metrics import DoseMetric, metrics_of
from trial_core.domain.plan import SubmissionState
from trial_core.domain.report_json import report_from_json
from trial_core.store import Store


def dose_metrics(connection: Connection, store: Store, subject_id: str) -> tuple[DoseMetric, ...]:
    """Give the metrics of the newest set whose patient was confirmed; none where there is no such set.

    Raises
    ------
    StoredBytesMissing, StoredBytesChanged
    """
    checked = [
        each
        for each in submissions.summaries_of_subject(connection, subject_id)
        if each.state is SubmissionState.CHECKED and each.report_sha256 and each.version is not None
    ]
    if not checked:
        return ()
    newest = max(checked, key=lambda each: each.version or 0)
    return metrics_of(report_from_json(store.read(newest.report_sha256 or "")))
