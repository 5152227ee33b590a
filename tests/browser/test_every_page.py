"""Every address of the application in Chinese on a tablet, light or dark: whole, local, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import grave, scrolls_sideways, show
from tests.browser.conftest import Served, close, shot, sign_in
from tests.web.installation import PASSWORD
from tests.web.page_values import addresses
from trial_core.domain.access import SYSTEM, Role
from trial_core.services import accounts
from trial_core.services.form_history import newest_forms

CODE = "S01-821"
REVIEWER = "every-page-reviewer"
WAITING = "S01-003"
OUT_OF_REACH = """() => {
  const fields = "main a[href], main button, main input, main textarea, main summary";
  const behind = ".modebar, [aria-hidden=true], .ag-root-wrapper, .mantine-CloseButton-root";
  const shown = each => each.offsetParent !== null && !each.disabled && each.type !== "radio";
  return [...document.querySelectorAll(fields)]
    .filter(each => shown(each) && each.tabIndex < 0 && !each.closest(behind))
    .map(each => each.outerHTML.slice(0, 160));
}"""


@pytest.fixture(scope="module")
def pages(served: Served) -> dict[str, list[str]]:
    """Whose pages are looked at, and which: each address by somebody who sees it."""
    home = served.home
    home.add_subject(CODE)
    accounts.create_user(
        home.db,
        SYSTEM,
        login=REVIEWER,
        password=PASSWORD,
        role=Role.CENTRAL_REVIEWER,
        full_name="Reviewer",
        site_code=None,
    )
    submission, job = home.submit(CODE, {"every-page.dcm": b"every page"})
    home.check(job, seed="every-page", patient="PID-every-page")
    home.confirm(submission, patient="PID-every-page")
    forms = newest_forms(home.db, home.people["staff"], code=CODE)
    fields = {
        "code": CODE,
        "submission_id": submission,
        "cut_id": "0" * 32,
        "phase": "IIb",
        "form_id": forms[0].id,
        "term": "fatigue",
    }
    found: dict[str, list[str]] = {
        "investigator": [],
        REVIEWER: [],
        "statistician": [],
        "admin": [],
    }
    for path in (*addresses(fields), f"/subjects/{WAITING}", f"/subjects/{WAITING}/screening"):
        found[_seen_by(path)].append(path)
    return found


def _seen_by(path: str) -> str:
    if path.startswith("/operations"):
        return "admin"
    if path.startswith(("/outcomes", "/study", "/toxicity", "/populations")):
        return "statistician"
    return REVIEWER if path.startswith("/submissions") else "investigator"


@pytest.fixture
def tablet(browser: Browser, served: Served) -> Iterator[Page]:
    """A Chinese browser on a tablet; a script error or a request to another host fails its test."""
    context = browser.new_context(
        viewport={"width": 820, "height": 1100},
        base_url=served.url,
        locale="zh-CN",
        reduced_motion="reduce",
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if "Security Policy" in said.text else None)
    page.on("request", lambda sent: problems.append(sent.url) if _is_elsewhere(sent.url, served) else None)
    yield page
    close(context)
    assert problems == []


@pytest.mark.parametrize("login", ["investigator", REVIEWER, "statistician", "admin"])
def test_page__is_local_whole_and_reached_by_keyboard(
    tablet: Page, pages: dict[str, list[str]], login: str
) -> None:
    sign_in(tablet, login)
    assert pages[login]
    schemes = cycle(("dark", "light"))
    found = {path: list(_problems(tablet, path, next(schemes))) for path in pages[login]}
    wrong = {path: problems for path, problems in found.items() if problems}
    assert wrong == {}


A_GRID_SCROLLS_SIDEWAYS = """() => [...document.querySelectorAll(".ag-center-cols-viewport")].some(
  (rows) => rows.scrollWidth > rows.clientWidth
)"""
GRIDS_ARE_DRAWN = """() => [...document.querySelectorAll(".ag-root")].every(
  (grid) => grid.querySelector(".ag-header-row [role=columnheader]")
)"""


def _problems(page: Page, path: str, scheme: str) -> Iterator[str]:
    page.goto(path)
    expect(page.locator("main h1")).to_be_visible()
    page.wait_for_function(GRIDS_ARE_DRAWN)
    if scrolls_sideways(page):
        yield "it scrolls sideways"
    if page.evaluate(A_GRID_SCROLLS_SIDEWAYS):
        yield "a grid scrolls sideways"
    yield from page.evaluate(OUT_OF_REACH)
    show(page, scheme)
    yield from _lasting(page)
    shot(page, f"zh-tablet-{path.strip('/').replace('/', '-') or 'today'}"[:100])


def _lasting(page: Page) -> list[str]:
    """Give what is grave and stays: a grid lays its columns out once more while axe reads it."""
    if not grave(page):
        return []
    page.wait_for_timeout(1_000)
    return grave(page)


def _is_elsewhere(url: str, served: Served) -> bool:
    return not url.startswith((served.url, "data:", "blob:"))
