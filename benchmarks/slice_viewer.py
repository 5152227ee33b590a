"""`python -m benchmarks.slice_viewer`: how long a change of slice takes until it is painted, in Chromium.

From the key's event to the end of the frame that shows the new slice, as the viewer's user timing says
(`dosegate-slice`), with the server on the same machine: CT 512 x 512 x 150, physical sum as a wash with
seven isodoses, all the protocol's outlines, three views on the page. Scrolling finds slices that were fetched
ahead; jumps by ten find none. Beside it, the same slices drawn by Plotly with all of it in the browser.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.inputs import synthetic_course
from benchmarks.plotly_slices import plotly_page
from tests.browser.conftest import BINARIES, FLAGS, Served, serving, sign_in
from tests.support.small_course import read_files
from tests.web.installation import build, open_installation
from workers.jobs import run_job
from workers.workplace import Workplace

CHANGES = 40
PAUSE_MS = 120
"""About as fast as a person turns a wheel and looks."""
VIEWS = ("axial", "coronal", "sagittal")


def main() -> int:
    """Serve a checked course, scroll through it, print the table."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = open_installation(Path(folder), build(Path(folder)))
        submission_id, job_id = home.submit("S01-001", read_files(synthetic_course()))
        run_job(Workplace(home.settings, home.db, home.store), job_id)
        browser = playwright.chromium.launch(executable_path=_chromium(), args=list(FLAGS))
        with serving(Path(folder), home) as served:
            _ours(browser, served, submission_id)
        _plotly(browser, plotly_page(home, submission_id, CHANGES, Path(folder)))
        browser.close()
    return 0


def _chromium() -> str | None:
    return next((path for name in BINARIES if (path := shutil.which(name))), None)


def _ours(browser: Browser, served: Served, submission_id: str) -> None:
    page = browser.new_page(base_url=served.url, viewport={"width": 1280, "height": 900})
    sign_in(page, "oncologist")
    for view in VIEWS:
        for words, keys in (("scrolling", ["ArrowUp"] * CHANGES), ("jumps of ten", _jumps())):
            page.goto(f"/submissions/{submission_id}/slices")
            page.wait_for_selector(f".viewer-{view} canvas[width]")
            page.locator(f".viewer-{view}").focus()
            page.keyboard.press("Home")
            page.wait_for_timeout(500)
            _print(f"Dosegate, {view}, {words}", _changes(page, keys))
    page.close()


def _jumps() -> list[str]:
    """To and fro over slices that were not seen before, each jump past what was fetched ahead."""
    return [*["PageUp"] * 14, "ArrowUp", "ArrowUp", "ArrowUp", *["PageDown"] * 13]


def _changes(page: Page, keys: list[str]) -> list[float]:
    page.evaluate("performance.clearMeasures()")
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(PAUSE_MS)
    page.wait_for_timeout(500)
    found: list[float] = page.evaluate("performance.getEntriesByName('dosegate-slice').map(e => e.duration)")
    return found


def _plotly(browser: Browser, address: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address.as_uri())
    page.wait_for_selector("body[data-done]", timeout=120_000)
    _print("Plotly, axial, all of it in the browser", page.evaluate("window.durations"))
    page.close()


def _print(words: str, durations_ms: list[float]) -> None:
    nearly_all = sorted(durations_ms)[int(0.95 * (len(durations_ms) - 1))]
    print(
        f"{words:45} n {len(durations_ms):3}  median {statistics.median(durations_ms):6.1f} ms  "
        f"95 % {nearly_all:6.1f} ms  most {max(durations_ms):6.1f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
