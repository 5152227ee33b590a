"""Pages on paper: A4, figures as wide as the sheet, nothing of the screen's frame, and back again."""

from __future__ import annotations

import io

from playwright.sync_api import Page, expect
from pypdf import PdfReader

SHEET_PX = 688
"""A4 less its margins, as a browser measures it."""
PLOT = ".js-plotly-plot .main-svg >> nth=0"


def _width_px(page: Page) -> float:
    box = page.locator(PLOT).bounding_box()
    assert box is not None
    return box["width"]


def test_subject__is_printed_on_a4_with_its_figure_whole_and_its_lists_to_the_end(page: Page) -> None:
    page.goto("/subjects/S01-001")
    expect(page.locator(PLOT)).to_be_visible()
    on_screen_px = _width_px(page)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert _width_px(page) <= SHEET_PX < on_screen_px
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.wait_for_timeout(300)
    assert _width_px(page) == on_screen_px
    reader = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert {(round(each.mediabox.width), round(each.mediabox.height)) for each in reader.pages} == {
        (595, 842)
    }
    text = " ".join(each.extract_text() for each in reader.pages)
    for words in ("S01-001", "Time line", "Populations", "Forms on record"):
        assert words in text, words
    assert "Sign out" not in text
