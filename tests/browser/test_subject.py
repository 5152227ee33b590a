"""A subject's page and its forms, walked by who fills them in: from the baseline to a serious event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import grave_in_both_schemes
from tests.browser.conftest import Served, person, shot

TODAY = datetime.now(UTC).date().isoformat()
SUBJECT = "/subjects/S01-001"


@pytest.fixture
def investigator(browser: Browser, served: Served) -> Iterator[Page]:
    page = person(browser, served, "investigator")
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    page.context.close()
    assert problems == []


def test_course_of_a_subject__is_entered_corrected_and_seen_on_one_time_line(investigator: Page) -> None:
    page = investigator
    page.goto(SUBJECT)
    expect(page.get_by_role("heading", name="Time line")).to_be_visible()
    _baseline(page)
    _visit(page)
    _adverse_event(page)
    page.goto(SUBJECT)
    expect(page.locator("#subject-time-line .js-plotly-plot")).to_be_visible()
    expect(page.locator("#subject-time-line")).to_contain_text("Pneumonitis")
    expect(page.locator("#subject-time-line")).to_contain_text("PR")
    page.get_by_text("The time line as a table").click()
    expect(page.get_by_role("cell", name="Tumour assessment week 6: PR")).to_be_visible()
    assert grave_in_both_schemes(page) == []
    shot(page, "subject")
    page.set_viewport_size({"width": 820, "height": 1100})
    page.reload()
    expect(page.locator("#subject-time-line .js-plotly-plot")).to_be_visible()
    shot(page, "subject-tablet")
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide


def _baseline(page: Page) -> None:
    page.get_by_role("link", name="Baseline scan and lesions").click()
    page.get_by_label("Day of the baseline scan").fill(TODAY)
    page.get_by_label("Yes", exact=True).check()
    first = page.get_by_role("group", name="Lesion 1")
    first.get_by_label("Name").fill("T1")
    first.get_by_label("Organ").fill("lung")
    first.get_by_role("textbox", name="Followed as").click()
    page.get_by_role("option", name="target", exact=True).click()
    first.get_by_label("Diameter (mm)").fill("30,5")
    expect(first).to_contain_text("Write it with a point")
    first.get_by_label("Diameter (mm)").fill("30")
    first.get_by_label("Slice thickness (mm)").fill("3")
    expect(page.get_by_role("group", name="Lesion 2")).to_be_hidden()
    assert grave_in_both_schemes(page) == []
    shot(page, "subject-baseline")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Version 1 is on record")


def _visit(page: Page) -> None:
    page.goto(f"{SUBJECT}/visit")
    page.get_by_label("Day of the examination").fill(TODAY)
    lesion = page.get_by_role("group", name="T1 · lung")
    expect(lesion).to_contain_text("Baseline 30 mm")
    lesion.get_by_label("Long axis (mm)").fill("28")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Derived response")).to_be_visible()
    lesion.get_by_label("Long axis (mm)").fill("20")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".form").first).to_contain_text("This is missing")
    page.get_by_label("Reason for the change").fill("read off the wrong lesion")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Version 2 is on record")
    expect(page.locator(".versions")).to_contain_text("28 mm → 20 mm")
    expect(page.locator("main")).to_contain_text("-33.3 % from baseline")
    assert grave_in_both_schemes(page) == []
    shot(page, "subject-visit")


def _adverse_event(page: Page) -> None:
    page.goto(f"{SUBJECT}/adverse-event")
    term = page.get_by_role("textbox", name="Term")
    term.click()
    term.fill("pneumonit")
    page.get_by_role("option", name="Pneumonitis").click()
    page.get_by_role("button", name="Go on").click()
    onset = page.get_by_role("group", name="Onset")
    onset.get_by_label("Date").fill(TODAY)
    onset.get_by_role("textbox", name="Grade").click()
    page.get_by_role("option", name="3", exact=True).click()
    page.get_by_label("Serious").check()
    assert grave_in_both_schemes(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Serious event: running")
    page.get_by_label("Day on which the site knew of it (UTC)").fill(TODAY)
    page.get_by_label("Time (UTC)").fill("00:00")
    page.get_by_label("What happened").fill("<img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Report").click()
    expect(page.locator("main")).to_contain_text("Serious event: reported in time")
    expect(page.get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible()
    assert grave_in_both_schemes(page) == []
    shot(page, "subject-serious")
