"""Whose files, on the page: why a person is asked, how a wrong word is taken back; a check tried again."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, shot
from trial_core.domain.jobs import ATTEMPTS_CAP
from trial_core.services import jobs, submissions, uploads


def _checked(served: Served, code: str, seed: str) -> str:
    submission_id, job_id = served.home.submit(code, {f"{seed}.dcm": seed.encode()})
    served.home.check(job_id, seed=seed, patient=f"PID-{code}")
    return submission_id


def test_a_wrongly_confirmed_set__is_taken_off_the_record_after_a_second_question(
    page: Page, served: Served
) -> None:
    served.home.add_subject("S01-401")
    submission_id = _checked(served, "S01-401", "q1")
    served.home.confirm(submission_id, patient="PID-S01-401")
    later = _checked(served, "S01-401", "q2")
    page.goto(f"/submissions/{submission_id}")
    page.get_by_text("Another patient's files after all?").click()
    shot(page, "take-back")
    page.fill("#submission-withdraw-reason", "exported from the wrong record")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.click("#submission-withdraw-button")
    expect(page.get_by_role("link", name="Open the report")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#submission-withdraw-button")
    expect(page.locator("main")).to_contain_text("No verdict of this set counts any more")
    expect(page.get_by_role("link", name="Open the report")).to_have_count(0)
    shot(page, "taken-back")
    page.goto("/subjects/S01-401")
    row = page.locator("main tbody tr", has_text="Version 1")
    expect(row).to_contain_text("another patient's files")
    expect(row).not_to_contain_text("deviation")
    expect(page.locator("main tbody tr", has_text="Version 2")).to_contain_text("To be confirmed")
    shot(page, "subject-taken-back")
    page.goto(f"/submissions/{later}")
    expect(page.locator("main")).to_contain_text("turned out to be another patient's")
    shot(page, "in-doubt")


def test_a_wrong_patient_id__can_be_given_five_times(page: Page, served: Served) -> None:
    served.home.add_subject("S01-402")
    page.goto(f"/submissions/{_checked(served, 'S01-402', 'q3')}")
    expect(page.locator("main")).to_contain_text("No set of this subject is confirmed")
    for left in ("4 more times", "3 more times", "2 more times", "1 more time.", "cannot answer"):
        page.fill("#submission-patient-id", f"guess {left}")
        page.click("#submission-confirm")
        expect(page.locator("#submission-identity-answer")).to_contain_text(left)
    page.fill("#submission-patient-id", "PID-S01-402")
    page.click("#submission-confirm")
    expect(page.locator("#submission-identity-answer")).to_contain_text("5 times")
    shot(page, "too-many-answers")


def test_a_failed_check__is_tried_again_from_the_page(page: Page, served: Served) -> None:
    served.home.add_subject("S01-403")
    submission_id, job_id = served.home.submit("S01-403", {"a.dcm": b"no DICOM"})
    for _ in range(ATTEMPTS_CAP):
        # Claimed before the reconciler rings the real worker, which would find that it is no DICOM.
        assert jobs.claim(served.home.db, job_id=job_id, worker="a test's own")
        jobs.expire_worker(served.home.db, worker="a test's own")
    page.goto(f"/submissions/{submission_id}")
    expect(page.locator("main")).to_contain_text("Check failed")
    shot(page, "failed")
    page.click("#submission-again")
    expect(page.locator("main")).to_contain_text("Refused: cannot be used", timeout=60_000)
    shot(page, "refused")


def test_an_upload_of_a_colleague__shows_whose_it_is(page: Page, served: Served) -> None:
    served.home.add_subject("S01-404")
    colleague = served.home.people["physicist"]
    submission_id = uploads.begin_submission(served.home.db, colleague, subject_code="S01-404")
    page.goto(f"/submissions/{submission_id}")
    expect(page.locator("main")).to_contain_text("Only Physicist, who began it, can go on with it")
    expect(page.get_by_role("link", name="Go on with the upload")).to_have_count(0)
    assert not submissions.submission_view(
        served.home.db, served.home.people["oncologist"], submission_id=submission_id
    ).may_send
