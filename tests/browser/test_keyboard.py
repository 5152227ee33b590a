"""The pages by keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Served


def test_navigation__takes_the_focus_to_the_new_page(page: Page, served: Served) -> None:
    page.goto("/subjects")
    link = page.get_by_role("link", name="S01-001")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Subject S01-001")).to_be_visible()
    expect(page.locator("#frame-page")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("main a").first).to_be_focused()
