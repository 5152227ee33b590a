"""The benchmarks' tables: ratios, and what could not be measured is said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.environments import Environment
from benchmarks.report import SIDE_BY_SIDE, Section, number, problems, ratio, side_by_side, text
from benchmarks.running import Measurement, run_script

OURS = Measurement("ours", (0.2, 0.1, 0.3), (0.1, 0.1, 0.1), 100.4)
PEER = Measurement("peer", (4.0,), (3.0,), 500.0)
ABSENT = Measurement("absent", problem="cannot be installed: no such version")


def test_ratio__is_that_of_the_medians() -> None:
    assert ratio(PEER, OURS) == pytest.approx(20)
    assert ratio(ABSENT, OURS) is None


def test_table__has_a_row_for_each_and_says_what_is_missing() -> None:
    rows = side_by_side(OURS, [PEER, ABSENT])
    assert rows[0] == ("ours", "0.200", "0.100", "100", "–")
    assert rows[1] == ("peer", "4.00", "3.00", "500", "20.0 x")
    assert rows[2] == ("absent", "–", "–", "–", "–")
    assert problems([OURS, PEER, ABSENT]) == ("absent: cannot be installed: no such version.",)


def test_report__holds_every_section() -> None:
    report = text([Section("Gamma", "Goal: 20.", SIDE_BY_SIDE, side_by_side(OURS, [PEER]), ("20 times.",))])
    assert "## Gamma\n\nGoal: 20.\n\n| program |" in report
    assert report.endswith("- 20 times.\n")


def test_number__keeps_three_digits() -> None:
    assert [number(value) for value in (None, 0.01234, 4.0, 12345.0)] == ["–", "0.0123", "4.00", "1.23e+04"]


def test_run_script__says_why_a_program_failed() -> None:
    found = run_script("x", Environment("x", Path(sys.executable)), "no_such_script.py")
    assert found.problem is not None
    assert "no_such_script.py" in found.problem
    assert found.median_s is None


def test_run_script__of_an_environment_that_is_not_there_runs_nothing() -> None:
    absent = Environment("x", Path("nowhere"), "cannot be installed")
    assert run_script("x", absent, "ours/gamma.py").problem == "cannot be installed"
