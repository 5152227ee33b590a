"""The case in a real browser: a row is looked at, and the plot and the slices show it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import grave, scrolls_sideways, show
from tests.browser.conftest import Served, shot
from tests.web.kept_pictures import keep_pictures


@pytest.fixture(scope="module")
def case(served: Served) -> str:
    """The address of a checked course with pictures."""
    served.home.add_subject("S01-420")
    submission_id, job_id = served.home.submit("S01-420", {"a.dcm": b"case"})
    served.home.check(job_id, seed="c", patient="PID-c")
    keep_pictures(served.home, submission_id)
    return f"/submissions/{submission_id}"


@pytest.fixture
def opened(page: Page, case: str) -> Page:
    page.goto(f"{case}/report")
    expect(page.locator(".viewer-axial .viewer-readout")).to_contain_text("Gy")
    expect(page.locator(".js-plotly-plot .trace").first).to_be_visible(timeout=20_000)
    return page


def test_row__is_marked_in_the_plot_and_sends_the_slices_to_its_spot(opened: Page) -> None:
    row = opened.locator("tr[data-number='3']")
    row.get_by_text("45.20").click()
    expect(row).to_have_class("verdict-row-unacceptable_deviation is-chosen")
    expect(row.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    expect(opened.locator("#report-chosen-words")).to_contain_text("3. SpinalCord D0.03cc[Gy]")
    expect(opened.locator("#report-dvh .annotation-text").first).to_contain_text("D0.03cc[Gy] = 45.20 Gy")
    expect(opened.locator(".viewer-status")).to_contain_text("No outline of SpinalCord is kept")
    shot(opened, "case-row")


def test_rows__are_walked_by_the_keyboard(opened: Page) -> None:
    opened.locator("tr[data-number='1'] button").focus()
    opened.keyboard.press("Enter")
    expect(opened.locator("#report-chosen-words")).to_contain_text("1. Lungs Mean[Gy]")
    opened.keyboard.press("ArrowDown")
    expect(opened.locator("#report-chosen-words")).to_contain_text("2. Lungs V20Gy[%]")
    expect(opened.locator("tr.is-chosen")).to_have_count(1)
    expect(opened.locator("tr[data-number='2'] button")).to_be_focused()


def test_slices__go_over_the_whole_window_and_back_with_one_key(opened: Page) -> None:
    expect(opened.locator(".viewer-coronal")).to_be_hidden()
    opened.get_by_role("button", name="All views").click()
    expect(opened.locator(".viewer-coronal")).to_be_visible()
    assert grave(opened) == []
    opened.keyboard.press("Escape")
    expect(opened.locator(".viewer-coronal")).to_be_hidden()
    expect(opened.get_by_role("button", name="All views")).to_be_focused()


def test_case__has_no_serious_finding_with_a_row_looked_at_in_dark_and_on_a_tablet(opened: Page) -> None:
    opened.locator("tr[data-number='2'] button").click()
    expect(opened.locator("#report-chosen-words")).to_contain_text("V20Gy")
    opened.locator("#dvh summary").click()
    assert grave(opened) == []
    show(opened, "dark")
    opened.set_viewport_size({"width": 820, "height": 1180})
    assert grave(opened) == []
    assert not scrolls_sideways(opened)
    shot(opened, "case-tablet-dark")


def test_printed__the_case_holds_its_numbers_and_none_of_its_switches(opened: Page) -> None:
    opened.emulate_media(media="print")
    expect(opened.locator("tr[data-number='3']")).to_be_visible()
    for switch in ("#slices", "#report-doses", ".case-nav", ".case-menu"):
        expect(opened.locator(switch)).to_be_hidden()
