"""Hostile text in every free field is shown as text: it runs nothing and turns nothing round."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, shot
from tests.web.hostile import TAIL, TURNED, plant
from trial_core.services.form_history import newest_forms

CODE = "S01-811"
TURNED_ROUND = """tail => {
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const at = texts.currentNode.data.indexOf("\\u202e");
    if (at < 0) continue;
    const after = texts.currentNode.data.slice(at + 1);
    const own = getComputedStyle(texts.currentNode.parentElement).unicodeBidi;
    const closed = after.startsWith(tail + "\\u2069");
    if (!closed && (after !== tail || own !== "isolate")) found.push(texts.currentNode.data.slice(0, 200));
  }
  return found;
}"""


@pytest.fixture(scope="module")
def pages(served: Served) -> list[str]:
    """Every page on which the planted texts are read."""
    home = served.home
    home.add_subject(CODE)
    plant(home, CODE)
    submission, job = home.submit(CODE, {TURNED: b"a", "<img src=x>.dcm": b"b"})
    home.check(job, seed="hostile-text", patient="PID-hostile-text")
    forms = newest_forms(home.db, home.people["oncologist"], code=CODE)
    return [
        f"/subjects/{CODE}",
        *(f"/subjects/{CODE}/forms/{each.id}" for each in forms),
        f"/subjects/{CODE}/fraction",
        f"/submissions/{submission}",
        "/plans",
        "/",
    ]


def test_hostile_text__is_text_on_every_page_and_stays_in_its_place(page: Page, pages: list[str]) -> None:
    page.set_viewport_size({"width": 820, "height": 1100})
    seen, turned = 0, {}
    for path in pages:
        page.goto(path)
        expect(page.locator("h1")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert page.locator("img[src='x']").count() == 0, path
        assert page.evaluate("window.hurt") is None, path
        turned[path] = page.evaluate(TURNED_ROUND, TAIL)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        seen += page.locator("main").inner_text().count("\u202e")
        shot(page, f"hostile-{path.strip('/').replace('/', '-') or 'today'}")
    assert {path: texts for path, texts in turned.items() if texts} == {}
    assert seen > 8
