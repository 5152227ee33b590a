"""Races with real threads: whoever comes second changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from tests.trial_core.record import KEY, LI, ONCOLOGIST, OTHER_ONCOLOGIST, WANG, Record, report_on
from trial_core.db.session import Database
from trial_core.domain.jobs import Claim
from trial_core.domain.plan import SubmissionState
from trial_core.errors import LeaseLost, UploadBusy, WrongOffset
from trial_core.services import audit_trail, jobs, results, submissions, uploads


def _at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run the calls at the same moment; an exception stands for its answer."""
    gate = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def run(place: int) -> None:
        gate.wait()
        try:
            answers[place] = calls[place]()
        except Exception as error:  # noqa: BLE001 - the test looks at whatever came
            answers[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_two_browsers__completing_one_upload_get_one_job(record: Record) -> None:
    submission_id = record.begin(record.enrol())
    record.send(submission_id, "a.dcm", b"x")
    tickets = _at_once(
        [lambda: uploads.complete_submission(record.db, ONCOLOGIST, submission_id=submission_id)] * 8
    )
    assert len(set(tickets)) == 1
    with record.db.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM job")).scalar() == 1
    assert audit_trail.verify(record.db).whole


def test_sixteen_claimers__of_one_job_have_one_winner(record: Record) -> None:
    job_id = record.submit(record.enrol()).job_id

    def claim(number: int) -> Claim | None:
        own = Database(
            str(record.db.engine.url.render_as_string(hide_password=False)),
            now=record.clock,
            audit=record.db.audit,
        )
        try:
            return jobs.claim(own, job_id=job_id, worker=f"worker {number}")
        finally:
            own.close()

    answers = _at_once([partial(claim, number) for number in range(16)])
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    winners = [answer for answer in answers if answer is not None]
    assert len(winners) == 1
    assert winners[0].attempt == 1


def test_two_browsers__sending_one_chunk_keep_it_once(record: Record) -> None:
    submission_id = record.begin(record.enrol())
    data = bytes(range(256)) * 8192
    upload = uploads.begin_file(
        record.db, record.store, ONCOLOGIST, submission_id=submission_id, name="a", size_bytes=len(data)
    )
    answers = _at_once([lambda: record.append(upload.upload_id, 0, data)] * 6)
    assert len(data) in answers
    refused = [answer for answer in answers if answer != len(data)]
    assert all(isinstance(answer, UploadBusy | WrongOffset) for answer in refused)
    done = uploads.upload_progress(record.db, ONCOLOGIST, upload_id=upload.upload_id)
    assert done.sha256 is not None
    assert record.store.read(done.sha256) == data


def test_one_patient__checked_for_two_subjects_at_once_lands_on_one(record: Record) -> None:
    ours = record.claim(record.submit(record.enrol("S1-001"), b"one").job_id)
    code = record.enrol("S2-001", OTHER_ONCOLOGIST)
    theirs = record.claim(record.submit(code, b"two", OTHER_ONCOLOGIST).job_id)
    states = _at_once(
        [
            lambda: record.finish(ours, WANG, data=b"one", uids=["1.1"]),
            lambda: record.finish(theirs, WANG, data=b"two", uids=["1.2"]),
        ]
    )
    assert sorted(states) == [SubmissionState.AWAITING_CONFIRMATION, SubmissionState.BLOCKED]


def test_two_sets__of_one_subject_at_once_get_two_versions(record: Record) -> None:
    code = record.enrol()
    sets = {"1.1": b"one", "1.2": b"two", "1.3": b"three"}
    claims = {uid: record.claim(record.submit(code, data).job_id) for uid, data in sets.items()}

    def finish(uid: str) -> SubmissionState:
        return record.finish(claims[uid], WANG, data=sets[uid], uids=[uid])

    _at_once([partial(finish, uid) for uid in sets])
    versions = [row.version for row in submissions.worklist(record.db, ONCOLOGIST)]
    assert sorted(version or 0 for version in versions) == [1, 2, 3]


def test_a_job_done_twice__is_written_once(record: Record) -> None:
    # Worker 1 hangs, its lease runs out, worker 2 does the job; then worker 1 comes back.
    code = record.enrol()
    ticket = record.submit(code)
    first = record.claim(ticket.job_id, "worker 1")
    record.clock.advance(minutes=5)
    assert jobs.expire(record.db) == (ticket.job_id,)
    second = record.claim(ticket.job_id, "worker 2")
    answers = _at_once([lambda: record.finish(first, LI), lambda: record.finish(second, WANG)])
    assert isinstance(answers[0], LeaseLost)
    assert answers[1] is SubmissionState.AWAITING_CONFIRMATION
    for call in (
        lambda: record.finish(first, LI),
        lambda: record.finish(second, WANG),
        lambda: jobs.renew(record.db, claim=first),
        lambda: jobs.fail(record.db, claim=first, error="x"),
        lambda: jobs.work_of(record.db, claim=first),
        lambda: results.refuse_plan_check(record.db, claim=first, findings=[]),
    ):
        with pytest.raises(LeaseLost):
            call()
    with record.db.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM plan_check_result")).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM subject_identity")).scalar() == 1


def test_finish__that_fails_half_way_leaves_the_job_to_the_next(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = record.submit(record.enrol())
    claim = record.claim(ticket.job_id)

    def full_disk(_data: bytes) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(record.store, "put", full_disk)
        with pytest.raises(OSError, match="No space"):
            record.finish(claim)
    with record.db.read() as connection:
        for table in ("plan_check_result", "subject_identity", "submission_object"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0  # noqa: S608
    assert record.finish(claim) is SubmissionState.AWAITING_CONFIRMATION
    assert report_on(b"plan") == submissions.report_of(
        record.db, record.store, ONCOLOGIST, submission_id=ticket.submission_id
    )
    assert KEY not in record.store.read(submissions.worklist(record.db, ONCOLOGIST)[0].report_sha256 or "")
