"""Operations as the administrator walks it: the trail verified, an account made, its password told once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import grave_in_both_schemes, scrolls_sideways
from tests.browser.conftest import Served, person, shot


def _accessible(page: Page) -> None:
    assert grave_in_both_schemes(page) == []
    assert not scrolls_sideways(page)


@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.long), 820])
def test_administrator__verifies_the_trail_and_makes_an_account(
    browser: Browser, served: Served, width: int
) -> None:
    page = person(browser, served, "admin", width)
    page.goto("/")
    page.get_by_role("link", name="Operations").click()
    page.get_by_role("button", name="Verify it now").click()
    expect(page.get_by_text("The chain is whole.")).to_be_visible()
    _accessible(page)
    shot(page, f"operations-{width}")
    page.get_by_role("link", name="Accounts and sites").click()
    page.get_by_role("textbox", name="User name").fill(f"monitor.{width}")
    page.get_by_role("textbox", name="Full name").fill("Mo Nitor")
    page.get_by_role("textbox", name="Role").first.click()
    page.get_by_role("option", name="Monitor").click()
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_text(f"account monitor.{width}, one-time password")).to_be_visible()
    _accessible(page)
    shot(page, f"accounts-{width}")
    page.context.close()


def test_administrator__searches_the_audit_trail(browser: Browser, served: Served) -> None:
    page = person(browser, served, "admin", 820)
    page.goto("/operations/audit")
    found = page.get_by_role("region", name="What was found")
    expect(found.locator("tbody tr").first).to_be_visible()
    expect(page.get_by_text("your role sees nothing clinical")).to_be_visible()
    page.get_by_role("textbox", name="User name").fill("<img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Search", exact=True).dblclick()
    expect(found.get_by_text("No entry fits.")).to_be_visible()
    _accessible(page)
    page.get_by_role("textbox", name="User name").fill("admin")
    page.get_by_role("textbox", name="User name").press("Tab")
    page.get_by_role("button", name="Search", exact=True).press("Enter")
    expect(found.locator("tbody tr").first).to_contain_text("admin")
    with page.expect_download() as file:
        found.get_by_role("link", name="All of it as CSV").click()
    assert "admin" in file.value.path().read_text("utf-8-sig")
    _accessible(page)
    shot(page, "audit-search")
    page.context.close()
