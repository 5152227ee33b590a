"""Sentences of checks and of the trial core are said whole in the person's language, or not at all."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.web.rendered import rendered
from web.components.marks import said
from web.components.tables import findings_table
from web.words import Language, name_words, sentence_words
from web.words.catalogue import catalogue
from web.words.extraction import sentence_texts
from web.words.sentences import CONTEXT, PLACE

MOST_ENGLISH = 0.04
"""Of all sentences: what a room has just added is read in English, and marked so, until it is translated."""
ACTIONS_OF_THE_TRAIL = re.compile(
    "(give|claim|try|take) job|check again|finish|randomise|register|identity|confirm|doubt|withdraw|reject"
)


@pytest.fixture
def in_chinese() -> Iterator[None]:
    with Flask("of a test").test_request_context(headers={"Accept-Language": "zh-CN"}):
        yield


def test_sentences__of_findings_reasons_and_queries_are_translated() -> None:
    texts, known = sentence_texts(), catalogue(Language.CHINESE)
    assert len(texts) > 600
    missing = [
        f"{each.where}: {each.ids[0]!r}"
        for each in texts
        if (CONTEXT, each.ids[0]) not in known and not ACTIONS_OF_THE_TRAIL.match(each.ids[0])
    ]
    told = "\n".join(missing)
    assert len(missing) <= MOST_ENGLISH * len(texts), f"translate them in sentences.po:\n{told}"


def test_translations__have_no_fact_that_the_english_sentence_lacks() -> None:
    for (context, english), chinese in catalogue(Language.CHINESE).items():
        if context == CONTEXT:
            assert set(PLACE.findall(chinese)) <= set(PLACE.findall(english)), english


def test_sentence__in_english_is_itself() -> None:
    assert sentence_words("no such sentence of ours is known") == "no such sentence of ours is known"


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("The ZIP is encrypted.", "ZIP 已加密。"),
        ("the ZIP is encrypted", "ZIP 已加密"),
        ("the plan gives 2.2 Gy a fraction, the protocol 1.8 Gy", "计划单次 2.2 Gy，方案为 1.8 Gy"),
        ("Lungs V20Gy[%]: not evaluable", "Lungs V20Gy[%]：无法评估"),
        (
            "the sum is not evaluable: plan 'LDRT': the number of fractions is not known: plan CFRT",
            "总和无法评估：计划 'LDRT'：分次数未知：计划 CFRT",
        ),
        ("not contoured: Lung_L and Lung_R", "未勾画：Lung_L和Lung_R"),
        ("50.4 Gy", "50.4 Gy"),
        ("HFS or HFP", "HFS或HFP"),
    ],
)
@pytest.mark.usefixtures("in_chinese")
def test_sentence__is_said_with_its_facts_and_the_sentences_in_it(english: str, chinese: str) -> None:
    assert sentence_words(english) == chinese


@pytest.mark.parametrize(
    "english",
    [
        "nobody has translated this one yet",
        "the sum is not evaluable: a reason that nobody has translated yet",
        "x" * 5000,
    ],
)
@pytest.mark.usefixtures("in_chinese")
def test_sentence__without_translation_stays_english_whole_and_is_marked(english: str) -> None:
    assert sentence_words(english) is None
    assert said(english).lang == "en"
    assert said(english).children == english


@pytest.mark.usefixtures("in_chinese")
def test_facts__numbers_and_names_are_taken_over_to_the_letter() -> None:
    name = "<img src=x onerror=alert(1)> {0} {1}"
    words = sentence_words(f"'{name}' is taken as Heart of the protocol: 'Heart' has no contours")
    assert words is not None
    assert f"'{name}'" in words


@pytest.mark.usefixtures("in_chinese")
def test_hostile_text__made_of_our_own_words_takes_no_time() -> None:
    started = time.process_time()
    for words in ("plan 'a': " * 140, " is not evaluable: " * 70, "; ".join(["of {1} of"] * 150)):
        sentence_words(f"the sum is not evaluable: {words}"[:1500])
    assert time.process_time() - started < 2


@pytest.mark.usefixtures("in_chinese")
def test_finding__is_shown_in_the_language_with_what_to_do() -> None:
    finding = {
        "code": "zip-encrypted",
        "severity": "error",
        "file": "a.zip",
        "message": "The ZIP is encrypted.",
        "action": "Pack it without a password.",
    }
    shown = rendered(findings_table([finding, {**finding, "message": "of a newer program, unknown here"}]))
    assert "ZIP 已加密。" in shown
    assert "请不加密码重新打包。" in shown
    assert '"lang": "en"' in shown


def test_names__of_the_protocol_are_said_where_they_are_known() -> None:
    assert name_words("years") == "years"
    with Flask("of a test").test_request_context(headers={"Accept-Language": "zh-CN"}):
        assert name_words("years") == "岁"
        assert name_words("ECOG") == "ECOG"
