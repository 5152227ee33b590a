"""Every plan checked again after an amendment: who asks, how far it is, how long the rest takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.trial_core.record import OFFICE, ONCOLOGIST, Record, report_on
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.plan import JobTicket
from trial_core.errors import MissingReason, NotAuthorised
from trial_core.services import jobs, recheck, submissions
from trial_core.services.recheck_progress import RecheckProgress, recheck_progress, request_every_recheck

NOW = {"protocol_sha256": "1" * 64, "code_version": "2"}
CODES = ("S1-001", "S1-002", "S1-003")


@pytest.fixture
def record_with_plans(record: Record) -> Record:
    """Three plans on record, judged by an earlier protocol and program."""
    for code in CODES:
        record.clock.advance(seconds=1)
        record.enrol(code)
        patient = PatientIdentity(code, f"Doe^{code}", "19500101")
        submission_id, _ = record.check(code, patient, data=code.encode())
        submissions.confirm_identity(
            record.db, ONCOLOGIST, submission_id=submission_id, identity_key=b"k" * 32, patient_id=code
        )
    return record


def _progress(record: Record) -> RecheckProgress:
    return recheck_progress(record.db, OFFICE, **NOW)


def _ask(record: Record) -> tuple[JobTicket, ...]:
    return request_every_recheck(record.db, OFFICE, **NOW, reason="amendment 1")


def _do(record: Record, ticket: JobTicket, code: str) -> None:
    claim = record.claim(ticket.job_id)
    report = report_on(code.encode(), code_version=NOW["code_version"])
    by = replace(report.protocol, version="2", sha256=NOW["protocol_sha256"])
    recheck.finish_recheck(
        record.db, record.store, claim=claim, report=replace(report, protocol=by), accepted=()
    )


def test_progress__counts_what_is_to_be_checked_and_what_is_done(record_with_plans: Record) -> None:
    record = record_with_plans
    found = _progress(record)
    assert (found.plans, found.other_protocol, found.outdated, found.under_way, found.left) == (
        3, 3, 3, 0, None,
    )  # fmt: skip
    tickets = _ask(record)
    assert len(tickets) == 3
    record.clock.advance(seconds=30)
    _do(record, tickets[0], CODES[0])
    found = _progress(record)
    assert (found.outdated, found.waiting, found.running, found.over) == (2, 2, 0, 1)
    assert found.left == timedelta(seconds=60)
    for ticket, code in zip(tickets[1:], CODES[1:], strict=True):
        _do(record, ticket, code)
    found = _progress(record)
    assert (found.plans, found.outdated, found.under_way, found.failed, found.left) == (3, 0, 0, 0, None)
    assert _ask(record) == ()


def test_progress__tells_the_programs_version_from_the_protocols(record_with_plans: Record) -> None:
    found = recheck_progress(
        record_with_plans.db, OFFICE, protocol_sha256="0" * 64, code_version=NOW["code_version"]
    )
    assert (found.other_protocol, found.other_program) == (0, 3)


def test_progress__tells_of_a_re_check_that_failed_until_it_is_done(record_with_plans: Record) -> None:
    record = record_with_plans
    first, *_ = _ask(record)
    jobs.fail(record.db, claim=record.claim(first.job_id), error="The disk was away.", again=False)
    found = _progress(record)
    assert (found.failed, found.over, found.waiting) == (1, 1, 2)
    again, *_ = _ask(record)
    assert (again.job_id, _progress(record).failed) == (first.job_id, 0)


def test_every_plan__is_checked_again_by_the_administrator_with_a_reason(record_with_plans: Record) -> None:
    with pytest.raises(NotAuthorised):
        request_every_recheck(record_with_plans.db, ONCOLOGIST, **NOW, reason="amendment")
    with pytest.raises(NotAuthorised):
        recheck_progress(record_with_plans.db, ONCOLOGIST, **NOW)
    with pytest.raises(MissingReason):
        request_every_recheck(record_with_plans.db, OFFICE, **NOW, reason=" ")
    assert _progress(record_with_plans).under_way == 0
