"""A value with letters or marks from right to left is isolated in a line of ours; others stay as they are."""

from __future__ import annotations

import pytest

from web.words import apart, t


@pytest.mark.parametrize("text", ["Oncologist", "张医生", "a\u0301", "😀", "S01-001", ""])
def test_text_from_left_to_right__stays_as_it_is(text: str) -> None:
    assert apart(text) == text


@pytest.mark.parametrize("text", ["exe\u202egpj", "\u05d3\u05e0\u05d4", "a\u200fb"])
def test_text_from_right_to_left__is_isolated(text: str) -> None:
    assert apart(text) == f"\u2068{text}\u2069"
    assert t("Submitted by {name}", name=text) == f"Submitted by \u2068{text}\u2069"


def test_text_that_ends_an_isolate__cannot_end_ours() -> None:
    assert apart("a\u2069\u202eb") == "\u2068a\u202eb\u2069"


def test_text_that_is_isolated_already__stays_as_it_is_within_another() -> None:
    inner = t("{plan}: {n} fractions", plan="a\u202eb", n=2)
    assert inner == "\u2068a\u202eb\u2069: 2 fractions"
    assert t("Submitted by {name}", name=inner) == f"Submitted by {inner}"
