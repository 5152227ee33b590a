"""A confirmation that was wrong can be taken back; none comes by guessing, or with another set's."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.trial_core.record import KEY, LI, ONCOLOGIST, PHYSICIST, STAFF, WANG, Record
from trial_core.db.tables import audit_entry, subject
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.plan import SubmissionState, SubmissionView, WhyConfirm
from trial_core.errors import (
    IdentityNotConfirmed,
    MissingReason,
    NotAuthorised,
    TooManyWrongAnswers,
    WrongState,
)
from trial_core.services import audit_trail, submissions

CHECKED, WAITS = SubmissionState.CHECKED, SubmissionState.AWAITING_CONFIRMATION
BLOCKED, REFUSED = SubmissionState.BLOCKED, SubmissionState.REFUSED
NO_BIRTH_DATE = PatientIdentity("P001", "WANG^XIAO", "")


def _view(record: Record, submission_id: str, actor: Any = ONCOLOGIST) -> SubmissionView:
    return submissions.submission_view(record.db, actor, submission_id=submission_id)


def _states(record: Record, *ids: str) -> list[SubmissionState]:
    return [_view(record, one).summary.state for one in ids]


def _confirm(record: Record, submission_id: str, patient_id: str = "P001", actor: Any = PHYSICIST) -> None:
    submissions.confirm_identity(
        record.db, actor, submission_id=submission_id, identity_key=KEY, patient_id=patient_id
    )


def _reject(record: Record, submission_id: str, reason: str = "another man's files") -> None:
    submissions.reject_identity(record.db, PHYSICIST, submission_id=submission_id, reason=reason)


def _actions(record: Record) -> list[tuple[str, dict[str, Any]]]:
    with record.db.read() as connection:
        rows = connection.execute(select(audit_entry).order_by(audit_entry.c.sequence))
        return [(row.action, row.details | ({"reason": row.reason} if row.reason else {})) for row in rows]


@pytest.mark.parametrize("identities", [(NO_BIRTH_DATE,), (WANG, NO_BIRTH_DATE)])
def test_confirmation__of_a_set_with_gaps_frees_no_other(
    record: Record, identities: tuple[PatientIdentity, ...]
) -> None:
    code = record.enrol()
    ids = [record.check(code, *identities, data=data)[0] for data in (b"one", b"two")]
    _confirm(record, ids[1])
    assert _states(record, *ids) == [WAITS, CHECKED]


def test_confirmation__of_a_whole_set_frees_none_with_gaps(record: Record) -> None:
    code = record.enrol()
    gaps = record.check(code, WANG, NO_BIRTH_DATE, data=b"one")[0]
    whole = [record.check(code, data=data)[0] for data in (b"two", b"three")]
    _confirm(record, whole[0])
    assert _states(record, gaps, *whole) == [WAITS, CHECKED, CHECKED]


def test_a_set_that_waits__says_why(record: Record) -> None:
    code = record.enrol()
    first = record.check(code, NO_BIRTH_DATE, data=b"one")[0]
    assert _view(record, first).why_confirm is WhyConfirm.FIRST
    _confirm(record, first)
    later = record.check(code, NO_BIRTH_DATE, data=b"two")[0]
    whole = record.check(code, WANG, data=b"three")[0]
    assert _view(record, later).why_confirm is WhyConfirm.INCOMPLETE
    assert _view(record, whole).why_confirm is WhyConfirm.NAMES_MORE
    assert _view(record, first).why_confirm is None


def test_a_wrongly_confirmed_set__is_taken_off_the_record(record: Record) -> None:
    code = record.enrol()
    wrong = record.check(code, LI, data=b"one", uids=["1.1"])[0]
    _confirm(record, wrong, "P002")
    assert _view(record, wrong).may_withdraw
    assert not _view(record, wrong, STAFF).may_withdraw
    _reject(record, wrong)
    view = _view(record, wrong)
    assert (view.summary.state, view.summary.verdict, view.summary.report_sha256) == (BLOCKED, None, None)
    assert (view.summary.version, view.summary.plan_verdicts, view.provenance) == (1, (), None)
    assert [finding.code for finding in view.findings] == ["identity-withdrawn"]
    assert "per protocol) counts no longer" in view.findings[0].message
    with pytest.raises(WrongState):
        submissions.report_of(record.db, record.store, ONCOLOGIST, submission_id=wrong)
    with pytest.raises(WrongState):
        _reject(record, wrong)
    right, state = record.check(code, WANG, data=b"two")
    assert (state, _view(record, right).summary.version) == (WAITS, 2)
    other = record.enrol("S1-002")
    assert record.check(other, LI, data=b"one", uids=["1.1"])[1] is WAITS


def test_taking_a_set_back__is_on_the_audit_trail_with_its_reason(record: Record) -> None:
    wrong = record.check(record.enrol(), LI)[0]
    _confirm(record, wrong, "P002")
    report = _view(record, wrong).summary.report_sha256
    _reject(record, wrong, " mixed up at export ")
    said = {"reason": "mixed up at export", "report": report, "verdict": "per protocol"}
    assert _actions(record)[-1] == ("withdraw confirmed set", said)
    assert audit_trail.verify(record.db).whole


def test_the_sets_that_a_wrong_one_vouched_for__wait_for_a_person_again(record: Record) -> None:
    code = record.enrol()
    first = record.check(code, data=b"one")[0]
    _confirm(record, first)
    later, state = record.check(code, data=b"two")
    assert state is CHECKED
    _reject(record, first)
    view = _view(record, later)
    assert (view.summary.state, view.why_confirm) == (WAITS, WhyConfirm.FIRST)
    assert [finding.code for finding in view.findings] == ["identity-in-doubt"]
    assert _actions(record)[-1][0] == "doubt identity"
    _confirm(record, later)
    assert (_view(record, later).summary.state, _view(record, later).findings) == (CHECKED, ())


def test_rejecting__needs_a_reason_and_the_role(record: Record) -> None:
    submission_id = record.check(record.enrol())[0]
    with pytest.raises(MissingReason):
        _reject(record, submission_id, "  ")
    with pytest.raises(NotAuthorised):
        submissions.reject_identity(record.db, STAFF, submission_id=submission_id, reason="x")


def test_a_patient_id__cannot_be_found_by_guessing(record: Record) -> None:
    submission_id = record.check(record.enrol())[0]
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(IdentityNotConfirmed) as caught:
            _confirm(record, submission_id, f"P10{left}")
        assert caught.value.answers_left == left
    with pytest.raises(TooManyWrongAnswers, match="somebody else at your site"):
        _confirm(record, submission_id, "P001")
    assert _states(record, submission_id) == [WAITS]
    noted = [details for action, details in _actions(record) if action == "identity not confirmed"]
    assert [one["wrong_answers"] for one in noted] == [1, 2, 3, 4, 5, 5]
    assert "P10" not in str(noted)
    _confirm(record, submission_id, "P001", ONCOLOGIST)
    assert _states(record, submission_id) == [CHECKED]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "withdrawn"}, "withdrawn"),
        ({"status": "screening"}, "not enrolled"),
    ],
)
def test_a_subject_that_takes_no_plan_any_more__gets_none_by_a_check_under_way(
    record: Record, change: dict[str, Any], words: str
) -> None:
    ticket = record.submit(record.enrol())
    claim = record.claim(ticket.job_id)
    with record.db.transaction() as connection:
        connection.execute(subject.update().values(**change))
    assert record.finish(claim) is REFUSED
    view = _view(record, ticket.submission_id)
    assert (view.summary.version, view.summary.report_sha256) == (None, None)
    assert view.findings[0].code == "subject-not-eligible"
    assert words in view.findings[0].message


def test_a_subject_withdrawn_after_the_check__keeps_what_is_recorded(record: Record) -> None:
    code = record.enrol()
    submission_id = record.check(code)[0]
    record.leave(code)
    _confirm(record, submission_id)
    assert _states(record, submission_id) == [CHECKED]
