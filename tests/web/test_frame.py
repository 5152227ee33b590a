"""The frame around pages: who sees which sections, in which language, and how pages are found."""

from __future__ import annotations

import types
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.callbacks import post_callback
from tests.web.rendered import rendered
from trial_core.domain.access import Role
from web.components.figure import downloads
from web.components.frame import Page
from web.door.callback_border import KindDeclaredTwice, declared_kinds
from web.door.kinds import Kind
from web.figures.theme import as_text
from web.route import route
from web.routing import AddressTakenTwice, find, page_modules, table
from web.sections import ENTRIES, Section, is_for

Person = Callable[[str], FlaskClient]


def _navigation(client: FlaskClient) -> str:
    answer = post_callback(client, "..frame-page.children", {"frame-location.pathname": "/"}).get_json()
    return rendered(answer["response"]["frame-navigation"])


def test_sections__that_a_role_may_not_use_are_not_shown_and_refuse_all_the_same(sign_in: Person) -> None:
    assert "Subjects" in _navigation(sign_in("oncologist"))
    admin = sign_in("admin")
    assert "Subjects" not in _navigation(admin)
    page = post_callback(admin, "..frame-page.children", {"frame-location.pathname": "/subjects"})
    assert "does not allow" in page.get_data(as_text=True)


@pytest.mark.parametrize("role", Role)
def test_every_role__has_a_page_to_begin_on(role: Role) -> None:
    assert is_for(Section.TODAY, role)
    assert len({entry.href for entry in ENTRIES.values()}) == len(Section)


def test_sections__without_a_page_are_not_shown(sign_in: Person) -> None:
    shown = _navigation(sign_in("oncologist"))
    addresses = {each.address for each in table()}
    for entry in ENTRIES.values():
        assert (f'"{entry.href}"' in shown) <= (entry.href in addresses)


def test_language__that_was_chosen_is_kept_for_every_later_session(sign_in: Person) -> None:
    token = sign_in("oncologist")
    answer = token.post(
        "/language", data={"language": "zh_Hans"}, headers={"Referer": "http://localhost/plans"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/plans")
    later = sign_in("oncologist")
    assert "工作列表" in _navigation(later)
    assert '<html lang="zh-Hans">' in later.get("/").get_data(as_text=True)
    assert "Work list" in _navigation(sign_in("physicist"))


@pytest.mark.parametrize("wanted", ["", "fr", "../en", "zh_Hans\x00"])
def test_language__that_there_is_none_of_is_refused(oncologist: FlaskClient, wanted: str) -> None:
    assert oncologist.post("/language", data={"language": wanted}).status_code == 400


def test_language__leads_back_to_no_other_site(oncologist: FlaskClient) -> None:
    headers = {"Referer": "https://evil.example//evil.example/x"}
    answer = oncologist.post("/language", data={"language": "en"}, headers=headers)
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("accepted", "words"),
    [("zh-CN,zh;q=0.9", "登录"), ("zh-Hans", "登录"), ("de,en;q=0.5", "Sign in"), ("", "Sign in")],
)
def test_sign_in__follows_the_browsers_language(sign_in: Person, accepted: str, words: str) -> None:
    page = sign_in("").get("/sign-in", headers={"Accept-Language": accepted})
    assert words in page.get_data(as_text=True)


def _page(**_fields: str) -> Page:
    return Page("a page", None, [])


def test_address__gives_its_fields_and_none_that_an_address_cannot_have() -> None:
    made = route("/subjects/{code}/forms/{entry_id}", _page)
    match = made.pattern.fullmatch("/subjects/S01-001/forms/ab-12")
    assert match is not None
    assert match.groupdict() == {"code": "S01-001", "entry_id": "ab-12"}
    assert made.pattern.fullmatch("/subjects/a/b/forms/ab") is None
    assert made.pattern.fullmatch("/subjects/a/forms/..") is None


def test_address__without_fields_comes_before_one_that_would_take_it() -> None:
    build = find("/subjects/new")
    assert build is not None
    assert find("/no-such") is None


def test_address__that_two_pages_declare_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    second = types.SimpleNamespace(ROUTES=(route("/plans", _page),))
    monkeypatch.setattr("web.routing.page_modules", lambda: (*page_modules(), second))
    table.cache_clear()
    with pytest.raises(AddressTakenTwice, match="/plans"):
        table()
    table.cache_clear()


def test_kind__that_two_modules_declare_differently_is_refused() -> None:
    one, other = types.ModuleType("one"), types.ModuleType("other")
    one.KINDS, other.KINDS = {"a.value": Kind.TEXTS}, {"a.value": Kind.YES_NO}  # type: ignore[attr-defined]
    with pytest.raises(KindDeclaredTwice, match="declare the kind"):
        declared_kinds((one, other))


def test_figure__can_be_had_three_ways_by_names_that_are_read_out() -> None:
    words = rendered(downloads("pfs", "/outcomes/pfs.csv"))
    for kind in ("SVG", "PNG", "CSV"):
        assert f"Save as {kind}" in words
    assert "/outcomes/pfs.csv" in words


def test_name__in_a_figure_is_text_and_no_template() -> None:
    assert as_text("<b>%{x}</b>") == "&lt;b&gt;%\u200b{x}&lt;/b&gt;"
