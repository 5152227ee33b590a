"""Sets that wait to be submitted: checked ones of the site, whose they are, and what the inbox holds."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from tests.trial_core.record import (
    KEY,
    ONCOLOGIST,
    OTHER_ONCOLOGIST,
    PHYSICIST,
    STAFF,
    WANG,
    Record,
    report_on,
)
from trial_core.domain.access import SYSTEM
from trial_core.domain.identity import PatientIdentity, hash_identity
from trial_core.domain.plan import SubmissionState
from trial_core.domain.receiving import SentObject
from trial_core.errors import NotAuthorised
from trial_core.services import precheck_results, prechecks, uploads
from trial_core.services.dicom_senders import register_sender
from trial_core.services.receiving import end_quiet_sets, keep_object
from trial_core.services.sets_to_submit import sets_to_submit
from trial_core.store import Draft


def checked_draft(record: Record, code: str, patient: PatientIdentity = WANG) -> str:
    """Begin a set and check it before submitting."""
    submission = record.begin(code)
    record.send(submission, "plan.dcm", code.encode())
    ticket = prechecks.request_precheck(record.db, ONCOLOGIST, submission_id=submission)
    claim = record.claim(ticket.job_id)
    work = precheck_results.precheck_work(record.db, claim=claim)
    assert work is not None
    precheck_results.finish_precheck(
        record.db,
        record.store,
        identity_key=KEY,
        claim=claim,
        work=work,
        report=report_on(code.encode()),
        identities=(patient,),
        sop_instance_uids=(f"1.2.{code[-1]}",),
    )
    return submission


def receive(record: Record) -> None:
    """Let a planning system of S1 send a plan of nobody who is known."""
    sender = register_sender(record.db, SYSTEM, ae_title="ECLIPSE", addresses=["10.0.0.0/24"], site_code="S1")
    data = b"a received plan"
    path = record.store.draft_path()
    path.write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    identity = hash_identity(PatientIdentity("P009", "", ""), KEY)
    sent = SentObject("1.2", "1.2.3", sha256, len(data), identity, "", "RTPLAN", "Boost", "2026-02-03")
    keep_object(record.db, record.store, sender, sent=sent, draft=Draft(path, sha256, len(data)))
    end_quiet_sets(record.db, quiet=timedelta())


def test_sets__are_those_that_are_checked_and_not_submitted(record: Record) -> None:
    for code in ("S1-001", "S1-002"):
        record.enrol(code)
    waiting, submitted = checked_draft(record, "S1-001"), checked_draft(record, "S1-002")
    uploads.complete_submission(record.db, ONCOLOGIST, submission_id=submitted)
    (found,) = sets_to_submit(record.db, ONCOLOGIST).checked
    assert (found.submission_id, found.code, found.is_own) == (waiting, "S1-001", True)
    assert found.expected_state is SubmissionState.AWAITING_CONFIRMATION
    assert found.checked_at == record.clock()


def test_set__of_a_colleague_is_told_as_theirs_and_of_another_site_is_not(record: Record) -> None:
    record.enrol()
    checked_draft(record, "S1-001")
    (found,) = sets_to_submit(record.db, PHYSICIST).checked
    assert (found.is_own, found.begun_by) == (False, ONCOLOGIST.full_name)
    assert sets_to_submit(record.db, OTHER_ONCOLOGIST).checked == ()
    with pytest.raises(NotAuthorised):
        sets_to_submit(record.db, STAFF)


def test_set__that_changed_since_its_check_is_left_out(record: Record) -> None:
    record.enrol()
    submission = checked_draft(record, "S1-001")
    record.send(submission, "dose.dcm", b"a dose")
    assert sets_to_submit(record.db, ONCOLOGIST).checked == ()


def test_received_sets__wait_for_their_site_alone(record: Record) -> None:
    receive(record)
    (found,) = sets_to_submit(record.db, ONCOLOGIST).received
    assert (found.ae_title, found.plan_labels) == ("ECLIPSE", ("Boost",))
    assert sets_to_submit(record.db, OTHER_ONCOLOGIST).received == ()
