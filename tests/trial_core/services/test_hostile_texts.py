"""Texts that no database takes are answered like unknown ones, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.trial_core.record import ONCOLOGIST, STAFF, WANG, Record
from trial_core.domain.access import SYSTEM, Role
from trial_core.domain.plan import SubmissionFinding, SubmissionState
from trial_core.errors import (
    NotAName,
    SignInRefused,
    UnknownJob,
    UnknownSubject,
    UnknownSubmission,
    UnknownUpload,
)
from trial_core.services import accounts, jobs, results, sites, subjects, submissions, uploads

HOSTILE = ["\x00", "a\x00b", "\ud800", "x" * 100_000, "'; DROP TABLE job; --", ""]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_code_or_id__is_unknown(record: Record, hostile: str) -> None:
    calls: list[tuple[type[Exception], Callable[[], Any]]] = [
        (UnknownSubject, lambda: subjects.subject_record(record.db, STAFF, code=hostile)),
        (UnknownSubject, lambda: record.begin(hostile)),
        (
            UnknownSubmission,
            lambda: submissions.submission_view(record.db, STAFF, submission_id=hostile),
        ),
        (
            UnknownSubmission,
            lambda: uploads.complete_submission(record.db, ONCOLOGIST, submission_id=hostile),
        ),
        (UnknownUpload, lambda: record.append(hostile, 0, b"x")),
        (UnknownJob, lambda: jobs.job_progress(record.db, job_id=hostile)),
        (SignInRefused, lambda: accounts.sign_in(record.db, login=hostile, password=hostile)),
    ]
    for error, call in calls:
        with pytest.raises(error):
            call()
    assert jobs.claim(record.db, job_id=hostile, worker="w") is None


@pytest.mark.parametrize("hostile", ["\x00", "\ud800", ""])
def test_a_hostile_name__is_refused(record: Record, hostile: str) -> None:
    with pytest.raises(NotAName):
        sites.create_site(record.db, SYSTEM, code="S3", name=hostile)
    with pytest.raises(NotAName):
        accounts.create_user(
            record.db,
            SYSTEM,
            login="new",
            password="x" * 12,
            role=Role.ADMINISTRATOR,
            full_name=hostile,
        )


def test_hostile_uids_and_findings__are_kept_all_the_same(record: Record) -> None:
    code = record.enrol("S1-001")
    hostile = ["\x00", "\ud800", "1.2\n3", ""]
    finding = SubmissionFinding(code="c", severity="error", message="\x00\ud800", action="a", file="\x00")
    claim = record.claim(record.submit(code).job_id)
    state = results.refuse_plan_check(record.db, claim=claim, findings=[finding])
    (row,) = submissions.worklist(record.db, ONCOLOGIST)
    view = submissions.submission_view(record.db, ONCOLOGIST, submission_id=row.submission_id)
    assert (state, view.findings) == (SubmissionState.REFUSED, (finding,))
    assert record.check(code, WANG, uids=hostile)[1] is SubmissionState.AWAITING_CONFIRMATION
    other = record.enrol("S1-002")
    assert record.check(other, WANG, uids=hostile[1:2])[1] is SubmissionState.BLOCKED


def test_a_hostile_fingerprint__is_only_compared(record: Record) -> None:
    submission_id = record.begin(record.enrol())
    for hostile in HOSTILE:
        progress = uploads.begin_file(
            record.db,
            record.store,
            ONCOLOGIST,
            submission_id=submission_id,
            name="a",
            size_bytes=1,
            fingerprint=hostile,
        )
        assert progress.received_bytes == 0
