"""The stopping rule's operating characteristics and exact limits of a proportion."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial_core.statistics.stopping_rule import ProportionError, clopper_pearson, probability_of_stop

REFERENCE = Path(__file__).parents[4] / "shared" / "reference" / "stopping_rule.csv"


def naive_at_least(events: int, subjects: int, rate: float) -> float:
    """Sum the binomial probabilities term by term."""
    return math.fsum(
        math.comb(subjects, k) * rate**k * (1 - rate) ** (subjects - k) for k in range(events, subjects + 1)
    )


@pytest.mark.skipif(not REFERENCE.exists(), reason="the shared reference data are not beside the repository")
def test_probability_of_stop__is_the_reference_table() -> None:
    with REFERENCE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 22
    for row in rows:
        found = probability_of_stop(int(row["run_in_size"]), float(row["true_grade5_rate"]))
        assert found == pytest.approx(float(row["probability_stop"]), abs=1e-9)


@given(st.integers(1, 40), st.floats(0, 1), st.integers(1, 5))
def test_probability_of_stop__is_the_naive_sum(size: int, rate: float, stop_at: int) -> None:
    expected = naive_at_least(stop_at, size, rate)
    assert probability_of_stop(size, rate, stop_at=stop_at) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("size", "rate", "stop_at"), [(0, 0.1, 2), (20, -0.1, 2), (20, 1.1, 2), (20, 0.1, 0), (20, math.nan, 2)]
)
def test_probability_of_stop__rejects_impossible_rules(size: int, rate: float, stop_at: int) -> None:
    with pytest.raises(ProportionError):
        probability_of_stop(size, rate, stop_at=stop_at)


def test_clopper_pearson__of_one_in_25_is_the_published_interval() -> None:
    limits = clopper_pearson(1, 25)
    assert (round(100 * limits.lower, 2), round(100 * limits.upper, 1)) == (0.10, 20.4)


@given(st.integers(1, 60), st.data())
def test_clopper_pearson__leaves_exactly_a_fortieth_on_each_side(subjects: int, data: st.DataObject) -> None:
    events = data.draw(st.integers(0, subjects))
    limits = clopper_pearson(events, subjects)
    if events > 0:
        assert naive_at_least(events, subjects, limits.lower) == pytest.approx(0.025, abs=1e-9)
    if events < subjects:
        assert 1 - naive_at_least(events + 1, subjects, limits.upper) == pytest.approx(0.025, abs=1e-9)


def test_clopper_pearson__of_nobody_or_everybody_ends_at_0_or_1() -> None:
    assert clopper_pearson(0, 20).lower == 0
    assert clopper_pearson(0, 20).upper == pytest.approx(1 - 0.025 ** (1 / 20), rel=1e-12)
    assert clopper_pearson(20, 20).upper == 1


@pytest.mark.parametrize(
    ("events", "subjects", "level"), [(1, 0, 0.95), (-1, 5, 0.95), (6, 5, 0.95), (1, 5, 1.0)]
)
def test_clopper_pearson__rejects_what_is_no_proportion(events: int, subjects: int, level: float) -> None:
    with pytest.raises(ProportionError):
        clopper_pearson(events, subjects, level=level)
