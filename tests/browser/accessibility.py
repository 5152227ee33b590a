"""What axe-core has against a page: nothing serious in light and dark."""

from __future__ import annotations

from functools import cache
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_GRAVE = ("serious", "critical")
_ALL: dict[str, Any] = {"resultTypes": ["violations"]}
_COLOURS: dict[str, Any] = {
    **_ALL,
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}


def grave(page: Page, *, options: dict[str, Any] = _ALL) -> list[str]:
    """Name what is serious or critical on a page as it is now, with the first places."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(_axe().axe_script)
    found: list[dict[str, Any]] = page.evaluate("options => axe.run(options)", options)["violations"]
    return [
        f"{each['id']}: {[node['html'][:200] for node in each['nodes']][:3]}"
        for each in found
        if each["impact"] in _GRAVE
    ]


def grave_in_both_schemes(page: Page) -> list[str]:
    """Name what is grave in dark, then in light, as the page is left; of two schemes only colours differ."""
    show(page, "dark")
    found = [f"dark: {each}" for each in grave(page)]
    show(page, "light")
    return found + [f"light: {each}" for each in grave(page, options=_COLOURS)]


def show(page: Page, scheme: str) -> None:
    """Show a page in light or dark."""
    page.evaluate(f"document.documentElement.setAttribute('data-mantine-color-scheme', '{scheme}')")


def scrolls_sideways(page: Page) -> bool:
    """Tell whether something lies beside the page."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


@cache
def _axe() -> Axe:
    return Axe()
