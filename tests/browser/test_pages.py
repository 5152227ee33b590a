"""Every page in a real browser: what it shows, and that axe-core finds nothing serious."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import grave, grave_in_both_schemes
from tests.browser.conftest import Served, shot, sign_in_by_the_form
from tests.web.installation import PASSWORD, PATIENT_ID


@pytest.fixture(scope="module")
def with_reports(served: Served) -> dict[str, str]:
    """One submission on record, one that waits for a person."""
    made = {}
    for code, seed, confirmed in (("S01-201", "x", True), ("S01-202", "y", False)):
        served.home.add_subject(code)
        submission_id, job_id = served.home.submit(code, {"a.dcm": seed.encode()})
        served.home.check(job_id, seed=seed, patient=f"PID-{seed}")
        if confirmed:
            served.home.confirm(submission_id, patient=f"PID-{seed}")
        made[code] = submission_id
    return made


@pytest.mark.parametrize(
    ("path", "landmark"),
    [
        ("/", "main .button"),
        ("/plans", ".ag-row"),
        ("/subjects", ".ag-row"),
        ("/subjects/S01-201", "#forms table"),
        ("/subjects/S01-003", "#subject-enrol"),
        ("/subjects/new", ".form input"),
        ("/subjects/S01-003/screening", "#screening-save"),
        ("/subjects/S01-201/submit", "#upload-folder"),
        ("/submissions/S01-201", "#open-report"),
        ("/submissions/S01-202", "#submission-confirm"),
        ("/submissions/S01-201/report", ".js-plotly-plot .trace"),
        ("/no-such-page", "h1"),
    ],
)
def test_page__has_no_serious_accessibility_finding_in_light_and_dark(
    page: Page, with_reports: dict[str, str], path: str, landmark: str
) -> None:
    for code, submission_id in with_reports.items():
        path = path.replace(f"/submissions/{code}", f"/submissions/{submission_id}")
    page.goto(path)
    expect(page.locator(landmark).first).to_be_visible(timeout=20_000)
    assert grave_in_both_schemes(page) == []


def test_sign_in_and_out__by_the_form_and_the_button(page: Page) -> None:
    page.context.clear_cookies()
    sign_in_by_the_form(page, "physicist")
    page.click("#sign-out")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert grave(page) == []


def test_work_list__shows_each_outcome_by_word_and_leads_to_the_report(
    page: Page, with_reports: dict[str, str]
) -> None:
    page.goto("/plans")
    row = page.locator(".ag-row", has_text="S01-201")
    expect(row).to_contain_text("Unacceptable deviation")
    expect(page.locator(".ag-row", has_text="S01-202")).to_contain_text("To be confirmed")
    row.get_by_role("link", name="Unacceptable deviation").click()
    expect(page.locator("#course-verdict")).to_contain_text("Unacceptable deviation")
    assert page.url.endswith(f"/submissions/{with_reports['S01-201']}/report")
    expect(page).to_have_title(re.compile("Report for S01-201"))


def test_report__names_are_text_and_numbers_stay_on_their_side(
    page: Page, with_reports: dict[str, str]
) -> None:
    page.goto(f"/submissions/{with_reports['S01-201']}/report")
    expect(page.locator("tr[data-number='2']")).to_contain_text("20.004")
    expect(page.locator("tr[data-number='2']")).to_contain_text("borderline")
    expect(page.locator("#findings")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("img[src='x']").count() == 0


def test_report__the_table_can_show_only_what_needs_a_look(page: Page, with_reports: dict[str, str]) -> None:
    page.goto(f"/submissions/{with_reports['S01-201']}/report")
    rows = page.locator("#report-criteria tr[data-number]:visible")
    expect(rows).to_have_count(5)
    page.get_by_text(re.compile("Needs a look")).click()
    expect(rows).to_have_count(3)


def test_report__the_plot_follows_the_dose_and_the_structures(
    page: Page, with_reports: dict[str, str]
) -> None:
    page.goto(f"/submissions/{with_reports['S01-201']}/report")
    lines = page.locator(".js-plotly-plot .trace path.js-line")
    expect(lines).to_have_count(2)  # the first plot of a session loads the plotting script
    page.locator("#dvh summary").click()
    page.get_by_role("checkbox", name="SpinalCord").uncheck()
    expect(lines).to_have_count(1)
    page.get_by_role("button", name="None").click()
    expect(lines).to_have_count(0)
    page.get_by_role("button", name="Organs").click()
    expect(lines).to_have_count(2)
    page.keyboard.press("Escape")
    page.get_by_role("checkbox", name="Sum, physical dose").check()
    expect(lines).to_have_count(3)
    page.get_by_role("group", name="Dose axis").get_by_text("%").click()
    expect(page.locator("#report-dvh-missing")).to_contain_text("A sum of plans has no one prescription")
    expect(lines).to_have_count(2)


def test_identity__a_wrong_patient_id_is_refused_and_the_right_one_puts_the_report_on_record(
    page: Page, served: Served
) -> None:
    served.home.add_subject("S01-203")
    submission_id, job_id = served.home.submit("S01-203", {"a.dcm": b"z"})
    served.home.check(job_id, seed="z", patient="PID-z")
    page.goto(f"/submissions/{submission_id}")
    page.fill("#submission-patient-id", PATIENT_ID)
    page.click("#submission-confirm")
    expect(page.locator("#submission-identity-answer")).to_contain_text("not that of these files")
    page.fill("#submission-patient-id", "PID-z")
    page.click("#submission-confirm")
    expect(page.locator("main")).to_contain_text("Course: ")
    page.goto("/subjects/S01-203")
    expect(page.locator("main")).to_contain_text("Unacceptable deviation")
    assert "PID-z" not in page.content()


def test_identity__the_other_button_blocks_the_set(page: Page, served: Served) -> None:
    served.home.add_subject("S01-204")
    submission_id, job_id = served.home.submit("S01-204", {"a.dcm": b"w"})
    served.home.check(job_id, seed="w", patient="PID-w")
    page.goto(f"/submissions/{submission_id}")
    page.click("#submission-reject")
    expect(page.locator("#submission-identity-answer")).to_contain_text("Say why")
    page.fill("#submission-reject-reason", "exported from the wrong record")
    page.click("#submission-reject")
    expect(page.locator("main")).to_contain_text("Blocked")


def test_subject__is_added_enrolled_and_randomised_from_the_pages(page: Page, served: Served) -> None:
    page.goto("/subjects/new")
    page.get_by_label("Subject code").fill("S01-250")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Subject S01-250")).to_be_visible()
    expect(page.locator("main")).to_contain_text("not enrolled")
    expect(page.locator("main")).to_contain_text("No consent is on record")
    served.home.screen_subject("S01-251")
    page.goto("/subjects/S01-251")
    page.click("#subject-enrol")
    page.get_by_role("link", name="Randomise").click()
    expect(page.get_by_role("heading", name="Randomisation", exact=True)).to_be_visible()
    expect(page.locator("main")).to_contain_text("Everything is complete")
    page.get_by_label("Your password").fill("not it")
    page.get_by_role("button", name="Randomise").click()
    expect(page.locator("main")).to_contain_text("is not right")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Randomise").click()
    expect(page.locator("main")).to_contain_text("Arm A")
    page.get_by_role("link", name="To the subject").click()
    expect(page.get_by_role("link", name="Submit plans")).to_be_visible()


def test_subject_in_arm_b__shows_the_refusal_and_no_way_to_submit(page: Page) -> None:
    page.goto("/subjects/S01-002")
    expect(page.locator("main")).to_contain_text("arm B")
    expect(page.get_by_role("link", name="Submit plans")).to_have_count(0)


def test_tablet__no_page_scrolls_sideways(page: Page, with_reports: dict[str, str]) -> None:
    page.set_viewport_size({"width": 820, "height": 1180})
    for path in ("/", "/plans", "/subjects/S01-201", f"/submissions/{with_reports['S01-201']}/report"):
        page.goto(path)
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_lost_session__leads_to_the_sign_in_and_back(page: Page, with_reports: dict[str, str]) -> None:
    page.goto("/plans")
    expect(page.locator(".ag-row").first).to_be_visible()
    page.context.clear_cookies()
    page.get_by_role("link", name="Subjects").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_tablet__value_and_verdict_of_a_criterion_stand_side_by_side(
    page: Page, with_reports: dict[str, str]
) -> None:
    page.set_viewport_size({"width": 820, "height": 1180})
    page.goto(f"/submissions/{with_reports['S01-201']}/report")
    row = page.locator("tr[data-number='3']")
    expect(row).to_be_visible()
    value = row.locator("td", has_text="45.20").bounding_box()
    verdict = row.locator(".verdict-cell").bounding_box()
    assert value is not None
    assert verdict is not None
    assert value["x"] + value["width"] <= verdict["x"] + 1


def test_work_list__keeps_a_persons_filter_and_says_that_rows_are_hidden(
    page: Page, served: Served, with_reports: dict[str, str]
) -> None:
    page.goto("/plans")
    rows = page.locator(".ag-center-cols-container .ag-row")
    expect(rows.filter(has_text="S01-202")).to_have_count(1)
    page.locator(".ag-header-cell[col-id=outcome] .ag-header-icon").first.click()
    page.get_by_label("Filter Value").first.fill("unacceptable")
    expect(rows.filter(has_text="S01-202")).to_have_count(0)
    expect(page.locator("#plans-filtered")).to_contain_text("Filtered by Outcome")
    page.goto("/subjects")
    page.get_by_role("link", name="Work list").click()
    expect(rows.filter(has_text="S01-201")).to_have_count(1)
    expect(rows.filter(has_text="S01-202")).to_have_count(0)
    expect(page.locator("#plans-filtered")).to_contain_text("Filtered by Outcome")
    shot(page, "filtered")
    page.click("#plans-show-all")
    expect(rows.filter(has_text="S01-202")).to_have_count(1)
    expect(page.locator("#plans-filtered")).to_be_empty()
    page.reload()
    expect(rows.filter(has_text="S01-202")).to_have_count(1)
