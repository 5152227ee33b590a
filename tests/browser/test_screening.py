"""A new subject from registration to enrolment in the run-in, through the pages alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import grave_in_both_schemes
from tests.browser.conftest import Served, person, serving, shot
from tests.trial_core.enrolling import good_answers, protocol_of
from tests.web.installation import PASSWORD, build_in_run_in, open_installation
from trial_core.services.conduct_of import conduct_of

TODAY = datetime.now(UTC).date().isoformat()
"""No screening ends before its subject was registered."""
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def in_run_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served installation whose run-in recruits and has no subject."""
    folder = tmp_path_factory.mktemp("run-in")
    with serving(folder, open_installation(folder, build_in_run_in(folder))) as running:
        yield running


def _consent(page: Page) -> None:
    page.click("#screening-consent-add")
    expect(page.locator("#screening-consent-answer")).to_contain_text("Choose it")
    page.get_by_label("1.0 (in use from 2020-01-01)").check()
    page.click("#screening-consent-add")
    expect(page.locator("#screening-consent-answer")).to_contain_text("the date is missing")
    page.fill("#screening-consent-on", "2026-02-30")
    page.click("#screening-consent-add")
    expect(page.locator("#screening-consent-answer")).to_contain_text("no date")
    page.fill("#screening-consent-on", "2021-03-04")
    page.click("#screening-consent-add")
    expect(page.locator("#screening-consent")).to_contain_text("2021-03-04")


def _answer(page: Page) -> None:
    """Answer every question so that the subject may enter."""
    questions = conduct_of(protocol_of()).questions
    for number, given in enumerate(good_answers(protocol_of())):
        group = page.get_by_role("radiogroup", name=questions[number].text)
        group.get_by_label(given.answer.value.capitalize(), exact=True).check()
        if given.value is not None:
            page.fill(f"#screening-value-{number}", f"{given.value:g}")


def _save(page: Page, version: int) -> None:
    page.click("#screening-save")
    expect(page.locator("main")).to_contain_text(f"Version {version} is on record")


def _sign(page: Page) -> None:
    page.goto("/subjects/S01-301/screening")
    page.fill("#screening-password", "not it at all")
    page.click("#screening-sign")
    expect(page.locator("#screening-sign-answer")).to_contain_text("Not signed")
    page.fill("#screening-password", PASSWORD)
    page.click("#screening-sign")
    stands = page.locator(".notice", has_text="Signature stands")
    expect(stands).to_contain_text("Signed by Investigator (investigator)")


def test_new_subject__is_taken_from_registration_to_enrolment_in_the_run_in(
    browser: Browser, in_run_in: Served
) -> None:
    staff = person(browser, in_run_in, "oncologist")
    staff.goto("/subjects/new")
    staff.get_by_label("Subject code").fill("S01-301")
    staff.keyboard.press("Enter")
    staff.get_by_role("link", name="Complete the screening").click()
    expect(staff.get_by_role("heading", name="Screening", exact=True)).to_be_visible()
    _consent(staff)
    _answer(staff)
    assert grave_in_both_schemes(staff) == []
    _save(staff, 1)
    investigator = person(browser, in_run_in, "investigator")
    _sign(investigator)
    shot(investigator, "screening-signed")
    _correct_and_sign_again(staff, investigator)
    staff.goto("/subjects/S01-301")
    staff.click("#subject-enrol")
    expect(staff.locator("#who")).to_contain_text("Enrolled")
    expect(staff.locator("#who")).to_contain_text("IIa")


def _correct_and_sign_again(staff: Page, investigator: Page) -> None:
    """A correction needs its reason and voids the signature; whoever saw the old version signs nothing."""
    staff.goto("/subjects/S01-301/screening")
    staff.fill("#screening-value-0", "70")
    staff.click("#screening-save")
    expect(staff.locator("#screening-save-answer")).to_contain_text("Say why it is changed")
    staff.fill("#screening-reason", HOSTILE)
    _save(staff, 2)
    expect(staff.locator("main")).to_contain_text("VOID: the content was changed")
    shot(staff, "screening-void")
    staff.goto("/subjects/S01-301")
    expect(staff.locator("main")).to_contain_text("the signature on it is void")
    _sign(investigator)
    assert grave_in_both_schemes(investigator) == []


def test_screening_failure__shows_its_criterion_and_hostile_words_as_text(
    browser: Browser, in_run_in: Served
) -> None:
    page = person(browser, in_run_in, "staff")
    page.goto("/subjects/new")
    page.get_by_label("Subject code").fill("S01-302")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Subject S01-302")).to_be_visible()
    page.goto("/subjects/S01-302/screening")
    page.get_by_role("radiogroup", name="ECOG").get_by_label("No", exact=True).check()
    page.fill("#screening-value-2", "3")
    page.fill("#screening-fail-on", TODAY)
    page.click("#screening-fail")
    expect(page.locator("#screening-fail-answer")).to_contain_text("Save them")
    _save(page, 1)
    page.fill("#screening-fail-on", TODAY)
    page.fill("#screening-fail-words", HOSTILE)
    page.click("#screening-fail")
    expect(page.locator(".facts").last).to_contain_text("ECOG")
    expect(page.locator(".facts").last).to_contain_text(HOSTILE)
    assert page.locator("img[src='x']").count() == 0
    assert grave_in_both_schemes(page) == []
    shot(page, "screening-failed")
    page.fill("#screening-reopen-reason", "the wrong subject")
    page.click("#screening-reopen")
    expect(page.locator("#screening-fail")).to_be_visible()
