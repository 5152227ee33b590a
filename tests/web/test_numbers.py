"""Numbers on the page: rounded for people, never across a threshold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.components.numbers import NOTHING, shown, signed, size, threshold, with_uncertainty

finite = st.floats(min_value=0.001, max_value=1000, allow_nan=False)


def _read(text: str) -> float:
    return float(text.replace("−", "-"))


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [(19.2, 19.0, "19.20"), (19.004, 19.0, "19.004"), (18.9999, 19.0, "18.9999"), (19.0, 19.0, "19.00")],
)
def test_shown__has_the_digits_that_keep_it_on_its_side(value: float, limit: float, expected: str) -> None:
    assert shown(value, "Gy", (limit, None)) == expected


@given(value=finite, limit=finite)
def test_shown__never_crosses_a_threshold(value: float, limit: float) -> None:
    text = _read(shown(value, "Gy", (limit,)))
    if abs(value - limit) > 1e-5:
        assert (text > limit, text < limit) == (value > limit, value < limit)


def test_shown__of_nothing_is_a_dash_and_never_a_zero() -> None:
    assert shown(None, "Gy") == with_uncertainty(None, 0.1, "Gy", ()) == signed(None, "Gy") == NOTHING


def test_with_uncertainty__a_tiny_one_is_not_shown_as_zero() -> None:
    assert with_uncertainty(10.0, 0.0001, "Gy", ()) == "10.00 ± <0.01 Gy"


def test_threshold__says_its_side() -> None:
    assert (threshold("<=", 19.0, "Gy"), threshold(">=", 95.0, "%")) == ("≤ 19 Gy", "≥ 95 %")


def test_signed__a_margin_on_the_good_side_has_a_plus() -> None:
    assert (signed(4.8, "Gy"), signed(-0.2, "Gy"), signed(0.0, "Gy")) == ("+4.80", "−0.20", "0.00")


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (526_336, "526 kB"), (2_000_000_000, "2.0 GB")],
)
def test_size__reads_in_the_unit_people_expect(count: int, text: str) -> None:
    assert size(count) == text
