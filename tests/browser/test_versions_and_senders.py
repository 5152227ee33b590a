"""Versions of the protocol, senders, and sets that wait to be submitted, walked as their people do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import grave_in_both_schemes, scrolls_sideways, show
from tests.browser.conftest import Served, shot, sign_in
from tests.trial_core.protocols.amended import CORD, LIVER, amended
from tests.web.test_today_sets import checked_set
from trial_core.services import protocol_versions

CODE = "S01-871"
CHANGED = ((CORD, CORD.replace("45", "40")), (LIVER, ""), ("at_most_mm: 3.0", "at_most_mm: 2.5"))


@pytest.fixture(params=[pytest.param(1280, marks=pytest.mark.long), 820])
def wide(request: pytest.FixtureRequest, browser: Browser, served: Served) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": request.param, "height": 900}, base_url=served.url, reduced_motion="reduce"
    )
    page = context.new_page()
    yield page
    context.close()


def _look(page: Page, name: str) -> None:
    """Nothing serious in light or dark, nothing beside the page; a picture of both."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert grave_in_both_schemes(page) == []
    for scheme in ("dark", "light"):
        show(page, scheme)
        shot(page, f"{name}-{width}-{scheme}")
    assert not scrolls_sideways(page)


def test_administrator__reads_what_an_amendment_changed(wide: Page, served: Served) -> None:
    home = served.home
    protocol_versions.record_protocol(
        home.db, home.people["admin"], data=amended(*CHANGED, version="0.9"), file="scr_escc_01.yaml"
    )
    sign_in(wide, "admin")
    wide.goto("/")
    wide.get_by_role("link", name="Operations").click()
    wide.get_by_role("link", name="Versions of the protocol").click()
    expect(wide.get_by_role("heading", name="Versions of the protocol")).to_be_visible()
    expect(wide.get_by_text("SpinalCord D0.03cc[Gy]")).to_be_visible()
    expect(wide.get_by_text("3 changes")).to_be_visible()
    _look(wide, "protocols")
    wide.get_by_role("textbox", name="From version").click()
    wide.get_by_role("option", name="SCR-ESCC-01 0.9").click()
    expect(wide.get_by_text("This is one and the same version.")).to_be_visible()
    with wide.expect_download() as kept:
        wide.get_by_role("link", name="Download scr_escc_01.yaml").first.click()
    assert kept.value.suggested_filename.startswith("SCR-ESCC-01-0.9-")


def test_administrator__adds_and_retires_a_sender(wide: Page) -> None:
    width = wide.viewport_size["width"] if wide.viewport_size else 0
    title = f"BROWSER{width}"
    sign_in(wide, "admin")
    wide.goto("/operations/senders")
    wide.get_by_role("textbox", name="AE title").fill(title)
    wide.get_by_role("textbox", name="Site").click()
    wide.get_by_role("option", name="S01").click()
    wide.get_by_role("textbox", name="Calls from").fill("10.1.2.3")
    wide.get_by_role("textbox", name="Reason").first.fill("new planning system")
    wide.get_by_role("button", name="Add the sender").click()
    row = wide.get_by_role("row", name=title)
    expect(row.get_by_text("May send")).to_be_visible()
    _look(wide, "senders")
    wide.get_by_role("textbox", name="Sender").click()
    wide.get_by_role("option", name=title).click()
    wide.get_by_role("textbox", name="Reason").last.fill("replaced")
    wide.get_by_role("button", name="Retire the sender").click()
    expect(row.get_by_text("Retired on")).to_be_visible()


@pytest.fixture(scope="module")
def waiting(served: Served) -> str:
    """A set of the oncologist's, checked and not submitted."""
    served.home.add_subject(CODE)
    return checked_set(served.home, CODE, seed="browser-waits", patient="PID-browser-waits")


def test_oncologist__sees_today_which_sets_wait_to_be_submitted(wide: Page, waiting: str) -> None:
    sign_in(wide, "oncologist")
    wide.goto("/")
    card = wide.locator("#sets")
    expect(card.get_by_text("Look at the result and submit").first).to_be_visible()
    _look(wide, "today-sets")
    card.get_by_role("link", name=CODE).click()
    wide.wait_for_url(f"**/submissions/{waiting}")
    expect(wide.locator("main h1")).to_contain_text(CODE)
