"""The inbox as a person of the site walks it: told of on Today, a hostile label is text, a set discarded."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.accessibility import grave, scrolls_sideways
from tests.browser.conftest import Served, shot
from tests.web.installation import Installation
from trial_core.domain.access import SYSTEM
from trial_core.domain.identity import PatientIdentity, hash_identity
from trial_core.domain.receiving import SentObject
from trial_core.services.dicom_senders import register_sender
from trial_core.services.receiving import end_quiet_sets, keep_object
from trial_core.store import Draft

SENDER = "INBOX PAGE 1"
LABEL = "a\u202egpj.exe <img src=x onerror=alert(1)> " + "w" * 300


def _receive(home: Installation) -> None:
    """A plan that fits no subject's confirmed files, with a hostile label."""
    sender = register_sender(home.db, SYSTEM, ae_title=SENDER, addresses=["10.0.0.0/24"], site_code="S01")
    data = b"a plan of the inbox page"
    path = home.store.draft_path()
    path.write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    identity = hash_identity(PatientIdentity("PID-inbox-page", "", ""), b"k" * 32)
    sent = SentObject("1.2", "1.2.3", sha256, len(data), identity, "", "RTPLAN", LABEL, "2026-02-03")
    keep_object(home.db, home.store, sender, sent=sent, draft=Draft(path, sha256, len(data)))
    end_quiet_sets(home.db, quiet=timedelta())


def _is_sound(page: Page) -> None:
    assert grave(page) == []
    assert page.locator("main img").count() == 0
    assert not scrolls_sideways(page)


def test_inbox__is_told_of_on_today_and_a_set_is_discarded_by_the_keyboard(
    page: Page, served: Served
) -> None:
    _receive(served.home)
    page.set_viewport_size({"width": 820, "height": 1100})
    page.goto("/")
    page.locator("main a[href='/inbox']").first.press("Enter")
    expect(page.get_by_role("heading", name="Received sets")).to_be_visible()
    expect(page.locator("main table")).to_contain_text(SENDER)
    shot(page, "inbox-hostile")
    _is_sound(page)
    form = page.get_by_role("form", name="Discard a set")
    discard = form.get_by_role("button", name="Discard with all its files")
    discard.press("Enter")
    expect(form).to_contain_text("Not saved.")
    shot(page, "inbox-no-reason")
    form.get_by_role("textbox", name="Reason").fill("A phantom")
    discard.dblclick()
    expect(page.locator("main")).to_contain_text("Nothing waits.")
    _is_sound(page)
