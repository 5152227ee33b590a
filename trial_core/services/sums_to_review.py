"""Which checked sets have a sum that rests on a registration nobody has reviewed: read off their reports."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import lru_cache

from trial_core.db.repositories import submissions
from trial_core.db.session import Database
from trial_core.domain.plan import SubmissionState, SubmissionSummary
from trial_core.errors import StoredBytesChanged, StoredBytesMissing
from trial_core.services.submissions import MOST_LISTED
from trial_core.store import Store

REPORTS_REMEMBERED = 8192
"""One yes or no a report; a report never changes under its hash."""


def sums_to_review(store: Store, rows: Iterable[SubmissionSummary]) -> frozenset[str]:
    """Name those of some submissions whose sum waits for a review.

    A report that is missing or changed names none, and is read again the next time: its own page says what
    is wrong with it.

    Parameters
    ----------
    rows
        As a service gave them to the person who asks.
    """
    return frozenset(row.submission_id for row in rows if _is_checked(row) and _waits(store, row))


def read_reports(db: Database, store: Store, *, goes_on: Callable[[], bool]) -> None:
    """Read the newest submissions' reports, so that the first work list does not; nothing is given out.

    Parameters
    ----------
    goes_on
        Asked after each report; the rest is left where it says no.
    """
    with db.read() as connection:
        rows = submissions.summaries_of_site(connection, None, limit=MOST_LISTED)
    for row in rows:
        sums_to_review(store, [row])
        if not goes_on():
            return


def _is_checked(row: SubmissionSummary) -> bool:
    return row.state is SubmissionState.CHECKED and row.version is not None


def _waits(store: Store, row: SubmissionSummary) -> bool:
    if row.report_sha256 is None:
        return False
    try:
        return _needs_review(store, row.report_sha256)
    except (StoredBytesChanged, StoredBytesMissing):
        return False


@lru_cache(maxsize=REPORTS_REMEMBERED)
def _needs_review(store: Store, report_sha256: str) -> bool:
    return any(one["needs_review"] for one in json.loads(store.read(report_sha256))["sums"])
