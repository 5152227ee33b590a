"""Checks before submitting, on both databases: what they come to and leave, and who may ask for them."""

from __future__ import annotations

import pytest

from tests.trial_core.record import KEY, LI, ONCOLOGIST, OTHER_ONCOLOGIST, PHYSICIST, WANG, Record, report_on
from trial_core.domain.given_names import GivenName
from trial_core.domain.identity import PatientIdentity
from trial_core.domain.jobs import Claim, JobState
from trial_core.domain.plan import SubmissionState
from trial_core.domain.precheck import Precheck, PrecheckWork
from trial_core.domain.set_content import RoiSeen, SetContent, StructureSetSeen
from trial_core.errors import LeaseLost, UnknownSubmission, UploadIncomplete, UploadOfAnother, WrongState
from trial_core.protocols.reader import read_protocol
from trial_core.services import jobs, naming, precheck_results, prechecks, submissions, uploads
from trial_core.submission_errors import ContentUnknown

PROTOCOL = read_protocol()
HEART = [GivenName("Herz", "Heart")]
CONTENT = SetContent(
    files=1,
    ct=(),
    structure_sets=(
        StructureSetSeen("rs", "A", on_ct=True, rois=(RoiSeen("Herz", "Herz", contoured=True, known_as=()),)),
    ),
    plans=(),
    doses=0,
    doses_without_plan=(),
    records=0,
    registrations=0,
    set_aside=(),
    unused=0,
    findings=(),
)


def _sent(record: Record, code: str, data: bytes = b"plan") -> str:
    submission = record.begin(code)
    record.send(submission, "plan.dcm", data)
    return submission


def _begun(record: Record, submission: str) -> tuple[Claim, PrecheckWork]:
    ticket = prechecks.request_precheck(record.db, ONCOLOGIST, submission_id=submission)
    claim = record.claim(ticket.job_id)
    work = precheck_results.precheck_work(record.db, claim=claim)
    assert work is not None
    precheck_results.note_content(record.db, claim=claim, work=work, content=CONTENT)
    return claim, work


def _ask_again(record: Record, submission: str) -> None:
    """Let the check take the files of now; a worker is at it."""
    prechecks.request_precheck(record.db, ONCOLOGIST, submission_id=submission)


def _finish(
    record: Record, claim: Claim, work: PrecheckWork, who: PatientIdentity = WANG, data: bytes = b"plan"
) -> SubmissionState | None:
    return precheck_results.finish_precheck(
        record.db,
        record.store,
        identity_key=KEY,
        claim=claim,
        work=work,
        report=report_on(data),
        identities=(who,),
        sop_instance_uids=("1.2.3",),
    )


def _found(record: Record, submission: str) -> Precheck:
    found = prechecks.precheck_of(record.db, ONCOLOGIST, submission_id=submission)
    assert found is not None
    return found


def _name(record: Record, submission: str, names: list[GivenName]) -> str:
    ticket = naming.name_structures(record.db, ONCOLOGIST, PROTOCOL, submission_id=submission, names=names)
    return ticket.job_id


def test_precheck__tells_what_the_submission_then_comes_to(record: Record) -> None:
    code = record.enrol()
    first, _ = record.check(code, WANG)
    for who, data, state in (
        (LI, b"other", SubmissionState.BLOCKED),
        (WANG, b"plan", SubmissionState.DUPLICATE),
        (WANG, b"new", SubmissionState.AWAITING_CONFIRMATION),
    ):
        submission = _sent(record, code, data)
        claim, work = _begun(record, submission)
        assert _finish(record, claim, work, who, data) is state
        expected = _found(record, submission)
        ticket = uploads.complete_submission(record.db, ONCOLOGIST, submission_id=submission)
        assert record.finish(record.claim(ticket.job_id), who, data=data) is state
        view = submissions.submission_view(record.db, ONCOLOGIST, submission_id=submission)
        assert [each.code for each in view.findings] == [each.code for each in expected.findings]
    assert first


def test_precheck__of_names_that_changed_meanwhile_is_done_once_more(record: Record) -> None:
    submission = _sent(record, record.enrol())
    claim, work = _begun(record, submission)
    job_id = _name(record, submission, HEART)
    assert job_id == claim.job_id
    assert _finish(record, claim, work) is None
    again, new_work = _begun(record, submission)
    assert [one.name for one in new_work.names] == HEART
    assert _finish(record, again, new_work) is SubmissionState.AWAITING_CONFIRMATION
    found = _found(record, submission)
    assert found.is_current
    assert [(one.name, one.by) for one in found.names] == [(HEART[0], "Oncologist One")]


def test_names__keep_whose_word_they_are_and_can_be_taken_back(record: Record) -> None:
    submission = _sent(record, record.enrol())
    _begun(record, submission)
    _name(record, submission, HEART)
    (said,) = _found(record, submission).names
    record.clock.advance(minutes=5)
    _name(record, submission, HEART)
    assert _found(record, submission).names == (said,)
    _name(record, submission, [])
    assert _found(record, submission).names == ()


def test_names__are_refused_before_the_files_are_read_and_after_submitting(record: Record) -> None:
    submission = _sent(record, record.enrol())
    with pytest.raises(ContentUnknown):
        _name(record, submission, HEART)
    claim, work = _begun(record, submission)
    record.send(submission, "later.dcm", b"more")
    with pytest.raises(ContentUnknown):
        _name(record, submission, HEART)
    _ask_again(record, submission)
    precheck_results.note_content(record.db, claim=claim, work=work, content=CONTENT)  # of the files before
    with pytest.raises(ContentUnknown):
        _name(record, submission, HEART)
    assert _finish(record, claim, work) is None
    _begun(record, submission)
    _name(record, submission, HEART)
    ticket = uploads.complete_submission(record.db, ONCOLOGIST, submission_id=submission)
    with pytest.raises(WrongState):
        _name(record, submission, [])
    submitted = jobs.work_of(record.db, claim=record.claim(ticket.job_id))
    assert [one.name for one in submitted.names] == HEART


def test_precheck__of_a_set_submitted_meanwhile_writes_nothing_and_is_tidied_away(record: Record) -> None:
    submission = _sent(record, record.enrol())
    claim, work = _begun(record, submission)
    ticket = uploads.complete_submission(record.db, ONCOLOGIST, submission_id=submission)
    assert _finish(record, claim, work) is None
    assert jobs.job_progress(record.db, job_id=claim.job_id).state is JobState.DONE
    assert prechecks.precheck_of(record.db, ONCOLOGIST, submission_id=submission) is None
    assert jobs.job_progress(record.db, job_id=ticket.job_id).state is JobState.WAITING
    uploads.expire_uploads(record.db, record.store)
    record.finish(record.claim(ticket.job_id))


def test_precheck__asked_for_again_is_not_done_again(record: Record) -> None:
    submission = _sent(record, record.enrol())
    claim, work = _begun(record, submission)
    _finish(record, claim, work)
    ticket = prechecks.request_precheck(record.db, ONCOLOGIST, submission_id=submission)
    assert ticket.job_id == claim.job_id
    assert jobs.job_progress(record.db, job_id=claim.job_id).state is JobState.DONE


def test_precheck__that_fails_for_good_leaves_the_set_to_be_submitted(record: Record) -> None:
    submission = _sent(record, record.enrol())
    claim, _ = _begun(record, submission)
    jobs.fail(record.db, claim=claim, error="It broke off.", again=False)
    found = _found(record, submission)
    assert found.job is not None
    assert (found.job.state, found.expected_state) == (JobState.FAILED, None)
    view = submissions.submission_view(record.db, ONCOLOGIST, submission_id=submission)
    assert view.summary.state is SubmissionState.RECEIVING
    uploads.complete_submission(record.db, ONCOLOGIST, submission_id=submission)


def test_precheck__of_a_worker_that_lost_its_lease_writes_nothing(record: Record) -> None:
    submission = _sent(record, record.enrol())
    claim, work = _begun(record, submission)
    jobs.expire_worker(record.db, worker="worker")
    with pytest.raises(LeaseLost):
        _finish(record, claim, work)


def test_precheck__is_the_business_of_whoever_began_the_set(record: Record) -> None:
    submission = _sent(record, record.enrol())
    _begun(record, submission)
    for who, refusal in ((PHYSICIST, UploadOfAnother), (OTHER_ONCOLOGIST, UnknownSubmission)):
        with pytest.raises(refusal):
            prechecks.request_precheck(record.db, who, submission_id=submission)
        with pytest.raises(refusal):
            prechecks.precheck_of(record.db, who, submission_id=submission)
        with pytest.raises(refusal):
            naming.name_structures(record.db, who, PROTOCOL, submission_id=submission, names=HEART)


def test_precheck__of_files_that_have_not_all_arrived_is_refused(record: Record) -> None:
    submission = record.begin(record.enrol())
    with pytest.raises(UploadIncomplete):
        prechecks.request_precheck(record.db, ONCOLOGIST, submission_id=submission)


def test_report_of_a_precheck__leaves_the_store_with_the_next_one_and_with_the_set(record: Record) -> None:
    submission = _sent(record, record.enrol())
    _finish(record, *_begun(record, submission))
    first = _found(record, submission).report_sha256 or ""
    _name(record, submission, HEART)
    _finish(record, *_begun(record, submission), data=b"named")
    second = _found(record, submission).report_sha256 or ""
    assert (record.store.has(first), record.store.has(second)) == (False, True)
    uploads.abandon_submission(record.db, record.store, ONCOLOGIST, submission_id=submission)
    assert not record.store.has(second)
