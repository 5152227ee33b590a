"""The language of one's pages, and a form as it is filled in: errors as one types, by keyboard, sent once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served, person, shot, sign_in
from tests.web.test_forms import CASES
from trial_core.services import subjects
from web.forms.markup import rules_of
from web.forms.reading import problem_of, read

REFUSED_AND_HINT = re.compile("use 1 to 32 letters.*no name|no name.*use 1 to 32 letters", re.DOTALL)


@pytest.fixture
def physicist(browser: Browser, served: Served) -> Iterator[Page]:
    """A person of her own, whose language is nobody else's."""
    page = person(browser, served, "physicist")
    yield page
    page.context.close()


def test_language__is_switched_in_the_frame_and_kept(physicist: Page) -> None:
    physicist.goto("/subjects/new")
    physicist.get_by_role("button", name="简体中文").click()
    expect(physicist.get_by_role("link", name="工作列表")).to_be_visible()
    expect(physicist).to_have_url("/subjects/new")
    expect(physicist.locator("html")).to_have_attribute("lang", "zh-Hans")
    physicist.goto("/plans")
    expect(physicist.get_by_role("link", name="受试者")).to_be_visible()
    shot(physicist, "chinese")
    physicist.get_by_role("button", name="English").click()
    expect(physicist.get_by_role("link", name="Work list")).to_be_visible()


def test_sign_in__is_in_the_language_of_the_browser(browser: Browser, served: Served) -> None:
    context = browser.new_context(base_url=served.url, locale="zh-CN")
    page = context.new_page()
    page.goto("/sign-in")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    expect(page.get_by_label("用户名")).to_be_visible()
    context.close()


def test_form__says_what_is_wrong_as_one_types_and_refuses_at_the_field(page: Page, served: Served) -> None:
    page.goto("/subjects/new")
    field = page.get_by_label("Subject code")
    field.fill("S01 601")
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(REFUSED_AND_HINT)
    expect(field).to_be_focused()
    shot(page, "form-refused")
    field.fill("")
    expect(page.locator(".form")).to_contain_text("This is missing")
    field.fill("S01-601")
    expect(field).to_have_attribute("aria-invalid", "false")


def test_form__is_sent_once_however_it_is_clicked(page: Page, served: Served) -> None:
    page.goto("/subjects/new")
    page.get_by_label("Subject code").fill("S01-602")
    page.get_by_role("button", name="Add the subject").dblclick()
    expect(page.get_by_role("heading", name="Subject S01-602")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("exists already")
    found = subjects.list_subjects(served.home.db, served.home.people["oncologist"])
    assert [each.code for each in found].count("S01-602") == 1


def test_session_that_ended__leaves_what_was_typed_for_its_own_person_alone(
    browser: Browser, served: Served
) -> None:
    """In two windows of one browser, where somebody else signs in first."""
    page = person(browser, served, "investigator")
    page.goto("/subjects/new")
    page.get_by_label("Subject code").fill("S01-603")
    page.context.clear_cookies()
    add, notice = page.get_by_role("button", name="Add the subject"), page.locator("#connection-notice")
    add.click()
    expect(notice).to_contain_text("What you typed is still here")
    _sign_in_beside(page, "oncologist")
    add.click()
    expect(notice).to_contain_text("Another person has signed in")
    codes = subjects.list_subjects(served.home.db, served.home.people["oncologist"])
    assert "S01-603" not in [each.code for each in codes]
    page.context.clear_cookies()
    _sign_in_beside(page, "investigator")
    add.click()
    expect(page.get_by_role("heading", name="Subject S01-603")).to_be_visible()
    page.context.close()


def _sign_in_beside(page: Page, login: str) -> None:
    beside = page.context.new_page()
    sign_in(beside, login)
    beside.close()


def test_answers__are_judged_in_the_browser_as_on_the_server(page: Page) -> None:
    page.goto("/subjects/new")
    expect(page.locator(".form")).to_be_visible()
    for field, typed, _ in CASES:
        given, _problems = read([field], {field.name: typed})
        said = page.evaluate(
            "([value, rules]) => window.dash_clientside.dosegateForms.check(value, rules)",
            [typed, json.loads(json.dumps(rules_of(field)))],
        )
        ours = problem_of(field, given.text(field.name))
        if ours is None or "that are offered" not in ours:  # the browser offers no other
            assert said == ours, (field.name, typed)
