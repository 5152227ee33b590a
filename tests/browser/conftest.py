"""A served installation with its worker, and a Chromium that nobody watches but the tests."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    StorageState,
    expect,
    sync_playwright,
)

from tests.web.installation import PASSWORD, Installation, build, open_installation

BINARIES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
)
START_S = 120
_FORM_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
CLOSE_S = 60
# What a page shows in the end is tested, not how soon on a machine that others use.
expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Served:
    """A running server: where it is, what it serves, and its process."""

    url: str
    home: Installation
    process: subprocess.Popen[bytes]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`dosegate serve` with its own worker, as a user starts it."""
    folder = tmp_path_factory.mktemp("served")
    with serving(folder, open_installation(folder, build(folder))) as running:
        yield running


@contextmanager
def serving(folder: Path, home: Installation) -> Iterator[Served]:
    """Serve an installation, and stop the server at the end."""
    port = _free_port()
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            (sys.executable, "-m", "cli.main", "serve", "--port", str(port)),
            env={**os.environ, "DOSEGATE_DATA": str(folder)},
            stdout=output,
            stderr=output,
        )
        try:
            _wait_until_it_answers(f"http://127.0.0.1:{port}/sign-in", process, log)
            yield Served(f"http://127.0.0.1:{port}", home, process)
        finally:
            process.terminate()
            process.wait(60)
            home.db.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = next((path for name in BINARIES if (path := shutil.which(name))), None)
        launched = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def signed_in(browser: Browser, served: Served) -> StorageState:
    """The cookies of an oncologist who has signed in through the form."""
    context = browser.new_context(base_url=served.url)
    sign_in_by_the_form(context.new_page(), "oncologist")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(browser: Browser, served: Served, signed_in: StorageState) -> Iterator[Page]:
    """A signed-in page at 1280 px; a script error or a blocked script fails its test."""
    with watched(browser, served, signed_in) as one:
        yield one


@contextmanager
def watched(browser: Browser, served: Served, signed_in: StorageState) -> Iterator[Page]:
    """Open a signed-in window; at its end a script error, a blocked script or a request elsewhere fails."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        base_url=served.url,
        storage_state=signed_in,
        reduced_motion="reduce",  # a colour half-way through its change has no contrast to judge
    )
    one = context.new_page()
    problems: list[str] = []
    one.on("pageerror", lambda error: problems.append(str(error)))
    one.on("console", lambda message: problems.extend(_policy_violation(message)))
    one.on("request", lambda request: problems.extend(_elsewhere(request.url, served.url)))
    yield one
    close(context)
    assert problems == []


def close(context: BrowserContext) -> None:
    """Close a window; a Chromium that does not answer to that on a busy machine is left to itself.

    Playwright waits for its answer without an end: one test in some 40,000 stood still there for good.
    """

    def give_up(*_: object) -> None:
        raise _NoAnswerError

    before = signal.signal(signal.SIGALRM, give_up)
    left_s, _ = signal.setitimer(signal.ITIMER_REAL, CLOSE_S)
    with suppress(_NoAnswerError):
        context.close()
    signal.setitimer(signal.ITIMER_REAL, left_s)
    signal.signal(signal.SIGALRM, before)


class _NoAnswerError(Exception):
    """The browser does not say that a window is closed."""


def person(browser: Browser, served: Served, login: str, width: int = 1280) -> Page:
    """Open a window of somebody who is signed in; nothing in it yet."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, base_url=served.url, reduced_motion="reduce"
    )
    page = context.new_page()
    sign_in(page, login)
    return page


def sign_in(page: Page, login: str) -> None:
    """Send what the form of the sign-in sends; no page is drawn for it."""
    token = _FORM_TOKEN.search(page.request.get("/sign-in").text())
    assert token is not None
    form = {"login": login, "password": PASSWORD, "form_token": token[1], "next": "/"}
    answer = page.request.post("/sign-in", form=form, max_redirects=0)
    assert answer.headers["location"] == "/"


def sign_in_by_the_form(page: Page, login: str) -> None:
    """Sign in as a person does."""
    page.goto("/sign-in")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()


def shot(page: Page, name: str) -> None:
    """Keep a picture where DOSEGATE_SCREENSHOTS says, for people to look at."""
    folder = os.environ.get("DOSEGATE_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def _policy_violation(message: ConsoleMessage) -> list[str]:
    return [message.text] if "Content Security Policy" in message.text else []


def _elsewhere(url: str, home: str) -> list[str]:
    return [] if url.startswith((home, "data:", "blob:")) else [f"a request to another host: {url}"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own server
                return
        except OSError:  # nobody listens yet, or the server is not ready to answer
            time.sleep(0.2)
    raise AssertionError(f"the server did not answer within {START_S} s: {log.read_text()}")
