"""Whose files? One subject's plans never land on another's record."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from sqlalchemy import select

from tests.trial_core.record import (
    KEY,
    LI,
    OFFICE,
    ONCOLOGIST,
    OTHER_ONCOLOGIST,
    PHYSICIST,
    STAFF,
    WANG,
    Record,
    report_on,
)
from trial_core.db.tables import metadata
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.plan import SubmissionFinding, SubmissionState, SubmissionView
from trial_core.errors import IdentityNotConfirmed, NotAuthorised, UnknownSubmission, WrongState
from trial_core.services import results, submissions

CHECKED, WAITS = SubmissionState.CHECKED, SubmissionState.AWAITING_CONFIRMATION
BLOCKED, DUPLICATE = SubmissionState.BLOCKED, SubmissionState.DUPLICATE


def _view(record: Record, submission_id: str, actor: Any = ONCOLOGIST) -> SubmissionView:
    return submissions.submission_view(record.db, actor, submission_id=submission_id)


def _codes(record: Record, submission_id: str, actor: Any = ONCOLOGIST) -> list[str]:
    return [finding.code for finding in _view(record, submission_id, actor).findings]


def _confirm(record: Record, submission_id: str, patient_id: str = "P001") -> SubmissionState:
    return submissions.confirm_identity(
        record.db, PHYSICIST, submission_id=submission_id, identity_key=KEY, patient_id=patient_id
    )


def test_the_first_set__waits_for_a_person(record: Record) -> None:
    submission_id, state = record.check(record.enrol())
    view = _view(record, submission_id)
    assert state is WAITS
    assert view.may_confirm
    assert not _view(record, submission_id, STAFF).may_confirm
    assert _codes(record, submission_id) == ["identity-to-confirm"]
    assert view.summary.version == 1


def test_confirmation__needs_the_patient_id_of_the_files(record: Record) -> None:
    submission_id, _ = record.check(record.enrol())
    for wrong in ("P002", "", "P001 X"):
        with pytest.raises(IdentityNotConfirmed):
            _confirm(record, submission_id, wrong)
    assert _confirm(record, submission_id, " p001 ") is CHECKED
    assert _codes(record, submission_id) == []
    with pytest.raises(WrongState):
        _confirm(record, submission_id)


def test_later_sets_of_the_same_patient__are_checked_at_once(record: Record) -> None:
    code = record.enrol()
    _confirm(record, record.check(code, data=b"one")[0])
    submission_id, state = record.check(code, data=b"two")
    assert (state, _view(record, submission_id).summary.version) == (CHECKED, 2)


def test_confirmation__frees_every_set_with_the_same_identity(record: Record) -> None:
    code = record.enrol()
    ids = [record.check(code, data=data)[0] for data in (b"one", b"two")]
    _confirm(record, ids[1])
    assert [_view(record, one).summary.state for one in ids] == [CHECKED, CHECKED]


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (PatientIdentity("P009", "WANG^XIAO", "19570302"), "PatientID"),
        (PatientIdentity("P001", "WANG^DA", "19570302"), "PatientName"),
        (PatientIdentity("P001", "WANG^XIAO", "19570303"), "PatientBirthDate"),
    ],
)
def test_another_patients_plan__is_blocked_and_leaves_nothing(
    record: Record, other: PatientIdentity, field: str
) -> None:
    code = record.enrol()
    _confirm(record, record.check(code, data=b"one")[0])
    submission_id, state = record.check(code, other, data=b"two")
    view = _view(record, submission_id)
    assert state is BLOCKED
    assert (view.findings[0].code, view.findings[0].element) == ("identity-differs", field)
    assert (view.summary.version, view.summary.report_sha256, view.provenance) == (None, None, None)
    with pytest.raises(WrongState):
        submissions.report_of(record.db, record.store, ONCOLOGIST, submission_id=submission_id)
    assert record.check(code, data=b"three")[1] is CHECKED


def test_two_patients_in_one_set__are_blocked(record: Record) -> None:
    submission_id, state = record.check(record.enrol(), WANG, LI)
    assert (state, _codes(record, submission_id)) == (BLOCKED, ["identity-mixed"])


@pytest.mark.parametrize("identities", [[], [PatientIdentity("", "WANG^XIAO", "19570302")]])
def test_a_set_without_patient_id__is_blocked(record: Record, identities: list[PatientIdentity]) -> None:
    ticket = record.submit(record.enrol())
    claim = record.claim(ticket.job_id)
    state = results.finish_plan_check(
        record.db,
        record.store,
        identity_key=KEY,
        claim=claim,
        report=report_on(b"plan"),
        identities=identities,
        sop_instance_uids=[],
    )
    assert (state, _codes(record, ticket.submission_id)) == (BLOCKED, ["identity-absent"])


def test_a_missing_birth_date__contradicts_nothing_but_a_person_must_confirm(record: Record) -> None:
    code = record.enrol()
    _confirm(record, record.check(code, data=b"one")[0])
    bare = PatientIdentity("P001", "WANG^XIAO", "")
    submission_id, state = record.check(code, bare, data=b"two")
    assert state is WAITS
    _confirm(record, submission_id)
    assert record.check(code, bare, data=b"three")[1] is WAITS  # each time anew
    assert record.check(code, data=b"four")[1] is CHECKED


@pytest.mark.parametrize("site", ["same site", "another site"])
def test_the_same_patient_under_another_subject__is_blocked(record: Record, site: str) -> None:
    record.check(record.enrol("S1-001"), data=b"one")
    actor, code = (ONCOLOGIST, "S1-002") if site == "same site" else (OTHER_ONCOLOGIST, "S2-001")
    submission_id, state = record.check(record.enrol(code, actor), data=b"two", actor=actor)
    assert state is BLOCKED
    (finding,) = _view(record, submission_id, actor).findings
    assert finding.code == "identity-of-another-subject"
    assert "S1" not in str(finding)


def test_the_same_objects_under_another_subject__are_blocked(record: Record) -> None:
    uids = [f"1.2.840.{number}" for number in range(1200)]
    record.check(record.enrol("S1-001"), data=b"one", uids=uids)
    code = record.enrol("S2-001", OTHER_ONCOLOGIST)
    theirs = ["9.9", uids[777]]
    submission_id, state = record.check(code, LI, data=b"two", uids=theirs, actor=OTHER_ONCOLOGIST)
    assert state is BLOCKED
    assert _codes(record, submission_id, OTHER_ONCOLOGIST) == ["objects-of-another-subject"]


def test_one_number_for_two_people_at_two_hospitals__is_no_reason_to_block(record: Record) -> None:
    record.check(record.enrol("S1-001"), data=b"one")
    namesake = PatientIdentity("P001", "LI^MING", "19610719")
    code = record.enrol("S2-001", OTHER_ONCOLOGIST)
    assert record.check(code, namesake, data=b"two", actor=OTHER_ONCOLOGIST)[1] is WAITS
    assert record.check(record.enrol("S1-002"), namesake, data=b"three")[1] is BLOCKED


def test_the_same_plan_twice__is_said_and_gets_no_version(record: Record) -> None:
    code = record.enrol()
    record.check(code)
    submission_id, state = record.check(code)
    view = _view(record, submission_id)
    assert (state, view.summary.version, view.summary.report_sha256) == (DUPLICATE, None, None)
    assert view.findings[0].code == "same-plan-twice"
    assert "version 1" in view.findings[0].message


def test_the_same_plan_under_other_code__is_checked_anew_and_said(record: Record) -> None:
    code = record.enrol()
    record.check(code)
    submission_id, state = record.check(code, code_version="2")
    assert (state, _view(record, submission_id).summary.version) == (WAITS, 2)
    assert "same-plan-twice" in _codes(record, submission_id)


def test_altered_objects_under_the_same_uids__are_said(record: Record) -> None:
    code = record.enrol()
    record.check(code, data=b"one", uids=["1.1", "1.2"])
    submission_id, _ = record.check(code, data=b"two", uids=["1.2", "1.1"])
    assert "objects-altered" in _codes(record, submission_id)


def test_rejection__leaves_no_identity_and_frees_the_subject_for_its_own_files(record: Record) -> None:
    code = record.enrol()
    submission_id, _ = record.check(code, LI, data=b"wrong", uids=["6.6"])
    state = submissions.reject_identity(
        record.db, ONCOLOGIST, submission_id=submission_id, reason="not our patient"
    )
    view = _view(record, submission_id)
    assert (state, view.summary.report_sha256, view.provenance) == (BLOCKED, None, None)
    assert _codes(record, submission_id) == ["identity-rejected"]
    right, state = record.check(code, WANG, data=b"right")
    assert (state, _view(record, right).summary.version) == (WAITS, 2)
    assert record.check(record.enrol("S1-002"), LI, data=b"wrong", uids=["6.6"])[1] is WAITS


def test_refuse_plan_check__keeps_the_findings(record: Record) -> None:
    ticket = record.submit(record.enrol())
    finding = SubmissionFinding(
        code="not-dicom", severity="error", message="m", action="a", file="plan.dcm", element=None
    )
    claim = record.claim(ticket.job_id)
    assert results.refuse_plan_check(record.db, claim=claim, findings=[finding]) is SubmissionState.REFUSED
    view = _view(record, ticket.submission_id)
    assert view.findings == (finding,)
    assert view.findings[0].as_mapping().keys() == {
        "code",
        "severity",
        "file",
        "element",
        "structure",
        "message",
        "action",
    }


def test_the_report__is_kept_byte_for_byte_with_its_provenance(record: Record) -> None:
    submission_id, _ = record.check(record.enrol())
    kept = submissions.report_bytes(record.db, record.store, STAFF, submission_id=submission_id)
    report = submissions.report_of(record.db, record.store, STAFF, submission_id=submission_id)
    assert report == report_on(b"plan")
    view = _view(record, submission_id)
    assert view.provenance is not None
    assert view.provenance.input_sha256 == (report.inputs[0].sha256,)
    assert (view.provenance.protocol_sha256, view.provenance.code_version) == ("0" * 64, "1")
    assert record.store.read(str(view.summary.report_sha256)) == kept


def test_names_birth_dates_and_ids__are_kept_nowhere(record: Record) -> None:
    code = record.enrol()
    submission_id, _ = record.check(code, data=b"one")
    with pytest.raises(IdentityNotConfirmed):
        _confirm(record, submission_id, "P007")
    _confirm(record, submission_id)
    record.check(code, LI, data=b"two")
    with record.db.read() as connection:
        tables = metadata.sorted_tables
        kept = str([connection.execute(select(table)).all() for table in tables])
    for secret in ("WANG", "XIAO", "19570302", "P001", "P007", "LI^", "P002"):
        assert secret.casefold() not in kept.casefold()
    assert "WANG" not in repr(WANG)


def test_times__are_in_utc(record: Record) -> None:
    submission_id, _ = record.check(record.enrol())
    summary = _view(record, submission_id).summary
    assert summary.created_at == record.clock()
    assert summary.created_at.tzinfo is UTC


def test_clinical_data__is_for_the_site_and_the_clinical_roles(record: Record) -> None:
    submission_id, _ = record.check(record.enrol())
    for forbidden in (
        lambda: submissions.worklist(record.db, OFFICE),
        lambda: _view(record, submission_id, OFFICE),
        lambda: submissions.report_bytes(record.db, record.store, OFFICE, submission_id=submission_id),
    ):
        with pytest.raises(NotAuthorised):
            forbidden()
    for call in (
        lambda: _view(record, submission_id, OTHER_ONCOLOGIST),
        lambda: submissions.report_bytes(
            record.db, record.store, OTHER_ONCOLOGIST, submission_id=submission_id
        ),
        lambda: submissions.confirm_identity(
            record.db,
            OTHER_ONCOLOGIST,
            submission_id=submission_id,
            identity_key=KEY,
            patient_id="P001",
        ),
        lambda: _view(record, "no such submission"),
    ):
        with pytest.raises(UnknownSubmission):
            call()
    with pytest.raises(NotAuthorised):
        submissions.reject_identity(record.db, STAFF, submission_id=submission_id, reason="x")
    assert submissions.worklist(record.db, OTHER_ONCOLOGIST) == ()
