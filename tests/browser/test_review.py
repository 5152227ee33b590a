"""A course reviewed by two and decided on, as the reviewers walk the case in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import grave
from tests.browser.conftest import Served, person, serving, shot
from tests.web.installation import PASSWORD, build, open_installation

REVIEWERS = {"rev-onc": "radiation oncology", "rev-phy": "medical physics"}


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    """An installation with one checked course and two central reviewers, and the course's page of review."""
    folder = tmp_path_factory.mktemp("review")
    home = open_installation(folder, build(folder))
    for login in REVIEWERS:
        home.reviewer(login)
    home.add_subject("S01-430")
    submission_id, job_id = home.submit("S01-430", {"a.dcm": b"a"})
    home.check(job_id)
    home.confirm(submission_id)
    with serving(folder, home) as running:
        yield running, f"/submissions/{submission_id}/review"


def test_review__by_two_people_and_the_decision_are_signed_on_the_page(
    browser: Browser, reviewed: tuple[Served, str]
) -> None:
    served, path = reviewed
    for login, discipline in REVIEWERS.items():
        page = person(browser, served, login)
        page.goto(path)
        page.get_by_text(f"Review: {discipline}", exact=True).first.click()
        form = page.get_by_role("form", name=f"Review: {discipline}")
        _choose(page, form.get_by_label("Outcome"), "No objection")
        form.get_by_label("Kidney_L").check()
        _choose(page, form.get_by_label("About").first, "3. SpinalCord")
        form.get_by_label("Comment", exact=True).first.fill(f"Seen by {login}")
        shot(page, f"review-{login}")
        assert grave(page) == []
        form.get_by_label("Your password").fill(PASSWORD)
        form.get_by_role("button", name="Sign review").click()
        expect(page.get_by_text("Signature stands").last).to_be_visible()
        expect(page.locator("tr[data-number='3']")).to_contain_text(f"{discipline}: Seen by {login}")
    form = page.get_by_role("form", name="Decision on this version")
    _choose(page, form.get_by_label("Decision"), "Rejected: resubmit")
    form.get_by_label("Reason").fill("The cord gets too much")
    form.get_by_label("Your password").fill(PASSWORD)
    form.get_by_role("button", name="Sign decision").click()
    expect(page.locator("#decision-on-record").get_by_text("Rejected: resubmit")).to_be_visible()
    shot(page, "review-decided")
    assert grave(page) == []


def _choose(page: Page, field: object, option: str) -> None:
    field.click()  # type: ignore[attr-defined]  # a locator
    page.get_by_role("option", name=option).click()
