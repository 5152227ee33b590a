"""The page of a set before it is submitted: what is in it, names, the result, submitting, whose it is."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.web.a_report import a_report
from tests.web.callbacks import pattern_key, post_callback
from tests.web.drafts import CONTENT, HOSTILE, page_of, press, read, sent, shown_on, state_of
from tests.web.installation import Installation
from trial_core.domain.given_names import GivenName
from trial_core.domain.plan import SubmissionState
from trial_core.domain.set_content import RoiSeen
from trial_core.protocols.reader import read_protocol
from trial_core.services import jobs, naming, precheck_results, prechecks, submissions, uploads

Person = Callable[[str], FlaskClient]


def test_page__says_what_is_in_the_files_what_is_linked_and_what_is_missing(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission = sent(installation)
    read(installation, submission)
    said = page_of(oncologist, submission)
    for words in (
        "4 of 5 slices, 3 mm apart",
        "Slices are missing",
        "Linked to its CT",
        "Recognised as CFRT",
        "No regimen of the protocol",
        "No dose here",
        "Without its plan",
        "1 file is not used: why",
        "It can be submitted.",
        "Course, before submitting",
    ):
        assert words in said, words
    assert "LDRT plan" in said  # required, and not there


def test_page__shows_the_content_while_the_check_goes_on(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission = sent(installation)
    read(installation, submission, end=False)
    said = page_of(oncologist, submission)
    assert "Recognised as CFRT" in said
    assert "Submit without waiting" in said
    assert "Course, before submitting" not in said


def test_page__suggests_names_and_never_lists_what_can_be_none(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission = sent(installation)
    read(installation, submission)
    said = page_of(oncologist, submission)
    assert "The same as Heart in other words" in said
    assert "What GTV x is in the protocol" not in said


def test_page__is_whole_in_chinese(oncologist: FlaskClient, installation: Installation) -> None:
    submission = sent(installation)
    read(installation, submission)
    said = page_of(oncologist, submission, "zh-CN")
    for words in (
        "可以提交。",
        "文件内容",
        "4/5 层，层距 3 mm",
        "识别为 CFRT",
        "方案不认识的名称",
        "需要查看",
    ):
        assert words in said, words
    assert "Nothing of this counts" not in said


def test_page__of_files_that_cannot_be_used_says_which_and_offers_no_submitting(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission = sent(installation)
    read(installation, submission, refused=True)
    said = page_of(oncologist, submission)
    assert "Refused: it cannot be used." in said
    assert "It is no DICOM file." in said
    assert "'submission-submit'" not in said
    assert "Discard, choose other files" in said


def test_submit__makes_the_set_a_submission_with_a_receipt(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission = sent(installation)
    read(installation, submission)
    press(oncologist, "submission-before-answer", "submission-submit", submission)
    assert state_of(installation, submission) is SubmissionState.SUBMITTED
    said = page_of(oncologist, submission)
    receipt = submissions.receipt_of(
        installation.db, installation.people["oncologist"], submission_id=submission
    )
    assert receipt.set_sha256 in said


def test_receipt__bears_another_hash_for_other_names(installation: Installation) -> None:
    who, hashes = installation.people["oncologist"], set()
    for names in ([], [GivenName("Herz", "Heart")]):
        submission = sent(installation)
        read(installation, submission)
        naming.name_structures(installation.db, who, read_protocol(), submission_id=submission, names=names)
        hashes.add(submissions.receipt_of(installation.db, who, submission_id=submission).set_sha256)
    assert len(hashes) == 2


def test_discard__gives_the_set_up(oncologist: FlaskClient, installation: Installation) -> None:
    submission = sent(installation)
    read(installation, submission)
    press(oncologist, "submission-discard-answer", "submission-discard", submission, count="submit_n_clicks")
    assert state_of(installation, submission) is SubmissionState.ABANDONED


@pytest.mark.parametrize(
    ("structure", "said"),
    [
        ("Heart", "submission-named"),
        ("Liver", "of the same structure set is Liver already"),
        ("x", "no structure"),
    ],
)
def test_names__are_taken_or_refused_with_the_reason(
    oncologist: FlaskClient, installation: Installation, structure: str, said: str
) -> None:
    submission = sent(installation)
    read(installation, submission)
    values = {
        "submission-name.n_clicks": 1,
        "submission-id.data": submission,
        "submission-shown.data": shown_on(oncologist, submission),
        pattern_key("value", type="given-name", name="Herz"): structure,
        pattern_key("value", type="given-name", name=HOSTILE): None,
    }
    assert said in str(post_callback(oncologist, "submission-name-answer.children", values).get_json())


@pytest.mark.parametrize("login", ["physicist", "staff", "stranger", "investigator"])
def test_a_set_of_somebody_else__is_not_shown_and_cannot_be_submitted(
    sign_in: Person, installation: Installation, login: str
) -> None:
    submission = sent(installation)
    read(installation, submission)
    who, client = installation.people["oncologist"], sign_in(login)
    assert "It can be submitted." not in page_of(client, submission)
    found = prechecks.precheck_of(installation.db, who, submission_id=submission)
    assert found is not None
    press(client, "submission-before-answer", "submission-submit", submission, shown=found.set_sha256)
    assert state_of(installation, submission) is SubmissionState.RECEIVING


def test_check__of_a_killed_worker_says_so_and_waits_for_the_next_one(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission = sent(installation)
    read(installation, submission, end=False)
    jobs.expire_worker(installation.db, worker="test")
    said = page_of(oncologist, submission)
    assert "Waiting for a worker. Attempt 1 of 3 broke off: the worker was lost" in said
    assert "Submit without waiting" in said


def test_files_that_changed__have_to_be_looked_into_again(
    oncologist: FlaskClient, installation: Installation
) -> None:
    submission = sent(installation)
    assert "nobody has looked into them yet" in page_of(oncologist, submission)
    read(installation, submission)
    who = installation.people["oncologist"]
    extra = uploads.begin_file(
        installation.db, installation.store, who, submission_id=submission, name="b.dcm", size_bytes=1
    )
    uploads.append_chunk(
        installation.db,
        installation.store,
        who,
        upload_id=extra.upload_id,
        offset_bytes=0,
        stream=io.BytesIO(b"b"),
    )
    assert "have changed since" in page_of(oncologist, submission)
    press(oncologist, "submission-look-answer", "submission-look", submission)
    assert "Waiting for a worker." in page_of(oncologist, submission)


def test_treatment_records_alone__have_a_board_of_their_own_also_in_arm_b(oncologist: FlaskClient) -> None:
    for path, words in (
        ("/subjects/S01-002/submit", "No plan can be submitted."),
        ("/subjects/S01-002/submit/records", "'data-kind': 'records'"),
        ("/subjects/S01-003/submit/records", "No treatment record can be handed over."),
    ):
        answer = post_callback(oncologist, "..frame-page.children", {"frame-location.pathname": path})
        assert words in str(answer.get_json()["response"]["frame-page"]["children"]), path


def test_content__with_names_of_any_kind_is_kept(installation: Installation) -> None:
    submission = sent(installation)
    who = installation.people["oncologist"]
    ticket = prechecks.request_precheck(installation.db, who, submission_id=submission)
    claim = jobs.claim(installation.db, job_id=ticket.job_id, worker="test")
    assert claim is not None
    strange = RoiSeen("\0\ud800", "?", contoured=True, known_as=())
    sets = (replace(CONTENT.structure_sets[0], rois=(strange,)),)
    work = precheck_results.precheck_work(installation.db, claim=claim)
    assert work is not None
    content = replace(CONTENT, structure_sets=sets)
    precheck_results.note_content(installation.db, claim=claim, work=work, content=content)
    found = prechecks.precheck_of(installation.db, who, submission_id=submission)
    assert found is not None
    assert found.content is not None
    assert found.content.structure_sets[0].rois == (strange,)


def test_treatment_records_alone__are_not_asked_for_the_plans_that_are_on_record(
    oncologist: FlaskClient, installation: Installation
) -> None:
    said = {"severity": "error", "file": None, "element": None, "structure": None, "action": "Hand it over."}
    findings = (
        {**said, "code": "regimen-without-plan", "message": "There is no plan of LDRT"},
        {**said, "code": "truncated", "message": "The file ends in the middle"},
    )
    submission = sent(installation, records_only=True)
    read(installation, submission, report=replace(a_report(seed="a"), findings=findings))
    shown = page_of(oncologist, submission)
    assert "Each record is counted for the plan on record that it names." in shown
    assert "The file ends in the middle" in shown
    assert "There is no plan of LDRT" not in shown


def test_set_that_may_not_be_submitted__shows_no_verdict_beside_the_refusal(
    oncologist: FlaskClient, installation: Installation
) -> None:
    other, job = installation.submit("S01-001", {"b.dcm": b"b"})
    installation.check(job, patient="PID-other")
    installation.confirm(other, patient="PID-other")
    submission = sent(installation)
    read(installation, submission)
    shown = page_of(oncologist, submission)
    assert "Blocked" in shown
    assert "precheck-verdict" not in shown
