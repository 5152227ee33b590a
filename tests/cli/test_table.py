"""Tables line up, say verdicts in shape and word, and cannot steer a terminal."""

from __future__ import annotations

import io

import pytest

from cli.table import Cell, Colour, harmless, lay_out, wants_colour
from cli.verdict_table import SHAPES, finding_line, in_words
from trial_core.domain.criteria import Verdict


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lay_out__aligns_texts_left_and_numbers_right() -> None:
    rows = [[Cell("a"), Cell("1", right=True), Cell("x")], [Cell("long"), Cell("10", right=True), Cell("y")]]
    assert lay_out(rows, colour=False) == ["a      1  x", "long  10  y"]


def test_lay_out__counts_wide_characters_as_two_columns() -> None:
    assert lay_out([[Cell("肺"), Cell("x")], [Cell("abcd"), Cell("y")]], colour=False) == [
        "肺    x",
        "abcd  y",
    ]


def test_lay_out__writes_escape_codes_of_a_hostile_name_out() -> None:
    (line,) = lay_out([[Cell("Heart\x1b[2J\nLiver")]], colour=False)
    assert line == "Heart\\x1b[2J\\x0aLiver"


def test_harmless__leaves_letters_of_any_script() -> None:
    assert harmless("Herz µ 心臓 é") == "Herz µ 心臓 é"


def test_colour__needs_a_terminal_and_honours_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert wants_colour(_Terminal())
    assert not wants_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(_Terminal())


@pytest.mark.parametrize("verdict", list(Verdict))
def test_verdict__is_told_by_shape_and_word_without_colour(verdict: Verdict) -> None:
    text = in_words(verdict, colour=False)
    assert text.endswith(verdict.value)
    assert text[0] == SHAPES[verdict][0]


def test_verdicts__differ_in_shape() -> None:
    assert len({shape for shape, _ in SHAPES.values()}) == len(Verdict)


def test_lay_out__colours_without_moving_columns() -> None:
    (line, _) = lay_out([[Cell("a", Colour.RED), Cell("x")], [Cell("bb"), Cell("y")]], colour=True)
    assert line == "\x1b[31ma\x1b[0m   x"


def test_finding_line__says_where_what_and_what_to_do() -> None:
    finding = {
        "severity": "error",
        "file": "dose.dcm",
        "element": "DoseUnits",
        "structure": None,
        "message": "In percent.",
        "action": "Export in Gy.",
    }
    assert finding_line(finding, colour=False) == "error: dose.dcm, DoseUnits: In percent. Export in Gy."
