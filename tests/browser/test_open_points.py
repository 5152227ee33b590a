"""A point that a check left open, spoken to by a reviewer on the case's page in a real browser."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Browser, expect

from tests.browser.accessibility import grave
from tests.browser.conftest import Served, person, shot
from tests.web.a_report import a_report
from tests.web.installation import PASSWORD
from trial_core.domain.persons_word import WordKind, item_key
from trial_core.domain.report import OpenItem

CODE, REVIEWER = "S01-861", "open-points-reviewer"
DOUBT = "the PLAN dose differs from the sum of its BEAM doses by up to 26 Gy (52% of its maximum)"


def test_reviewer__explains_what_the_check_left_open(browser: Browser, served: Served) -> None:
    home = served.home
    home.add_subject(CODE)
    home.reviewer(REVIEWER)
    submission, job = home.submit(CODE, {"open-points.dcm": b"open points"})
    report = a_report(seed="open-points")
    item = OpenItem(
        key=item_key(WordKind.DOSE, DOUBT), kind=WordKind.DOSE, plan_key=report.plans[0].key, words=DOUBT
    )
    home.check(job, seed="open-points", patient="PID-open-points", report=replace(report, open_items=(item,)))
    home.confirm(submission, patient="PID-open-points")
    page = person(browser, served, REVIEWER)
    page.goto(f"/submissions/{submission}/review")
    page.get_by_role("link", name="Open points").click()
    page.get_by_text("Say what you know of an open point").first.click()
    form = page.get_by_role("form", name="Say what you know of an open point")
    form.get_by_label("What you say to it").fill("The BEAM doses are of the plan before it.")
    shot(page, "open-points")
    assert grave(page) == []
    form.get_by_label("Your password").fill(PASSWORD)
    form.get_by_role("button", name="Sign it").click()
    expect(page.get_by_text("the course is checked again with it")).to_be_visible()
    page.context.close()
