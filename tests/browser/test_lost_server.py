"""A server that cannot be reached for a while: no page stays under another page's address."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Served


def test_page__asked_for_while_the_server_is_away_is_shown_when_it_is_back(
    page: Page, served: Served
) -> None:
    page.goto("/subjects/S01-001")
    expect(page.get_by_role("heading", name="Subject S01-001")).to_be_visible()

    def away(route: Route) -> None:
        route.abort("connectionrefused")

    page.route("**/_dash-update-component*", away)
    page.route("**/subjects", away)
    page.get_by_role("link", name="Subjects").first.click()
    expect(page.locator("#connection-notice")).to_contain_text("You see the page before the one you chose")
    assert page.url.endswith("/subjects")
    page.unroute("**/_dash-update-component*")
    page.unroute("**/subjects")
    expect(page.get_by_role("heading", name="Subjects", exact=True)).to_be_visible(timeout=15_000)
    expect(page.locator("#connection-notice")).to_have_count(0)
