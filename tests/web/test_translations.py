"""Everything that is read on a page has its Chinese words, with the same places for values."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from trial_core.domain.access import Permission, Role
from trial_core.domain.criteria import Verdict
from trial_core.domain.jobs import JobKind
from trial_core.errors import AccountLocked, NotAuthorised, TrialError, UnknownSubject
from web.app import create_app  # noqa: F401 - every module of the web is imported with it
from web.words import Language, later, refusal_words, t, tc, tn, word, word_from
from web.words.catalogue import LOCALES, ContradictingCatalogues, catalogue, read_catalogue
from web.words.core_words import CORE_WORDS
from web.words.extraction import WEB, Text, core_texts, refusal_texts, texts_in, texts_of_the_web
from web.words.printed import printed_texts

WORDS = WEB / "words"
ALL_TEXTS = (*texts_of_the_web(), *core_texts(), *refusal_texts(), *printed_texts())
SAYERS = {"t": 1, "later": 1, "tn": 2, "tc": 2}


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _missing(texts: tuple[Text, ...]) -> list[str]:
    known = catalogue(Language.CHINESE)
    return [
        f"{each.where}: {one!r}"
        for each in texts
        for one in each.ids
        if (each.context or None, one) not in known
    ]


def test_every_text_of_the_web__is_translated() -> None:
    texts = texts_of_the_web()
    assert len(texts) > 50
    assert _missing(texts) == [], "python -m web.words AREA FILE ... adds what is missing to AREA.po"


def test_every_refusal_of_the_trial_core__is_translated() -> None:
    assert len(refusal_texts()) > 60
    assert _missing(refusal_texts()) == []


def test_every_word_of_the_trial_core__is_translated() -> None:
    assert len(core_texts()) > 250
    assert _missing(core_texts()) == []


CATALOGUES = sorted(path for path in LOCALES.glob("*/*.po") if path.stem != "sentences")
"""Of sentences, an old report says what no program writes any more: `test_sentences` looks at them."""


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_translation__has_the_same_places_for_values(path: Path) -> None:
    for (_, english), chinese in read_catalogue(path).items():
        assert _places(chinese) <= _places(english) | {"n"}, english
        assert _places(english) - {"n"} <= _places(chinese), english


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_catalogue__has_no_entry_that_nobody_says(path: Path) -> None:
    said = {(each.context or None, one) for each in ALL_TEXTS for one in each.ids}
    assert set(read_catalogue(path)) <= said


def _calls_without_literal(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYERS:
            texts = node.args[: SAYERS[node.func.id]]
            if not texts or not all(isinstance(each, ast.Constant) for each in texts):
                yield f"{path.name}:{node.lineno}"


def test_texts__are_literals_so_that_none_is_missed() -> None:
    paths = [path for path in WEB.rglob("*.py") if path.parent != WORDS]
    assert [place for path in paths for place in _calls_without_literal(path)] == []


def test_extraction__finds_every_way_of_saying_a_text(tmp_path: Path) -> None:
    module = tmp_path / "page.py"
    module.write_text(
        't("a")\nlater("b")\ntn("{n} c", "{n} cs", 2)\ntc("of d", "d")\nt(\n    "e "\n    "f"\n)\n'
    )
    found = [(each.context, each.ids) for each in texts_in(module)]
    assert found == [("", ("a",)), ("", ("b",)), ("", ("{n} c", "{n} cs")), ("of d", ("d",)), ("", ("e f",))]


def test_contradiction_between_catalogues__is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / Language.CHINESE.value
    folder.mkdir()
    for name, chinese in (("a", "是"), ("b", "对")):
        (folder / f"{name}.po").write_text(f'msgid "Yes"\nmsgstr "{chinese}"\n', encoding="utf-8")
    monkeypatch.setattr("web.words.catalogue.LOCALES", tmp_path)
    catalogue.cache_clear()
    with pytest.raises(ContradictingCatalogues, match="'Yes' is translated as"):
        catalogue(Language.CHINESE)
    catalogue.cache_clear()


def test_values__are_put_in_as_text_and_never_read_as_a_template() -> None:
    assert t("Subject {code}", code="{0.__class__}") == "Subject {0.__class__}"
    assert tn("{n} plan", "{n} plans", 1) == "1 plan"
    assert tn("{n} plan", "{n} plans", 0) == "0 plans"
    assert str(later("Today")) == "Today"
    assert tc("of a query", "Open") == "Open"


def test_word__of_a_set_that_is_not_listed_is_refused() -> None:
    assert word(Verdict.PER_PROTOCOL) == "per protocol"
    assert word_from(Verdict, "of an older program") == "of an older program"
    assert all(kind is not Role or kind in CORE_WORDS for kind in (Role, JobKind))


IN_CHINESE = {"headers": {"Accept-Language": "zh-CN"}}


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (UnknownSubject("S01-{x}"), "您所在中心没有受试者 'S01-{x}'。请检查编号。"),
        (
            NotAuthorised(Permission.SUBMIT_PLAN.value, Role.MONITOR.value),
            "您的角色（监查员）无权执行此操作：提交计划。如有需要，请联系试验办公室。",
        ),
        (AccountLocked(15), "失败次数过多。请等待 15 分钟后再登录。"),
        (TrialError("Of a kind without a sentence."), "Of a kind without a sentence."),
    ],
)
def test_refusal__is_said_with_its_facts_in_the_language_of_the_person(
    refusal: TrialError, said: str
) -> None:
    assert refusal_words(refusal) == refusal.message
    with Flask("of a test").test_request_context(**IN_CHINESE):
        assert refusal_words(refusal) == said
