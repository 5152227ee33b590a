"""Rounded numbers: on their side of every threshold, written as people write them."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from trial_core.domain.rounding import file_size, plain, shown, signed, spread, threshold

_NUMBERS = st.floats(-100, 100)


@given(_NUMBERS, _NUMBERS)
def test_shown__never_moves_a_value_across_a_threshold_or_onto_it(value: float, limit: float) -> None:
    read = float(shown(value, "Gy", (limit,)).replace("−", "-", 1))
    assert (read > limit, read < limit) == (value > limit, value < limit)


@given(_NUMBERS)
def test_shown__of_the_next_number_is_not_the_threshold(limit: float) -> None:
    above = math.nextafter(limit, math.inf)
    assert float(shown(above, "Gy", (None, limit)).replace("−", "-", 1)) > limit


def test_shown__has_two_decimals_or_as_many_as_it_takes() -> None:
    assert shown(20.004, "Gy") == "20.00"
    assert shown(20.004, "Gy", (20.0, 25.0)) == "20.004"
    assert shown(20.0, "Gy", (20.0,)) == "20.00"
    assert shown(-0.001, "Gy") == "0.00"
    assert shown(-0.001, "Gy", (0.0,)) == "−0.001"
    assert shown(25.0000001, "Gy", (25.0,)) == "25.0000001"
    assert shown(0.8125, "") == "0.812"  # an index has no unit and takes three


def test_numbers__read_as_people_write_them() -> None:
    assert shown(None, "Gy") == plain(None) == threshold("<=", None) == signed(None, "Gy") == "–"
    assert (plain(50.4), plain(28.0), threshold(">=", 95.0)) == ("50.4", "28", "≥ 95")
    assert threshold("<=", 19.0, "Gy") == "≤ 19 Gy"
    assert (signed(4.8, "Gy"), signed(-0.2, "Gy"), signed(0.0, "Gy")) == ("+4.80", "−0.20", "0.00")
    assert (spread(0.034, "Gy"), spread(0.0001, "Gy"), spread(None, "Gy")) == ("± 0.03", "± <0.01", "")
    assert (file_size(5), file_size(2_500_000), file_size(15_000)) == ("5 B", "2.5 MB", "15 kB")
