"""The trial's pages as their users walk them: a cut made, released and read; a death adjudicated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import grave_in_both_schemes, scrolls_sideways
from tests.browser.conftest import Served, person, serving, shot
from tests.trial_core import enrolling
from tests.web.installation import PASSWORD, build, open_installation
from trial_core.domain.access import Role
from trial_core.domain.clinical_forms import Death
from trial_core.domain.toxicity import AdverseEvent, Attribution, GradeFrom, Outcome, Treatment
from trial_core.protocols.reader import read_protocol
from trial_core.services import follow_up, toxicity
from trial_core.services.conduct_of import conduct_of

PROTOCOL = read_protocol()


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation in phase IIb where the run-in's subject has died, and a monitor."""
    folder = tmp_path_factory.mktemp("trial")
    home = open_installation(folder, build(folder))
    enrolling.add_person(home.db, Role.MONITOR)
    today, who = home.db.now().date(), home.people["oncologist"]
    follow_up.enter_death(home.db, conduct_of(PROTOCOL), who, code="S01-001", death=Death(on=today))
    toxicity.record_event(home.db, PROTOCOL, who, code="S01-001", event=_sepsis(today))
    with serving(folder, home) as running:
        yield running


def _sepsis(on: date) -> AdverseEvent:
    return AdverseEvent(
        id="",
        subject="",
        version="5.0",
        term="Sepsis",
        grades=(GradeFrom(on=on, grade=5),),
        attribution=dict.fromkeys(Treatment, Attribution.PROBABLE),
        serious=True,
        outcome=Outcome.FATAL,
    )


def _accessible(page: Page) -> None:
    assert grave_in_both_schemes(page) == []
    assert not scrolls_sideways(page)


def test_adjudicator__decides_on_a_death_from_the_first_page(browser: Browser, trial: Served) -> None:
    page = person(browser, trial, "safety-adjudicator")
    page.goto("/")
    expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    _accessible(page)
    shot(page, "today-adjudicator")
    page.get_by_role("link", name="1 death waits for your adjudication").click()
    expect(page.get_by_role("heading", name="Deaths in the run-in")).to_be_visible()
    _accessible(page)
    page.get_by_role("textbox", name="Event").click()
    page.get_by_role("option", name="Sepsis").click()
    page.get_by_role("radio", name="Yes", exact=True).check()
    page.get_by_role("button", name="Put the decision on record").click()
    expect(page.locator("form[data-form=adjudicate]")).to_contain_text("This is missing")
    page.get_by_label("Reason").fill("read the charts")
    page.locator("form[data-form=adjudicate] input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Put the decision on record").click()
    expect(page.locator("#deaths")).to_contain_text("Open: 1 of 2 decided")
    expect(page.locator("#deaths")).to_contain_text("read the charts")
    shot(page, "study-adjudicator")
    page.goto("/")
    expect(page.get_by_role("heading", name="What to do today")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("waits for your adjudication")
    page.context.close()


def test_cut__is_made_released_and_read(browser: Browser, trial: Served) -> None:
    statistician = person(browser, trial, "statistician")
    statistician.goto("/outcomes")
    statistician.get_by_label("Name of the cut").fill("first look")
    statistician.get_by_label("Day of the cut").fill("2024-01-01")
    statistician.get_by_role("button", name="Freeze the record").click()
    expect(statistician.get_by_role("link", name="first look")).to_be_visible()
    statistician.get_by_label("Name of the cut").fill("second look")
    statistician.get_by_label("Day of the cut").fill(trial.home.db.now().date().isoformat())
    statistician.get_by_role("button", name="Freeze the record").click()
    statistician.get_by_role("link", name="second look").click()
    expect(statistician.locator("#survival-pfs .js-plotly-plot .legend")).to_contain_text("Arm B")
    with statistician.expect_download() as download:
        statistician.get_by_role("link", name="Save as CSV").first.click()
    assert download.value.suggested_filename == "second-look-IIb-pfs.csv"
    with statistician.expect_download() as download:
        statistician.get_by_role("button", name="Save as SVG").first.click()
    assert download.value.suggested_filename == "survival-pfs.svg"
    statistician.get_by_role("button", name="Compute everything anew").click()
    expect(statistician.locator("form[data-form=repeat-cut]")).to_contain_text("the same bytes")
    _accessible(statistician)
    shot(statistician, "outcomes")
    statistician.context.close()
    _release(browser, trial)
    monitor = person(browser, trial, "monitor", width=820)
    monitor.goto("/outcomes")
    expect(monitor.get_by_role("link", name="first look")).to_have_count(0)
    monitor.get_by_role("link", name="second look").click()
    expect(monitor.get_by_role("heading", name="Progression-free survival", exact=True)).to_be_visible()
    _accessible(monitor)
    monitor.goto("/toxicity")
    expect(monitor.locator("#toxicity-all .js-plotly-plot .ytick").first).to_be_visible()
    _accessible(monitor)
    shot(monitor, "toxicity-tablet")
    monitor.context.close()


def _release(browser: Browser, trial: Served) -> None:
    office = person(browser, trial, "admin")
    office.goto("/")
    office.get_by_role("link", name="2 data cuts are not released").click()
    office.get_by_role("textbox", name="Data cut").click()
    office.get_by_role("option", name="second look").click()
    office.get_by_label("Reason").fill("the board of 2026-01-02 decided so")
    office.get_by_role("button", name="Release it").click()
    expect(office.locator("main")).to_contain_text("Released ")
    office.context.close()
